import { parseId, type TenantId } from '@ambit/protocol';
import { type Ground, type PointCaller, planeItself, type RawRequest, refuse, span } from '../foundation/index.ts';
import { checkAssertion, readAssertion } from './assertion.ts';
import { bearerHash, tenantOfBearer } from './bearer.ts';
import type { EnforcementPoint } from './enforcement-point.ts';
import { openKey } from './key.ts';
import { onlyHeader } from './proof.ts';
import { spendAssertion } from './spend-proof.ts';
import { findEnforcementPoint, findEnforcementPointBySecret, tenantOfSubject } from './store.ts';

const lifeSecondsMax = 60;

/** An enforcement point that proved itself, with its row. */
export type AuthenticatedPoint = PointCaller & { readonly row: EnforcementPoint };

/**
 * Proves a registered enforcement point: by a one-time assertion of its key, or by its secret, where it is a proxy that
 * can only send a header. Where a request comes from counts for nothing.
 */
export function authenticateEnforcementPoint(
  ground: Ground,
  issuer: string,
  request: RawRequest,
): Promise<AuthenticatedPoint> {
  return span('identity/authenticate-enforcement-point', async (): Promise<AuthenticatedPoint> => {
    const credential = /^Bearer ([A-Za-z0-9._~-]{1,8192})$/i.exec(
      onlyHeader(request.rawHeaders, 'authorization') ?? '',
    )?.[1];
    if (credential === undefined) throw refuse('enforcement_point.unauthenticated', 'no bearer credential came');
    const tenant = tenantOfBearer(credential);
    const known =
      tenant === undefined ? await byAssertion(ground, issuer, credential) : await bySecret(ground, tenant, credential);
    if (known.row.state !== 'active')
      throw refuse('enforcement_point.unauthenticated', `${known.row.id} is ${known.row.state}`);
    const who = { ...planeItself, initiator: known.row.id, channel: known.row.kind, proof: known.proof };
    const { row } = known;
    const may = { domain: row.domain, maySearch: row.maySearch === true };
    return { kind: 'enforcement-point', tenant: known.tenant, point: row.id, who, ...may, row };
  });
}

type Known = { readonly tenant: TenantId; readonly row: EnforcementPoint; readonly proof: string };

async function bySecret(ground: Ground, tenant: TenantId, secret: string): Promise<Known> {
  const row = await findEnforcementPointBySecret(ground, tenant, bearerHash(secret));
  if (row === undefined) throw refuse('enforcement_point.unauthenticated', 'no enforcement point has that secret');
  return { tenant, row, proof: 'secret' };
}

async function byAssertion(ground: Ground, issuer: string, text: string): Promise<Known> {
  const claimed = readAssertion(text);
  const id = parseId('enforcementPoint', claimed.subject);
  const tenant = id && (await tenantOfSubject(ground, id));
  const row = id && tenant && (await findEnforcementPoint(ground, tenant, id));
  const key = row?.jwk ? openKey(row.jwk) : undefined;
  if (!tenant || !row || key?.thumbprint !== claimed.kid) {
    throw refuse('enforcement_point.unauthenticated', `no enforcement point ${claimed.subject} with that key`);
  }
  const asserted = checkAssertion(claimed, key, { issuer, now: ground.clock(), lifeSecondsMax });
  await ground.database.commit({ tenant, changes: [spendAssertion(row.id, asserted)], entries: [] });
  return { tenant, row, proof: 'assertion' };
}
