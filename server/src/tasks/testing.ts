import type { Authority, Grant, TaskId } from '@ambit/protocol';
import { type HandClock, openTestStore } from '../foundation/database/testing.ts';
import { type AgentCaller, type Ground, planeItself } from '../foundation/index.ts';
import { type Agent, activateAgent, registerAgent, signStandingGrant } from '../identity/index.ts';
import { foundTenant, type Member, signDocument, strangeThumbprint, type TestTenant } from '../identity/testing.ts';
import { acceptTask } from './accept.ts';
import { definePurposeType } from './define-purpose-type.ts';
import { type OpenTask, openTask } from './open.ts';
import type { Task } from './task.ts';

const grant = (actions: string[], more: Partial<Grant> = {}): Grant => ({ type: 'ambit_grant', actions, ...more });

export const reads: Authority = [grant(['shop:orders.get'])];
export const refunds: Authority = [
  grant(['shop:refunds.create'], {
    where: {
      'path.orderId': { all: [{ equals: '1042' }] },
      'body.amount': { all: [{ range: { min: '0.01', max: '100.00' } }] },
    },
  }),
];
export const payroll: Authority = [grant(['shop:payroll.list'])];
/** What Alice may delegate and what refund-bot may ever hold, unless a test says otherwise. */
export const everything: Authority = [grant(['shop:orders.get', 'shop:refunds.create'])];

export const openLimits = { taskTtlSecondsMax: 86_400 };
export const day = 86_400_000;

/** One tenant on a real store: Alice asks, bots act, and the clock stands still. */
export type TestTasks = {
  readonly ground: Ground & { readonly clock: HandClock };
  readonly home: TestTenant;
  readonly alice: Member;
  readonly bot: (more?: Partial<Pick<Agent, 'ceiling' | 'liveTasksMax' | 'expiresAt'>>) => Promise<Agent>;
  readonly open: (agent: Agent, more?: Partial<OpenTask>, by?: Member) => Promise<Task>;
  /** Opened and accepted by the key named after the agent. */
  readonly active: (agent: Agent, more?: Partial<OpenTask>) => Promise<Task>;
  readonly as: (agent: Pick<Agent, 'id'>, more?: Partial<AgentCaller>) => AgentCaller;
  readonly standing: (
    agent: Agent,
    more?: { liveTasksMax?: number; taskSecondsMax?: number; authority?: Authority },
  ) => ReturnType<typeof signStandingGrant>;
  readonly nextDoor: () => Promise<TestTasks>;
  readonly close: () => Promise<void>;
};

export async function openTasks(): Promise<TestTasks> {
  const { ground, close } = await openTestStore();
  return tasksOn(ground, close);
}

let named = 0;

async function tasksOn(ground: TestTasks['ground'], close: () => Promise<void>): Promise<TestTasks> {
  const home = await foundTenant(ground, `acme-${++named}`);
  const { tenant } = home;
  const alice = await home.join('Alice', { delegable: everything });
  await definePurposeType(ground, home.admin.caller, { name: 'support', says: 'Settles what customers ask for' });

  const as: TestTasks['as'] = (agent, more = {}) => ({
    kind: 'agent',
    tenant,
    agent: agent.id,
    jkt: `jkt-of-${agent.id}`,
    agentKey: strangeThumbprint,
    token: null,
    task: null,
    who: { ...planeItself, agent: agent.id, initiator: agent.id, channel: 'api', proof: 'dpop' },
    ...more,
  });
  const open: TestTasks['open'] = (agent, more = {}, by = alice) => {
    const { template } = more;
    const asked: OpenTask = {
      agent: agent.id,
      purpose: { type: 'support', text: 'Order 1042 came damaged' },
      ttlSeconds: 3600,
      ...(template === undefined ? { authority: refunds } : {}),
      ...more,
    };
    return openTask(ground, by.caller, asked, openLimits);
  };
  return {
    ground,
    home,
    alice,
    close,
    as,
    open,
    async bot(more = {}) {
      const { agent } = await registerAgent(ground, alice.caller, {
        name: `refund-bot-${++named}`,
        team: 'support',
        purpose: 'Settles orders',
        environment: 'test',
        zone: 'inside',
        expiresAt: ground.clock() + 30 * day,
        liveTasksMax: 1000,
        ceiling: everything,
        ...more,
      });
      return (await activateAgent(ground, alice.caller, agent.id)).agent;
    },
    active: async (agent, more) => acceptTask(ground, as(agent), (await open(agent, more)).id),
    standing(agent, { liveTasksMax = 2, taskSecondsMax = 600, authority = reads } = {}) {
      const document = {
        type: 'ambit_standing_grant',
        tenant,
        agent: agent.id,
        owner: alice.person.id,
        authority,
        liveTasksMax,
        taskSecondsMax,
        issuedAt: ground.clock(),
        expiresAt: ground.clock() + day,
      } as const;
      return signStandingGrant(ground, alice.caller, { document, signature: signDocument(alice.key, document) });
    },
    nextDoor: () => tasksOn(ground, async () => undefined),
  };
}

/** What a refusal of that code looks like to `assert.rejects`. */
export const refusal = (code: string) => (error: unknown) => {
  if ((error as { code?: unknown }).code === code) return true;
  throw error;
};

export const noSuchTask = 'tsk_000000000000000000000' as TaskId;

/** The same without regard to prototypes: what was parsed has none. */
export const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
