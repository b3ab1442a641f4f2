import type { Authority, TenantId } from '@ambit/protocol';
import { meet } from '../authority/index.ts';
import { findApiThatTakesTokens } from '../catalog/index.ts';
import { type Ground, refuse } from '../foundation/index.ts';
import { findAgent, findPerson, liveStandingGrants } from '../identity/index.ts';
import type { Chain } from '../tasks/index.ts';

/** An API that verifies tokens itself, and what the holder may do there without asking the plane. */
export type Resource = { readonly url: string; readonly authority: Authority };

// Servers take heads of 16 KiB (Node) or less, and a token is a third longer than what it says.
const charactersMax = 4000;

/**
 * What a token of that task may say at the API (RFC 8707 §2, RFC 9396 §9.1): only what every link of the chain covers,
 * and every bound beside it, as they are now. Limits and asks come along: who verifies offline cannot count or ask, and
 * so refuses what has any. Refuses with `grant.target` where no API at `url` takes tokens, or nothing is left.
 */
export async function resourceFor(ground: Ground, tenant: TenantId, url: string, chain: Chain): Promise<Resource> {
  const api = await findApiThatTakesTokens(ground, tenant, url);
  if (api === undefined) throw refuse('grant.target', `no API at ${url.slice(0, 200)} takes tokens`);
  const all = [...chain.map((link) => link.authority), ...(await boundsOf(ground, tenant, chain))];
  const authority = all.map((one) => partFor(one, api.name)).reduce(meet);
  if (JSON.stringify(authority).length > charactersMax) {
    const says = `What the task may do at ${api.name} does not fit into a token; delegate a smaller part, or go through the gateway.`;
    throw refuse('grant.target', `the authority of ${chain[0].id} at ${api.name} is too long`, says);
  }
  if (authority.length > 0) return { url, authority };
  const says = `The task may do nothing at ${api.name} (${url}); ask for an elevation, or name another resource.`;
  throw refuse('grant.target', `task ${chain[0].id} covers nothing of ${api.name}`, says);
}

function partFor(authority: Authority, api: string): Authority {
  return authority.flatMap((grant) => {
    const actions = grant.actions.filter((action) => action.startsWith(`${api}:`));
    return actions.length === 0 ? [] : [{ ...grant, actions }];
  });
}

/** What else must cover a call, as at the gateway: every agent's ceiling, and where the authority came from. */
async function boundsOf(ground: Ground, tenant: TenantId, chain: Chain): Promise<readonly Authority[]> {
  const ids = [...new Set(chain.map((link) => link.agent))];
  const agents = await Promise.all(ids.map((id) => findAgent(ground, tenant, id)));
  return [...agents.map((agent) => agent?.ceiling ?? []), ...(await beginningsOf(ground, tenant, chain))];
}

async function beginningsOf(ground: Ground, tenant: TenantId, chain: Chain): Promise<readonly Authority[]> {
  const root = chain.at(-1) ?? chain[0];
  const { origin } = root;
  const delegable = async (person: Parameters<typeof findPerson>[2] | null | undefined) =>
    person ? ((await findPerson(ground, tenant, person))?.delegable ?? []) : [];
  if (origin.by === 'person') return [await delegable(chain[0].requester)];
  // A chain whose top is itself a delegation has lost its beginning: nothing covers it.
  if (origin.by !== 'standing-grant') return [[]];
  const grant = (await liveStandingGrants(ground, tenant, root.agent)).find((one) => one.id === origin.grant);
  const owner = (await findAgent(ground, tenant, root.agent))?.owner;
  return [grant?.authority ?? [], await delegable(owner)];
}
