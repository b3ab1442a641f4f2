import { object, text } from '@ambit/protocol';
import { type Ground, type Route, refuse, route } from '../../foundation/index.ts';
import type { Issuer } from '../issuer.ts';
import { issueJwtSvid, issueX509Svid } from './issue-svid.ts';

export const bundlePath = '/.well-known/spiffe/bundle';

/** SVIDs of this plane's own trust domain: agents fetch theirs, everybody the bundle that verifies them. */
export function svidRoutes(ground: Ground, issuer: Issuer): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/agent/svids/jwt',
      who: 'agent',
      body: object({ audience: text({ max: 500 }) }),
      says: 'Issues the calling agent a JWT-SVID of this plane’s trust domain, for one audience.',
      run: async ({ caller, body }) => ({
        status: 201,
        headers: noStore,
        body: await issueJwtSvid(ground, issuer, caller, body.audience),
      }),
    }),
    route({
      method: 'POST',
      path: '/v1/agent/svids/x509',
      who: 'agent',
      body: object({ request: text({ max: 16_384 }) }),
      says: 'Issues the calling agent an X.509-SVID over the key of its certificate request (PKCS #10, PEM).',
      run: async ({ caller, body }) => ({
        status: 201,
        headers: noStore,
        body: await issueX509Svid(ground, issuer, caller, body.request),
      }),
    }),
    route({
      method: 'GET',
      path: bundlePath,
      who: 'public',
      says: 'The bundle of this plane’s trust domain (SPIFFE Federation, https_web).',
      run: async () => {
        if (issuer.svids === null) throw refuse('thing.not_found', 'this plane has no keys for SVIDs');
        const { bundle } = await issuer.svids.authority();
        return { status: 200, headers: { 'cache-control': 'public, max-age=60' }, body: bundle };
      },
    }),
  ];
}

// RFC 6749 §5.1: no credential is kept by a cache on its way.
const noStore = { 'cache-control': 'no-store' };
