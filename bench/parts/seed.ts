/**
 * Fills a store that nobody holds open. Agents and tasks go in by the store's own writer, each with its entry; entries
 * in bulk, straight into the log and its tree, without details, as retention leaves them. Such a store verifies.
 */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { canonicalJson, type EntryHeader, edgeOf, leafHash, type TenantId } from '@ambit/protocol';
import type { PrivateJwk } from '@ambit/sdk';
import Sqlite from 'better-sqlite3';
import type { Config } from '../../server/src/config.ts';
import { createEdge, sha256 } from '../../server/src/foundation/database/edge.ts';
import { openNames } from '../../server/src/foundation/database/sqlite-names.ts';
import { treeReader } from '../../server/src/foundation/database/sqlite-rows.ts';
import {
  entry,
  type Ground,
  insert,
  loadKeys,
  openSqlite,
  planeItself,
  randomId,
  systemClock,
} from '../../server/src/foundation/index.ts';
import type { Agent, AgentKey } from '../../server/src/identity/index.ts';
import { addAgent, addAgentInstance, addAgentKeyRow, addSubject, findAgent } from '../../server/src/identity/store.ts';
import { keySourceOf } from '../../server/src/opening.ts';
import { type Task, tasks } from '../../server/src/tasks/index.ts';
import type { IssuedToken } from '../../server/src/tokens/index.ts';
import { addToken } from '../../server/src/tokens/store.ts';
import { thumbprintOf } from './proofs.ts';
import type { Caller } from './stand.ts';

const waitingMax = 256;

/** As many more agents like the one that is there, each with a task of its own; answers the first `callers` of them. */
export async function seedAgents(config: Config, { count, callers, like }: Agents): Promise<Caller[]> {
  const ground = await openGround(config);
  try {
    const model = await modelOf(ground, like);
    const made: Caller[] = [];
    let next = 0;
    const work = async () => {
      while (next < count) {
        const one = await addOne(ground, model, next++);
        if (made.length < callers) made.push(one);
      }
    };
    await Promise.all(Array.from({ length: Math.min(waitingMax, count) }, work));
    return made;
  } finally {
    await ground.database.close();
  }
}

export type Agents = { readonly count: number; readonly callers: number; readonly like: Caller };

const tasksInOneUnit = 500;
/** How wide a tree is below its root: the others are handed on by these, in turn. */
const branches = 100;

/** So many tasks below the task of `under`, two deep, each with a token as an exchange would have made it. */
export async function seedTree(config: Config, { count, under }: Tree): Promise<void> {
  const ground = await openGround(config);
  try {
    const { tenant, task: top } = await modelOf(ground, under);
    const first = Array.from({ length: Math.min(branches, count) }, () => handedOn(ground, top));
    const others = Array.from({ length: count - first.length }, (_, i) => handedOn(ground, first[i % first.length]!));
    const all = [...first, ...others];
    for (let i = 0; i < all.length; i += tasksInOneUnit) {
      const some = all.slice(i, i + tasksInOneUnit);
      await ground.database.commit({
        tenant,
        changes: some.flatMap((task, j) => [insert(tasks, task), addToken(tokenOf(ground, task, i + j))]),
        entries: [entry({ id: ground.newId('entry'), kind: 'task.delegated', who: planeItself, run: top.root })],
      });
    }
  } finally {
    await ground.database.close();
  }
}

export type Tree = { readonly count: number; readonly under: Caller };

function handedOn(ground: Ground, from: Task): Task {
  const origin = { by: 'delegation', parent: from.id } as const;
  return { ...from, id: ground.newId('task'), parent: from.id, depth: from.depth + 1, origin };
}

const hourMs = 3_600_000;

function tokenOf(ground: Ground, task: Task, place: number): IssuedToken {
  const issuedAt = ground.clock();
  return {
    id: ground.newId('token'),
    agent: task.agent,
    task: task.id,
    jkt: task.acceptedJkt!,
    x5t: null,
    agentKey: task.acceptedKey!,
    parentToken: null,
    state: 'live',
    statusList: `of ${task.root}`,
    resource: null,
    authorityHash: null,
    statusIndex: place,
    issuedAt,
    expiresAt: issuedAt + hourMs,
  };
}

/** So many more entries. */
export function seedEntries(config: Config, { count, tenant }: Entries): void {
  const file = new Sqlite(join(config.dataDirectory, 'ambit.db'));
  try {
    // Out of the write-ahead log first: without one there is nothing to write twice, and nobody else reads.
    file.pragma('journal_mode = DELETE');
    file.pragma('journal_mode = OFF');
    file.pragma('locking_mode = EXCLUSIVE');
    file.pragma('synchronous = OFF');
    file.pragma('cache_size = -2000000');
    appendMany(file, tenant, count);
    file.pragma('locking_mode = NORMAL');
    file.pragma('journal_mode = WAL');
  } finally {
    file.close();
  }
}

