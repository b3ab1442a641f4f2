import { type AgentId, capacityOf, type Who } from '@ambit/protocol';
import type { Config } from '../../server/src/config.ts';
import { type EntryDraft, entry, type Ground, insert, planeItself } from '../../server/src/foundation/index.ts';
import { type Task, tasks } from '../../server/src/tasks/index.ts';
import { decidedEntry } from './decided-entry.ts';
import { modelOf, openGround } from './seed.ts';
import type { Caller } from './stand.ts';

export type Runs = {
  readonly count: number;
  /** Whose tasks they are, in turn. */
  readonly like: readonly Caller[];
  /** Calls of each run, and of the newest one. */
  readonly calls: number;
  readonly callsOfNewest: number;
};

const runsInOneUnit = 25;

/** So many runs that are over, with the entries of their calls in the log: permitted, asked about and denied. */
export async function seedRuns(config: Config, { count, like, calls, callsOfNewest }: Runs): Promise<void> {
  const ground = await openGround(config);
  try {
    const models = await Promise.all(like.map((one) => modelOf(ground, one)));
    const [{ tenant } = {}] = models;
    if (tenant === undefined) throw new Error('runs are of somebody');
    for (let i = 0; i < count; i += runsInOneUnit) {
      const some = Array.from({ length: Math.min(runsInOneUnit, count - i) }, (_, j) =>
        runOf(ground, models[(i + j) % models.length]!.task, i + j === count - 1 ? callsOfNewest : calls),
      );
      await ground.database.commit({
        tenant,
        changes: some.map(({ task }) => insert(tasks, task)),
        entries: some.flatMap(({ entries }) => entries),
      });
    }
  } finally {
    await ground.database.close();
  }
}

type RunMade = { readonly task: Task; readonly entries: readonly EntryDraft[] };

function runOf(ground: Ground, model: Task, calls: number): RunMade {
  const id = ground.newId('task');
  const now = ground.clock();
  const ended = { state: 'completed', endedAt: now, endedBecause: 'The agent was done.' } as const;
  const task: Task = { ...model, id, root: id, openedAt: now, ...ended };
  const { requester, agent } = task;
  const who: Who = { ...planeItself, requester, agent, capacity: capacityOf(requester), environment: 'test' };
  const asker = { ...who, initiator: requester ?? agent, channel: 'api', proof: 'key' };
  const about = { task: id, run: id };
  const opened = entry({
    ...{ id: ground.newId('entry'), kind: 'task.opened', who: asker, ...about },
    detail: {
      purpose: { type: task.purposeType, text: task.purposeText },
      origin: task.origin,
      authority: task.authority,
      parent: null,
      expiresAt: task.expiresAt,
    },
  });
  const own = { ...who, initiator: agent, channel: 'gateway', proof: 'dpop' };
  return {
    task,
    entries: [
      opened,
      entry({ id: ground.newId('entry'), kind: 'task.accepted', who: own, ...about }),
      ...Array.from({ length: calls }, (_, i) => callOf(ground, own, about, i)).flat(),
      entry({
        ...{ id: ground.newId('entry'), kind: 'task.ended', who: own, ...about, code: ended.state },
        detail: { state: ended.state, because: ended.endedBecause, ended: [], inFlight: [], milliseconds: 1 },
      }),
    ],
  };
}

const decisions = ['permit', 'permit', 'ask', 'permit', 'deny'] as const;

/** What was permitted came back, too. */
function callOf(
  ground: Ground,
  who: Who & { readonly agent: AgentId | null },
  about: Pick<EntryDraft, 'task' | 'run'>,
  i: number,
): readonly EntryDraft[] {
  const decision = decisions[i % decisions.length]!;
  const decided: EntryDraft = { ...decidedEntry(ground.newId('entry')), who, ...about, decision };
  if (decision !== 'permit') return [decided];
  const { action, keys } = decided;
  const detail = { status: 200, milliseconds: 7 };
  const outcome = entry({
    ...{ id: ground.newId('entry'), kind: 'call.outcome', who, ...about },
    ...{ about: decided.id, action, keys, code: 'done', detail },
  });
  return [decided, outcome];
}
