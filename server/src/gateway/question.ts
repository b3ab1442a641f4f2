import type { Agent } from '../identity/index.ts';
import type { Question } from '../policy/index.ts';
import type { Chain } from '../tasks/index.ts';
import type { Call } from './call.ts';
import type { Asking } from './caller.ts';
import { actionForRules } from './for-rules.ts';

/** The same for the rules alone, where an enforcement point asks without a task. */
export function askRules(tenant: string, who: Question['who'], call: Call, now: number): Question {
  return { ...aboutCall(call), tenant, now, who, task: null, channel: 'authzen', proof: 'none' };
}

function aboutCall(call: Call) {
  return {
    action: {
      ...actionForRules(call.action),
      api: { id: call.api.name, zone: call.api.zone, environment: call.api.environment },
      opaque: call.action.opaque,
      mintsCredential: call.action.mintsCredential,
      answersForeignText: call.action.answersForeignText,
    },
    arguments: Object.fromEntries(call.arguments),
    resource: call.resources[0] ?? null,
    amount: call.money === undefined ? null : { value: call.money.amount, currency: call.money.currency },
    askCovered: false,
    provenance: [],
  };
}

/** The call as the organisation's rules see it. Every fact is the plane's own; nothing is taken from the caller's word. */
export function askAction(asking: Asking, call: Call, chain: Chain, agents: readonly Agent[], now: number): Question {
  const [task] = chain;
  const agent = agents[0];
  return {
    ...aboutCall(call),
    tenant: asking.tenant,
    now,
    who: {
      kind: 'agent',
      id: task.agent,
      owner: agent?.owner ?? '',
      team: agent?.team ?? null,
      purpose: agent?.purpose ?? '',
      environment: agent?.environment ?? '',
      zone: agent?.zone ?? '',
      state: agent?.state ?? 'unknown',
    },
    task: {
      id: task.id,
      purposeType: task.purposeType,
      requester: task.requester,
      depth: task.depth,
      origin: task.origin.by,
    },
    channel: asking.caller.who.channel,
    proof: asking.caller.who.proof,
  };
}