export type Entries = { readonly count: number; readonly tenant: TenantId };

export async function openGround(config: Config): Promise<Ground> {
  const detailKey = loadKeys(keySourceOf(config)).derive('log-detail');
  const database = await openSqlite({ directory: config.dataDirectory, detailKey, clock: systemClock });
  return { database, clock: systemClock, newId: randomId };
}

export type Model = { readonly tenant: TenantId; readonly agent: Agent; readonly task: Task };

export async function modelOf(ground: Ground, { tenant, agent, task }: Caller): Promise<Model> {
  const [row, opened] = [
    await findAgent(ground, tenant, agent),
    await ground.database.find(tasks, tenant, { id: task }),
  ];
  if (row === undefined || opened === undefined) throw new Error('there is no agent to be like');
  return { tenant, agent: row, task: opened };
}

async function addOne(ground: Ground, model: Model, i: number): Promise<Caller> {
  const { tenant } = model;
  const [key, proofKey] = [newPair(), newPair()];
  const now = ground.clock();
  const agent: Agent = { ...model.agent, id: ground.newId('agent'), name: `seeded-${i}` };
  const { d: _secret, ...jwk } = key;
  const row: AgentKey = {
    id: ground.newId('key'),
    agent: agent.id,
    jwk,
    thumbprint: thumbprintOf(key),
    notBefore: now,
    notAfter: agent.expiresAt,
    state: 'active',
    addedBy: agent.owner,
    addedAt: now,
    successor: null,
    enrolledBy: null,
  };
  const id = ground.newId('task');
  const jkt = thumbprintOf(proofKey);
  const task: Task = { ...model.task, id, root: id, agent: agent.id, acceptedJkt: jkt, acceptedKey: row.thumbprint };
  await ground.database.commit({
    tenant,
    changes: [
      addSubject(agent.id, tenant),
      addAgent(agent),
      addAgentKeyRow(row),
      addAgentInstance({
        agent: agent.id,
        jkt,
        firstSeenAt: now,
        lastSeenAt: now,
        agentKey: row.thumbprint,
        sharedAt: null,
      }),
      insert(tasks, task),
    ],
    entries: [
      entry({
        id: ground.newId('entry'),
        kind: 'identity.agent-registered',
        who: { ...planeItself, initiator: agent.owner },
        keys: [agent.id],
        detail: { agent, task },
      }),
    ],
  });
  return { tenant, agent: agent.id, key, proofKey, task: id };
}

function newPair(): PrivateJwk {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y, d } = privateKey.export({ format: 'jwk' });
  return { kty: 'EC', crv: 'P-256', x: x!, y: y!, d: d! };
}

const perTransaction = 10_000;

/** Entries of calls that were decided, as the gateway writes them, spread over runs of a hundred entries each. */
function appendMany(file: Sqlite.Database, tenant: TenantId, count: number): void {
  const { size } = file.prepare('SELECT COALESCE(MAX(idx) + 1, 0) AS size FROM entries').get() as { size: number };
  const read = treeReader(file);
  const edge = createEdge(
    size,
    edgeOf(size).map(({ level, index }) => read(level, index)),
  );
  const row = file.prepare(
    'INSERT INTO entries (idx, tenant, id, at, kind, task, run, header, leaf, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)',
  );
  const node = file.prepare('INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)');
  const from = systemClock() - count;
  let run = randomId('task');
  const some = file.transaction((first: number, until: number) => {
    for (let i = first; i < until; i++) {
      if (i % 100 === 0) run = randomId('task');
      const header = headerOf(tenant, from + i, run);
      const text = canonicalJson(header);
      const leaf = leafHash(Buffer.from(text), sha256);
      const { index, completed } = edge.append(leaf);
      row.run(index, tenant, header.id, header.at, header.kind, run, run, text, leaf);
      for (const one of completed) node.run(one.level, one.index, one.hash);
    }
  });
  for (let first = 0; first < count; first += perTransaction) some(first, Math.min(count, first + perTransaction));
  openNames(file, edge.size());
}

function headerOf(tenant: TenantId, at: number, run: EntryHeader['run']): EntryHeader {
  return {
    v: 1,
    ...entryWithoutDetail(run),
    at,
    tenant,
    changes: [],
    detailHash: `sha-256:${createHash('sha256').update(`${at}`).digest('base64url')}`,
  };
}

function entryWithoutDetail(run: EntryHeader['run']) {
  const who = { ...planeItself, initiator: 'seeded', channel: 'gateway', proof: 'dpop' };
  const { detail: _none, ...draft } = entry({
    id: randomId('entry'),
    kind: 'call.decided',
    who,
    task: run,
    run,
    action: 'shop:orders.get',
    decision: 'permit',
    keys: ['shop:order/1042'],
  });
  return draft;
}
