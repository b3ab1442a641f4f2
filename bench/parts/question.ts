/** One call as `decide` reads it: an order is read for a task whose authority covers it, within limits. */
import type { AgentId, Authority, PersonId, TaskId } from '@ambit/protocol';
import { decimalOf } from '@ambit/protocol';
import type { Agent, Person } from '../../server/src/identity/index.ts';
import type { AskedAction, ChargeFact, Facts, Question } from '../../server/src/policy/index.ts';
import type { Task } from '../../server/src/tasks/index.ts';

const now = Date.UTC(2027, 0, 15, 9, 30);

export const measuredAction: AskedAction = {
  id: 'shop:orders.get',
  arguments: [{ name: 'path.orderId', type: 'string', required: true }],
  effect: 'read',
  reversibility: 'reversible',
  reach: 'internal',
  api: { id: 'shop', zone: 'support', environment: 'test' },
  opaque: false,
  mintsCredential: false,
  answersForeignText: false,
};

export function measuredQuestion(orderId: string): Question {
  return {
    tenant: 'ten_shop',
    now,
    who: {
      kind: 'agent',
      id: 'agt_refund',
      workload: 'agent',
      owner: 'psn_olga',
      team: 'support',
      purpose: 'settles damaged orders',
      environment: 'test',
      zone: 'support',
      state: 'active',
    },
    task: { id: 'tsk_1', purposeType: 'settle-order', requester: 'psn_alice', depth: 0, origin: 'person' },
    action: measuredAction,
    arguments: { 'path.orderId': orderId },
    resource: `shop:order/${orderId}`,
    amount: null,
    channel: 'gateway',
    proof: 'dpop',
    askCovered: false,
    provenance: [],
  };
}

const authority: Authority = [
  {
    type: 'ambit_grant',
    actions: [measuredAction.id],
    where: { 'path.orderId': { all: [{ maxLength: 20 }] } },
    limits: [{ calls: 1000 }],
  },
];

const person = (name: string): Person => ({
  id: `psn_${name}` as PersonId,
  name,
  email: null,
  roles: [],
  rolesSince: 0,
  state: 'active',
  delegable: authority,
  createdAt: 0,
  epoch: 0,
});

const bot: Agent = {
  id: 'agt_refund' as AgentId,
  name: 'refund-bot',
  kind: 'agent',
  owner: 'psn_olga' as PersonId,
  team: 'support',
  purpose: 'settles damaged orders',
  environment: 'test',
  zone: 'support',
  expiresAt: now + 86_400_000,
  ceiling: authority,
  liveTasksMax: 10,
  state: 'active',
  createdBy: 'psn_olga' as PersonId,
  createdAt: 0,
  activeSince: null,
  whenShared: null,
  epoch: 0,
};

const task: Task = {
  id: 'tsk_1' as TaskId,
  parent: null,
  root: 'tsk_1' as TaskId,
  depth: 0,
  requester: 'psn_alice' as PersonId,
  agent: bot.id,
  purposeType: 'settle-order',
  purposeText: 'Order 1042 came damaged',
  authority,
  origin: { by: 'person', proof: 'dpop' },
  template: null,
  state: 'active',
  epoch: 1,
  openedAt: now - 1000,
  expiresAt: now + 3_600_000,
  acceptedJkt: 'jkt',
  acceptedKey: 'key',
  endedAt: null,
  endedBecause: null,
  delegates: null,
  authenticated: null,
};

const charge: ChargeFact = {
  counter: 'calls|task:tsk_1|0|all',
  window: 0,
  by: decimalOf('1'),
  max: decimalOf('1000'),
  used: decimalOf('5'),
  otherwise: 'limits.calls_exceeded',
  says: 'A thousand calls are all there is.',
  freeAt: null,
};

export function measuredFacts(orderId: string): Facts {
  return {
    now,
    chain: [task],
    agents: [bot],
    owners: [person('olga')],
    requester: person('alice'),
    call: { action: measuredAction.id, arguments: new Map([['path.orderId', orderId]]) },
    elevated: [],
    callDigest: 'sha-256:this-very-call',
    credential: null,
    agentUser: null,
    bounds: [
      { whose: 'ceiling of agt_refund', authority, code: 'authority.not_covered' },
      { whose: 'psn_alice', authority, code: 'authority.not_covered' },
    ],
    uncountable: null,
    charges: [charge],
    spent: new Map(),
    halted: null,
    unknownBefore: null,
    remembered: null,
    approval: null,
    question: measuredQuestion(orderId),
    stands: [],
  };
}
