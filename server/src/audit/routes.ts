import {
  type ApprovalId,
  type EntryHeader,
  type EntryId,
  id,
  mediaType,
  numeral,
  object,
  oneOf,
  optional,
  type Part,
  type PersonId,
  parseId,
  printVerifierKey,
  type TaskId,
  type TenantId,
  text,
  type WorkloadKind,
  workloadKinds,
} from '@ambit/protocol';
import { type Ground, type PersonCaller, type Route, refuse, route, type StoredEntry } from '../foundation/index.ts';
import type { Checkpoints } from './checkpoint.ts';
import { decisionStats, statsBy } from './decision-stats.ts';
import { kindSentence } from './entry.ts';
import { exportLog } from './export.ts';
import { proveConsistency, proveInclusion, requireEntry } from './prove.ts';
import { receiptOf } from './receipt.ts';
import { type ActionsToTell, tellDenied, tellLines, touchedBy } from './run-lines.ts';
import { searchLog } from './search-log.ts';
import { entriesOfRun, newestOfKind, readDetail, runEntriesMax } from './store.ts';
import { type Story, type TracedEntry, traceRun } from './trace.ts';

const size = numeral({ min: 0, max: Number.MAX_SAFE_INTEGER });
const dayMilliseconds = 86_400_000;
const yesOrNo = optional(oneOf('yes', 'no'));

/** Names of persons and agents by id, for stories that people read: handed in, since identity lies to the right. */
export type NamesOf = (tenant: TenantId, ids: readonly string[]) => Promise<Readonly<Record<string, string>>>;

/** What other rooms know of what a run names: handed in, since they lie to the right. */
export type RunRooms = {
  readonly names: NamesOf;
  readonly actions: (tenant: TenantId) => Promise<ActionsToTell>;
  /** How a task stands: `active`, `completed` and so on; and what it is for. */
  readonly taskOf: (tenant: TenantId, task: TaskId) => Promise<TaskInShort | null>;
  /** What was shown of a call, with its digest now, to a person who may read it: an entry says which one it was. */
  readonly questionOf: (caller: PersonCaller, approval: ApprovalId) => Promise<QuestionRead | null>;
  /** The actions that the person may hand to agents. */
  readonly handsOut: (caller: PersonCaller) => Promise<ReadonlySet<string>>;
};

/** The sentence of a question, in parts; null where it was kept without. */
export type QuestionRead = { readonly digest: string; readonly parts: readonly Part[] | null };

type TaskInShort = { readonly state: string; readonly purpose: { readonly type: string; readonly text: string } };

