import {
  id,
  mediaType,
  numeral,
  object,
  oneOf,
  optional,
  parseId,
  printVerifierKey,
  type TenantId,
  type WorkloadKind,
  workloadKinds,
} from '@ambit/protocol';
import { type Ground, type PersonCaller, type Route, refuse, route, type StoredEntry } from '../foundation/index.ts';
import type { Checkpoints } from './checkpoint.ts';
import { decisionStats, statsBy } from './decision-stats.ts';
import { exportLog } from './export.ts';
import { proveConsistency, proveInclusion, requireEntry } from './prove.ts';
import { receiptOf } from './receipt.ts';
import { entriesOfRun, newestOfKind, readDetail, runEntriesMax } from './store.ts';
import { type TracedEntry, traceRun } from './trace.ts';

const size = numeral({ min: 0, max: Number.MAX_SAFE_INTEGER });
const dayMilliseconds = 86_400_000;
const yesOrNo = optional(oneOf('yes', 'no'));

/** Names of persons and agents by id, for stories that people read: handed in, since identity lies to the right. */
export type NamesOf = (tenant: TenantId, ids: readonly string[]) => Promise<Readonly<Record<string, string>>>;

/** `plane` is the tenant of the plane's own rows. */
export function auditRoutes(
  ground: Ground,
  checkpoints: Checkpoints,
  plane: TenantId,
  namesOf: NamesOf,
): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/runs',
      who: 'person',
      query: object({
        before: optional(size),
        limit: optional(numeral({ min: 1, max: 200 })),
        kind: optional(oneOf(...workloadKinds)),
      }),
      says: 'Lists runs, newest first: those the caller asked for, and all of them for a reviewer or an auditor. `before` goes on from `next`; `kind` leaves out the runs of other workloads.',
      run: async ({ caller, query }) => ({ status: 200, body: await runsFor(ground, caller, query) }),
    }),
    route({
      method: 'GET',
      path: '/v1/runs/:task',
      who: 'person',
      says: 'Tells one run as a story: tasks inside one another, what was asked, decided and done, the agent’s claims quoted.',
      run: async ({ caller, params }) => ({ status: 200, body: await runFor(ground, caller, params.task, namesOf) }),
    }),
    route({
      method: 'GET',
      path: '/v1/log/checkpoint',
      who: 'person',
      says: 'Answers a signed checkpoint over the whole log (C2SP tlog-checkpoint) and the key that verifies it.',
      run: async () => {
        const { note, size: entries, at } = await checkpoints.covering((await ground.database.log.head()).size);
        return {
          status: 200,
          body: { checkpoint: note, size: entries, at, key: printVerifierKey(checkpoints.key.verifier) },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/log/entries/:id',
      who: 'person',
      says: 'Shows one entry with its detail and its receipt, to an auditor or to the person it was done for.',
      run: async ({ caller, params }) => {
        const entry = await entryFor(ground, caller, params.id);
        const receipt = await receiptOf(ground, checkpoints, caller.tenant, entry.header.id);
        return { status: 200, body: { header: entry.header, detail: readDetail(ground.database.log, entry), receipt } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/log/proof/inclusion',
      who: 'person',
      query: object({ entry: id('entry'), size }),
      says: 'Proves that an entry is among the first `size` (RFC 6962 §2.1.1).',
      run: async ({ caller, query }) => {
        const { header } = await entryFor(ground, caller, query.entry);
        return { status: 200, body: await proveInclusion(ground, caller.tenant, header.id, query.size) };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/log/proof/consistency',
      who: 'person',
      query: object({ older: size, newer: size }),
      says: 'Proves that the first `older` entries are the beginning of the first `newer` (RFC 6962 §2.1.2).',
      run: async ({ query }) => ({ status: 200, body: await proveConsistency(ground, query.older, query.newer) }),
    }),
    route({
      method: 'GET',
      path: '/v1/log/stats',
      who: 'reviewer',
      query: object({ by: optional(oneOf(...statsBy)), since: optional(size), until: optional(size) }),
      says: 'Counts how calls were decided between two times (epoch milliseconds; the last day unless given), by kind of caller, agent or action.',
      run: async ({ caller, query }) => {
        const { by = 'kind', until = ground.clock() + 1 } = query;
        const since = query.since ?? Math.max(0, until - dayMilliseconds);
        return { status: 200, body: await decisionStats(ground, caller.tenant, { by, since, until }) };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/log/export',
      who: 'auditor',
      query: object({ details: yesOrNo, rows: yesOrNo }),
      says: 'Exports the log as JSON lines that anyone can verify offline: own entries whole, of others only hashes.',
      run: async ({ caller, query }) => {
        const options = { details: query.details === 'yes', rows: query.rows === 'yes' };
        const content = await exportLog(ground, checkpoints, caller, plane, options);
        return { status: 200, text: { type: mediaType.jsonLines, content } };
      },
    }),
  ];
}

const isAuditor = (caller: PersonCaller) => caller.roles.includes('auditor');

/** What was done for others looks like what does not exist. */
const mayRead = (caller: PersonCaller, { header }: StoredEntry) =>
  isAuditor(caller) || header.who.requester === caller.person;

/** Whoever reviews what agents may do sees what they did with it, run by run; single entries with their proofs are the auditor’s. */
const mayReadRun = (caller: PersonCaller, entry: StoredEntry) => mayReadAllRuns(caller) || mayRead(caller, entry);

export const mayReadAllRuns = ({ roles }: Pick<PersonCaller, 'roles'>): boolean =>
  roles.includes('reviewer') || roles.includes('auditor');

async function entryFor(ground: Ground, caller: PersonCaller, text: string | undefined): Promise<StoredEntry> {
  const wanted = parseId('entry', text);
  if (wanted === undefined) throw refuse('thing.not_found', 'the id is not that of an entry');
  const entry = await requireEntry(ground, caller.tenant, wanted);
  if (!mayRead(caller, entry)) throw refuse('thing.not_found', `${caller.person} may not read entry ${wanted}`);
  return entry;
}

async function runsFor(
  ground: Ground,
  caller: PersonCaller,
  ask: { readonly before?: number; readonly limit?: number; readonly kind?: WorkloadKind },
) {
  const limit = ask.limit ?? 50;
  const before = ask.before === undefined ? {} : { before: ask.before };
  const page = await newestOfKind(ground, caller.tenant, 'task.opened', { limit, ...before });
  const runs = page
    .filter((one) => mayReadRun(caller, one))
    .filter(({ header: { who } }) => ask.kind === undefined || ask.kind === (who.kind ?? 'agent'))
    .map(({ index, header }) => {
      const { requester, agent } = header.who;
      return { run: header.run, at: header.at, requester, agent, kind: header.who.kind ?? 'agent', index };
    });
  return { runs, next: page.length < limit ? null : (page.at(-1)?.index ?? null) };
}

async function runFor(ground: Ground, caller: PersonCaller, text: string | undefined, namesOf: NamesOf) {
  const run = parseId('task', text);
  if (run === undefined) throw refuse('thing.not_found', 'the id is not that of a task');
  const stored = await entriesOfRun(ground, caller.tenant, run);
  const first = stored[0];
  if (first === undefined || !mayReadRun(caller, first))
    throw refuse('thing.not_found', `no run ${run} for ${caller.person}`);
  const story = traceRun(
    run,
    stored.map((one) => traced(ground, one)),
  );
  const names = await namesOf(caller.tenant, idsIn(stored));
  return { ...story, names, isCut: stored.length === runEntriesMax };
}

/** Everybody whom the entries name. */
function idsIn(stored: readonly StoredEntry[]): string[] {
  const named = stored.flatMap(({ header: { who } }) => [who.requester, who.agent, who.initiator]);
  return [...new Set(named.filter((id) => id !== null))];
}

function traced(ground: Ground, { index, header, ...rest }: StoredEntry): TracedEntry {
  const read = readDetail(ground.database.log, { index, header, ...rest });
  return { index, header, detail: typeof read === 'string' ? null : (read.detail as TracedEntry['detail']) };
}
