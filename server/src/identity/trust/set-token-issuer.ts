import type { EntryId, TokenIssuerId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../../foundation/index.ts';
import { agentResource, record } from '../record.ts';
import { revokeNames } from './revoke-names.ts';
import {
  addTokenIssuer,
  changeTokenIssuer,
  dropTokenIssuer,
  findTokenIssuer,
  findTokenIssuerByName,
  listTokenIssuers,
  tokenIssuersMax,
} from './store.ts';
import type { TokenIssuer } from './token-issuer.ts';
import { workloadMethod } from './workload-rule.ts';

export type NewTokenIssuer = Pick<TokenIssuer, 'issuer' | 'jwksUrl' | 'lifeSecondsMax'> & {
  /** As before, unless said; not at first. */
  readonly singleUse?: boolean | undefined;
};

/** Lets rules of agents name an issuer, or changes where its keys are and how long its tokens may live. */
export function setTokenIssuer(
  ground: Ground,
  by: PersonCaller,
  wanted: NewTokenIssuer,
): Promise<{ issuer: TokenIssuer; entry: EntryId }> {
  return span('identity/set-token-issuer', async () => {
    for (const url of [wanted.issuer, wanted.jwksUrl]) requireHttps(url);
    const known = await findTokenIssuerByName(ground, by.tenant, wanted.issuer);
    if (known === undefined && (await listTokenIssuers(ground, by.tenant)).length >= tokenIssuersMax) {
      const says = `Remove one first: a tenant has at most ${tokenIssuersMax}.`;
      throw refuse('state.changed', 'too many token issuers', says);
    }
    const id = known?.id ?? ground.newId('tokenIssuer');
    const singleUse = wanted.singleUse ?? known?.singleUse ?? false;
    const issuer: TokenIssuer = { id, ...wanted, singleUse, setBy: by.person, setAt: ground.clock() };
    const entry = await record(ground, by, {
      kind: 'identity.token-issuer-set',
      keys: [tokenIssuerResource(id)],
      changes: [known === undefined ? addTokenIssuer(issuer) : changeTokenIssuer(known, issuer)],
      detail: { issuer },
    });
    return { issuer, entry };
  });
}

/** Ends the word of an issuer, and every rule of an agent that stands on it. */
export function removeTokenIssuer(
  ground: Ground,
  by: PersonCaller,
  id: TokenIssuerId,
): Promise<{ revoked: number; entry: EntryId }> {
  return span('identity/remove-token-issuer', async () => {
    const known = await findTokenIssuer(ground, by.tenant, id);
    if (known === undefined) throw refuse('thing.not_found', `no token issuer ${id}`);
    const { issuer } = known;
    const { identities, agents, changes } = await revokeNames(ground, by, { method: workloadMethod, issuer });
    const entry = await record(ground, by, {
      kind: 'identity.token-issuer-removed',
      keys: [tokenIssuerResource(id), ...agents.map(agentResource)],
      changes: [dropTokenIssuer(known), ...changes],
      detail: { issuer: known, revoked: identities.map(({ id, agent, subject }) => ({ id, agent, subject })) },
    });
    return { revoked: identities.length, entry };
  });
}

const tokenIssuerResource = (id: string): string => `ambit:token-issuer/${id}`;

function requireHttps(url: string | null): void {
  if (url === null) return;
  const read = URL.canParse(url) ? new URL(url) : undefined;
  const isPlain = read !== undefined && read.username === '' && read.password === '' && !/[?#]/.test(url);
  if (read?.protocol === 'https:' && isPlain) return;
  const says = 'An issuer and the address of its keys are https addresses without a user, a query or a fragment.';
  throw refuse('token_issuer.refused', `${url} is not such an address`, says);
}
