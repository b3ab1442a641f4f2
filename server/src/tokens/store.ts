import type { AgentId, TaskId, TenantId, TokenId } from '@ambit/protocol';
import {
  type Change,
  type Check,
  check,
  type Ground,
  insert,
  remove,
  type Table,
  table,
  update,
} from '../foundation/index.ts';
import { aged, listAgeLimits } from '../identity/index.ts';
import type { IssuedToken } from './token.ts';

// Not governed: a row here gives nothing without a signature, and every row is dropped soon after its token expired.
// That a token was issued, exchanged or revoked is an entry all the same.
const tokens: Table<IssuedToken> = table<IssuedToken>('issued_tokens', {
  columns: {
    id: 'text',
    agent: 'text',
    task: 'text',
    jkt: 'text',
    x5t: 'text',
    agentKey: 'text',
    parentToken: 'text',
    state: 'text',
    issuedAt: 'integer',
    expiresAt: 'integer',
    statusList: 'text',
    statusIndex: 'integer',
    resource: 'text',
    authorityHash: 'text',
  },
  key: ['id'],
  // A place belongs to one token for as long as there is a row of it, which is longer than the token lives.
  unique: [['statusList', 'statusIndex']],
  indexes: [['task', 'state'], ['agent', 'state'], ['parentToken'], ['expiresAt']],
  governed: false,
  added: ['statusList', 'statusIndex', 'resource', 'authorityHash'],
});

type Store = Pick<Ground, 'database'>;
const listMax = 10_000;

/** The token as it holds now: one that is too old has ended when it became so, whatever it says itself. */
export async function findToken(store: Store, tenant: TenantId, id: TokenId): Promise<IssuedToken | undefined> {
  const row = await store.database.find(tokens, tenant, { id });
  return row && aged(row, await listAgeLimits(store, tenant), 'token', row.issuedAt);
}

const newest = ['expiresAt', 'desc'] as const;
const notExpired = (now: number) => (token: IssuedToken) => now < token.expiresAt;

/** So that a question has an end, however many tasks it is about. */
const askedAtOnceMax = 200;

/** Tokens of these tasks that were neither revoked nor have expired. */
export async function liveTokensOfTasks({ database, clock }: Ground, tenant: TenantId, tasks: readonly TaskId[]) {
  const found: IssuedToken[] = [];
  const notExpiredYet = { order: ['expiresAt', 'asc'], after: clock(), limit: listMax } as const;
  for (let i = 0; i < tasks.length; i += askedAtOnceMax) {
    const where = { task: tasks.slice(i, i + askedAtOnceMax), state: 'live' } as const;
    found.push(...(await database.list(tokens, tenant, { where, ...notExpiredYet })));
  }
  return found;
}

/** Tokens of the agent that are for no task, neither revoked nor expired. */
export async function liveTokensOfAgent({ database, clock }: Ground, tenant: TenantId, agent: AgentId) {
  const where = { agent, task: null, state: 'live' } as const;
  const rows = await database.list(tokens, tenant, { where, order: newest, limit: listMax });
  return rows.filter(notExpired(clock()));
}

/** Tokens that came from this one by exchange. */
export const tokensFrom = ({ database }: Store, tenant: TenantId, parentToken: TokenId) =>
  database.list(tokens, tenant, { where: { parentToken, state: 'live' }, order: newest, limit: listMax });

/** Tokens with a place in that list, by their places: those behind `after`. */
export const tokensInList = ({ database }: Store, tenant: TenantId, statusList: string, after: number, limit: number) =>
  database.list(tokens, tenant, { where: { statusList }, order: ['statusIndex', 'asc'], after, limit });

/** Oldest first. */
export const listTokens = ({ database }: Store, tenant: TenantId, limit: number) =>
  database.list(tokens, tenant, { order: ['expiresAt', 'asc'], limit });

export const addToken = (token: IssuedToken): Change => insert(tokens, token, 'token.no_place');
export const dropToken = ({ id }: IssuedToken): Change => remove(tokens, { id });

/** The token was not revoked since it was read. */
export const tokenStands = ({ id }: IssuedToken): Check => check(tokens, { id }, { state: 'live' }, 'token.revoked');

export const revokeTokenRow = ({ id }: IssuedToken): Change => update(tokens, { id }, { state: 'revoked' });
