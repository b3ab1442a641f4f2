import { type KeyObject, sign } from 'node:crypto';
import { tagHeader } from '@ambit/protocol';
import type { Header } from '../foundation/index.ts';
import type { Admitted } from './admit.ts';

/** Signs tags so that an upstream can check them against the plane's published keys. */
export type TagSigner = {
  readonly issuer: string;
  readonly key: () => { readonly kid: string; readonly key: KeyObject };
};

const tagSeconds = 60;

/**
 * Who calls, for upstreams that want to know: a JWT (`typ` `ambit-tags+jwt`, ES256) with agent, task, purpose, owner and
 * environment, for that upstream and for a minute. It says who, and opens nothing.
 */
export function signedTags(signer: TagSigner, { call, permit, entry }: Admitted, now: number): Header[] {
  if (!call.api.wantsTags) return [];
  const [task] = permit.facts.chain;
  const [agent] = permit.facts.agents;
  const seconds = Math.floor(now / 1000);
  const { kid, key } = signer.key();
  const signed = [
    { alg: 'ES256', typ: 'ambit-tags+jwt', kid },
    {
      iss: signer.issuer,
      aud: call.origin,
      iat: seconds,
      exp: seconds + tagSeconds,
      jti: entry,
      agent: task.agent,
      task: task.id,
      purpose: task.purposeType,
      owner: agent?.owner ?? null,
      environment: agent?.environment ?? null,
    },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return [[tagHeader.tags, `${signed}.${signature.toString('base64url')}`]];
}
