import { setImmediate as othersFirst } from 'node:timers/promises';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { claim, jwtType, statusMember, type TenantId, type TokenId } from '@ambit/protocol';
import { type Ground, Refusal, refuse, span } from '../foundation/index.ts';
import { createRecent, listAgeLimits, tooOldAt } from '../identity/index.ts';
import type { Chain } from '../tasks/index.ts';
import { requireStanding, type Standing } from './alive.ts';
import { digestOf } from './issue.ts';
import type { Issuer } from './issuer.ts';
import { resourceFor } from './resource.ts';
import { signJwt } from './sign-jwt.ts';
import { isPublished, placesMax, statusListUri } from './status-list.ts';
import { findToken, tokensInList } from './store.ts';
import type { IssuedToken } from './token.ts';

/** A signed list, and how many seconds it may still be kept on its way. */
export type PublishedList = { readonly text: string; readonly maxAgeSeconds: number };

/** A list that was asked for twice within a second is read once. */
const keptMs = 1000;
const keptMax = 256;
const rowsAtOnce = 1000;
const compress = promisify(deflate);

type Made = { readonly at: number; readonly text: Promise<string>; state: 'reading' | 'read' | 'failed' };

/**
 * Publishes status lists. INVARIANT (ends together): a list is read from the rows when it is asked for, by the same
 * rules as a token that is shown here, so nobody has to be told to change one. `statusSeconds` of the issuer hold for
 * all that lies between: a list is at most a second old, and its `ttl` is the rest.
 * Refuses with `thing.not_found` where no token of such a list can live.
 */
export function statusPublisher(ground: Ground, issuer: Issuer) {
  const kept = createRecent<Made>(keptMax);
  const isFresh = (made: Made) => made.state !== 'failed' && ground.clock() - made.at < keptMs;

  async function made(tenant: TenantId, list: string): Promise<Made> {
    const name = `${tenant} ${list}`;
    for (let known = kept.get(name); known !== undefined; known = kept.get(name)) {
      if (isFresh(known)) return known;
      if (known.state !== 'reading') break;
      // One at a time, however slow: whoever asked later gets what was begun later.
      await known.text;
    }
    const at = ground.clock();
    const making: Made = { at, text: makeList(ground, issuer, tenant, list, at), state: 'reading' };
    kept.put(name, making);
    const end = (state: Made['state']) => () => {
      making.state = state;
    };
    making.text.then(end('read'), end('failed'));
    return making;
  }

  return (tenant: TenantId, list: string): Promise<PublishedList> =>
    span('tokens/publish-status', async () => {
      if (!isPublished(list, ground.clock())) throw refuse('thing.not_found', `no status list ${list} is published`);
      const { at, text } = await made(tenant, list);
      const published = await text;
      const ageSeconds = Math.ceil((ground.clock() - at) / 1000);
      return { text: published, maxAgeSeconds: Math.max(0, ttlSeconds(issuer) - ageSeconds) };
    });
}

const ttlSeconds = ({ statusSeconds }: Issuer): number => statusSeconds - keptMs / 1000;
/** So long may a list be used by who cannot fetch another: then everything is refused. */
const lifeSeconds = ({ statusSeconds }: Issuer): number => statusSeconds * 6;

async function makeList(ground: Ground, issuer: Issuer, tenant: TenantId, list: string, at: number): Promise<string> {
  const statuses = await compress(await readStatuses(ground, tenant, list), { level: 9 });
  const issuedAt = Math.floor(at / 1000);
  return signJwt(issuer.keys(), jwtType.statusList, {
    [claim.issuer]: issuer.url,
    [claim.subject]: statusListUri(issuer, tenant, list),
    [claim.issuedAt]: issuedAt,
    [claim.expires]: issuedAt + lifeSeconds(issuer),
    [statusMember.timeToLive]: ttlSeconds(issuer),
    [statusMember.list]: { [statusMember.bits]: 1, [statusMember.statuses]: statuses.toString('base64url') },
  });
}

/** One bit a place, set where a token that has not expired does not stand any more. */
async function readStatuses(ground: Ground, tenant: TenantId, list: string): Promise<Buffer> {
  const bits = Buffer.alloc(placesMax / 8);
  const stands = standing(ground, tenant);
  const ages = await listAgeLimits(ground, tenant);
  const isYoung = ({ issuedAt }: IssuedToken) => ground.clock() < tooOldAt(ages, 'token', issuedAt);
  for (let after = -1; ; ) {
    const rows = await tokensInList(ground, tenant, list, after, rowsAtOnce);
    for (const token of rows) {
      const { statusIndex } = token;
      if (statusIndex === null || ground.clock() >= token.expiresAt || (isYoung(token) && (await stands(token))))
        continue;
      bits[statusIndex >> 3] = (bits[statusIndex >> 3] ?? 0) | (1 << (statusIndex & 7));
    }
    after = rows.at(-1)?.statusIndex ?? after;
    if (rows.length < rowsAtOnce) return bits;
    await othersFirst();
  }
}

/** Whether tokens stand. Many of them stand on the same task, agent and key, which are looked at once. */
function standing(ground: Ground, tenant: TenantId): (token: IssuedToken) => Promise<boolean> {
  const holders = new Map<string, Promise<Standing | null>>();
  const givenNow = new Map<string, Promise<string | null>>();
  const parents = new Map<TokenId, Promise<boolean>>();
  const holderStands = (token: IssuedToken): Promise<Standing | null> => {
    const name = `${token.agent} ${token.agentKey} ${token.task}`;
    const known = holders.get(name) ?? standingOf(ground, tenant, token);
    holders.set(name, known);
    return known;
  };
  const lineStands = (id: TokenId | null): Promise<boolean> => {
    if (id === null) return Promise.resolve(true);
    const known = parents.get(id) ?? parentStands(id);
    parents.set(id, known);
    return known;
  };
  const parentStands = async (id: TokenId): Promise<boolean> => {
    const token = await findToken(ground, tenant, id);
    return token?.state === 'live' && lineStands(token.parentToken);
  };
  /** A token for an API that verifies it itself stands while it says there what one that is issued now would say. */
  const saysWhatIsGiven = async ({ task, resource, authorityHash }: IssuedToken, { chain }: Standing) => {
    if (resource === null || chain === null) return true;
    const name = JSON.stringify([task, resource]);
    const known = givenNow.get(name) ?? digestGiven(ground, tenant, resource, chain);
    givenNow.set(name, known);
    return (await known) === authorityHash;
  };
  return async (token) => {
    if (token.state !== 'live' || !(await lineStands(token.parentToken))) return false;
    const stands = await holderStands(token);
    return stands !== null && saysWhatIsGiven(token, stands);
  };
}

const standingOf = (ground: Ground, tenant: TenantId, token: IssuedToken): Promise<Standing | null> =>
  orNull(() => requireStanding(ground, tenant, token));

/** What was narrowed since it was issued, a task, a ceiling, what a person may delegate or a standing grant, is another digest. */
const digestGiven = (ground: Ground, tenant: TenantId, url: string, chain: Chain): Promise<string | null> =>
  orNull(async () => digestOf((await resourceFor(ground, tenant, url, chain)).authority));

async function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