/** `plane` is the tenant of the plane's own rows. */
export function auditRoutes(
  ground: Ground,
  checkpoints: Checkpoints,
  plane: TenantId,
  rooms: RunRooms,
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
      says: 'Lists runs, newest first: those the caller asked for, and all of them for a reviewer or an auditor. Each says what it is for, how it stands and how its calls were decided. `before` goes on from `next`; `kind` leaves out the runs of other workloads.',
      run: async ({ caller, query }) => ({ status: 200, body: await runsFor(ground, caller, query, rooms) }),
    }),
    route({
      method: 'GET',
      path: '/v1/runs/:task',
      who: 'person',
      says: 'Tells one run: as a story of tasks inside one another, as lines in parts in the order of the log, and what it touched, resource by resource.',
      run: async ({ caller, params }) => ({ status: 200, body: await runFor(ground, caller, params.task, rooms) }),
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
      path: '/v1/log/entries',
      who: 'person',
      query: object({
        kind: optional(text({ max: 64 })),
        agent: optional(id('agent')),
        person: optional(id('person')),
        task: optional(id('task')),
        action: optional(text({ max: 200 })),
        decision: optional(oneOf('permit', 'ask', 'deny')),
        resource: optional(text({ max: 400 })),
        from: optional(size),
        to: optional(size),
        before: optional(size),
        limit: optional(numeral({ min: 1, max: 200 })),
      }),
      says: 'Searches the log, newest first: for an auditor all of it, for others what was done for them. `resource` may end in `*`. A page may be short and still go on before `next`.',
      run: async ({ caller, query }) => {
        const { before, limit = 50, ...search } = query;
        const mayReadHeader = (header: EntryHeader) => mayRead(caller, { header });
        const from = before === undefined ? {} : { before };
        const page = await searchLog(ground, caller.tenant, search, { limit, ...from, mayRead: mayReadHeader });
        const entries = page.entries.map((one) => ({ ...one, says: kindSentence(one.header.kind) }));
        const names = await rooms.names(caller.tenant, idsIn(page.entries));
        return { status: 200, body: { now: ground.clock(), entries, names, next: page.next } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/log/entries/:id',
      who: 'person',
      says: 'Shows one entry with its detail and its receipt, to an auditor or to the person it was done for; of a denial why, in parts.',
      run: async ({ caller, params }) => {
        const entry = await entryFor(ground, caller, params.id);
        const receipt = await receiptOf(ground, checkpoints, caller.tenant, entry.header.id);
        const detail = readDetail(ground.database.log, entry);
        const names = await rooms.names(caller.tenant, idsIn([entry]));
        const denied = tellDenied(traced(ground, entry), await rooms.actions(caller.tenant), names);
        return {
          status: 200,
          body: { header: entry.header, says: kindSentence(entry.header.kind), names, denied, detail, receipt },
        };
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
const mayReadOf = (caller: PersonCaller, requester: PersonId | null): boolean =>
  isAuditor(caller) || requester === caller.person;

const mayRead = (caller: PersonCaller, { header }: Pick<StoredEntry, 'header'>) =>
  mayReadOf(caller, header.who.requester);

/** Whoever reviews what agents may do sees what they did with it, run by run; single entries with their proofs are the auditor’s. */
const mayReadRun = (caller: PersonCaller, entry: StoredEntry) => mayReadAllRuns(caller) || mayRead(caller, entry);

export const mayReadAllRuns = ({ roles }: Pick<PersonCaller, 'roles'>): boolean =>
  roles.includes('reviewer') || roles.includes('auditor');

async function entryFor(ground: Ground, caller: PersonCaller, text: string | undefined): Promise<StoredEntry> {
  const wanted = parseId('entry', text);
  if (wanted === undefined) throw refuse('thing.not_found', 'the id is not that of an entry');
  return findReadableEntry(ground, caller, wanted);
}

/** An entry as its auditor, or the person it was done for, may read it. */
export async function findReadableEntry(ground: Ground, caller: PersonCaller, wanted: EntryId): Promise<StoredEntry> {
  const entry = await requireEntry(ground, caller.tenant, wanted);
  if (!mayRead(caller, entry)) throw refuse('thing.not_found', `${caller.person} may not read entry ${wanted}`);
  return entry;
}

async function runsFor(
  ground: Ground,
  caller: PersonCaller,
  ask: { readonly before?: number; readonly limit?: number; readonly kind?: WorkloadKind },
  rooms: RunRooms,
) {
  const limit = ask.limit ?? 50;
  const before = ask.before === undefined ? {} : { before: ask.before };
  const page = await newestOfKind(ground, caller.tenant, 'task.opened', { limit, ...before });
  const own = page
    .filter((one) => mayReadRun(caller, one))
    .filter(({ header: { who } }) => ask.kind === undefined || ask.kind === (who.kind ?? 'agent'))
    .filter(beginsRun);
  const names = await rooms.names(caller.tenant, idsIn(own));
  const runs = await Promise.all(
    own.map(async ({ index, header: { run, at, who } }) => {
      const [task, decided] = await Promise.all([
        rooms.taskOf(caller.tenant, run),
        countsOf(ground, caller.tenant, run),
      ]);
      const { requester, agent, kind = 'agent' } = who;
      const { state = null, purpose = null } = task ?? {};
      return { run, at, requester, agent, kind, index, state, purpose, decided };
    }),
  );
  return { now: ground.clock(), runs, names, next: page.length < limit ? null : (page.at(-1)?.index ?? null) };
}

/** What was opened beside a run belongs to it, and is no run of its own. */
const beginsRun = (one: StoredEntry): one is StoredEntry & { readonly header: { readonly run: TaskId } } =>
  one.header.run !== null && one.header.task === one.header.run;

/** How what was wanted in a run was decided when it came, as its lines say: what a person said yes to is a question that was asked. */
async function countsOf(ground: Ground, tenant: TenantId, run: TaskId) {
  const counted = await ground.database.log.entries(tenant, { run, limit: countedMax });
  const first = counted.filter(({ header }) => header.about === null && header.task !== null);
  const many = (decision: string) => first.filter(({ header }) => header.decision === decision).length;
  return {
    permit: many('permit'),
    ask: many('ask'),
    deny: many('deny'),
    isCut: counted.length === countedMax,
  };
}

const countedMax = 3000;

async function runFor(ground: Ground, caller: PersonCaller, text: string | undefined, rooms: RunRooms) {
  const run = parseId('task', text);
  if (run === undefined) throw refuse('thing.not_found', 'the id is not that of a task');
  const stored = await entriesOfRun(ground, caller.tenant, run);
  const first = stored[0];
  if (first === undefined || !mayReadRun(caller, first))
    throw refuse('thing.not_found', `no run ${run} for ${caller.person}`);
  const story = storyOf(ground, run, stored);
  if (story === undefined) throw refuse('thing.not_found', `no run ${run}`);
  const names = await rooms.names(caller.tenant, idsIn(stored));
  const actions = await rooms.actions(caller.tenant);
  const handsOut = await rooms.handsOut(caller);
  const now = ground.clock();
  return {
    now,
    ...story,
    names,
    isCut: stored.length === runEntriesMax,
    state: (await rooms.taskOf(caller.tenant, run))?.state ?? null,
    ...tellLines(story, actions, names, {
      now,
      mayHandOut: (action) => handsOut.has(action),
      mayName: (requester) => mayReadOf(caller, requester),
      shown: await shownIn(story, (approval) => rooms.questionOf(caller, approval)),
    }),
    touched: touchedBy(story, actions),
  };
}

/**
 * The sentences that people were shown, by the entry that asked: with what was read for them, such as who is paid. INVARIANT
 * (state agrees with the log): only where the question is the very one whose digest the entry holds.
 */
async function shownIn(
  { tasks }: Pick<Story, 'tasks'>,
  questionOf: (approval: ApprovalId) => Promise<QuestionRead | null>,
): Promise<ReadonlyMap<EntryId, readonly Part[]>> {
  const shown = new Map<EntryId, readonly Part[]>();
  for (const task of tasks) {
    for (const { entry, approval, decided, digest } of task.steps) {
      if (decided !== 'ask' || approval === null || digest === null) continue;
      const question = await questionOf(approval);
      if (question?.digest === digest && question.parts !== null) shown.set(entry, question.parts);
    }
    for (const [entry, parts] of await shownIn(task, questionOf)) shown.set(entry, parts);
  }
  return shown;
}

/** Everybody whom the entries name. */
function idsIn(stored: readonly Pick<StoredEntry, 'header'>[]): string[] {
  const named = stored.flatMap(({ header: { who } }) => [who.requester, who.agent, who.initiator]);
  return [...new Set(named.filter((id) => id !== null))];
}

/** The run as these entries tell it; undefined where there are none. */
export const storyOf = (ground: Ground, run: TaskId, stored: readonly StoredEntry[]): Story | undefined =>
  traceRun(
    run,
    stored.map((one) => traced(ground, one)),
  );

function traced(ground: Ground, { index, header, ...rest }: StoredEntry): TracedEntry {
  const read = readDetail(ground.database.log, { index, header, ...rest });
  return { index, header, detail: typeof read === 'string' ? null : (read.detail as TracedEntry['detail']) };
}
