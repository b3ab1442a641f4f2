import { type Agent, kindOf } from '../identity/index.ts';
import type { AskedAction, AskedTask, AskingAgent, Question } from '../policy/index.ts';
import type { Chain, Task } from '../tasks/index.ts';
import type { Call } from './call.ts';
import type { Asking } from './caller.ts';
import { actionForRules } from './for-rules.ts';

/** The same for the rules alone, where an enforcement point asks without a task. */
export function askRules(tenant: string, who: Question['who'], call: Call, now: number): Question {
  return { ...aboutCall(call), tenant, now, who, task: null, channel: 'authzen', proof: 'none' };
}

function aboutCall(call: Call) {
  return {
    action: askedAction(call),
    arguments: Object.fromEntries(call.arguments),
    resource: call.resources[0] ?? null,
    amount: call.money === undefined ? null : { value: call.money.amount, currency: call.money.currency },
    askCovered: false,
    provenance: [],
  };
}

// Rows and snapshots are shared and never change: what is read off them once is handed on as the same object, by which
// the rules know again what they have seen before.
const askedActions = new WeakMap<Call['action'], { readonly api: Call['api']; readonly asked: AskedAction }>();
const askingAgents = new WeakMap<Agent, AskingAgent>();
const askedTasks = new WeakMap<Task, AskedTask>();

function askedAction({ action, api }: Call): AskedAction {
  const known = askedActions.get(action);
  if (known?.api === api) return known.asked;
  const { opaque, mintsCredential, answersForeignText } = action;
  const place = { id: api.name, zone: api.zone, environment: api.environment };
  const asked = { ...actionForRules(action), api: place, opaque, mintsCredential, answersForeignText };
  askedActions.set(action, { api, asked });
  return asked;
}

/** An agent as the rules see it: one object for each row. */
export function askingAgent(agent: Agent): AskingAgent {
  const known = askingAgents.get(agent);
  if (known !== undefined) return known;
  const { id, owner, team, purpose, environment, zone, state } = agent;
  const asking = {
    kind: 'agent',
    id,
    workload: kindOf(agent),
    owner,
    team,
    purpose,
    environment,
    zone,
    state,
  } as const;
  askingAgents.set(agent, asking);
  return asking;
}

function askedTask(task: Task): AskedTask {
  const known = askedTasks.get(task);
  if (known !== undefined) return known;
  const { id, purposeType, requester, depth, origin } = task;
  const asked = { id, purposeType, requester, depth, origin: origin.by };
  askedTasks.set(task, asked);
  return asked;
}

/** Of a row that is gone the rules see an agent that is nobody's, of no zone and no environment. */
const goneAgent = (id: string): AskingAgent => ({
  kind: 'agent',
  id,
  workload: 'unknown',
  owner: '',
  team: null,
  purpose: '',
  environment: '',
  zone: '',
  state: 'unknown',
});

/** The call as the organisation's rules see it. Every fact is the plane's own; nothing is taken from the caller's word. */
export function askAction(asking: Asking, call: Call, chain: Chain, agents: readonly Agent[], now: number): Question {
  const [task] = chain;
  const agent = agents[0];
  return {
    ...aboutCall(call),
    tenant: asking.tenant,
    now,
    // INVARIANT (closed by default): whatever row was read in its place, the rules see the agent of the task.
    who: agent?.id === task.agent ? askingAgent(agent) : goneAgent(task.agent),
    task: askedTask(task),
    channel: asking.caller.who.channel,
    proof: asking.caller.who.proof,
  };
}
