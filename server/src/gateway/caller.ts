import { type AgentId, type CredentialId, capacityOf, type TaskId, type TenantId } from '@ambit/protocol';
import type { ParkedCall } from '../approvals/index.ts';
import type { AgentCaller, Change, PersonCaller, PointCaller } from '../foundation/index.ts';
import type { Proof } from '../identity/index.ts';
import type { Task } from '../tasks/index.ts';
import type { AuthenticatedCaller } from '../tokens/index.ts';
import { type Call, digestOf, effectDigest } from './call.ts';

/**
 * Who stands behind a call that is being decided: a caller whose proof came with it, or a parked call that a person
 * approved, or a person who takes back what was done by a session of theirs. There is no other way in.
 */
export type Asking = {
  readonly tenant: TenantId;
  readonly caller: AgentCaller;
  readonly task: TaskId;
  /** The single use of the proof that came along; empty where it was spent when the call was parked. */
  readonly spend: readonly Change[];
  readonly parked: ParkedCall | null;
  /** The proof that came along, for what it says of the body. */
  readonly proof: Proof | null;
  /** The request as it came, for denials of what could not be read. */
  readonly request: RequestLine;
  readonly digestOf: (call: Call, credential: CredentialId | null) => string;
  readonly effectDigestOf: (call: Call) => string;
  /** The plane looks on the agent's behalf, for an approver: it never asks a person about that. */
  readonly looking: boolean;
  /** What the approver saw is not so any more: the yes answers nothing, and the call is decided as if nobody had. */
  readonly moved: boolean;
};

/** Method and path as sent, and the trace it belongs to. */
export type RequestLine = { readonly line: string; readonly trace: string | null };

export const watched = ({ tenant, caller }: Asking, call: Call) => ({
  tenant,
  agent: caller.agent,
  action: call.action.id,
});

export function askingNow(authenticated: AuthenticatedCaller, task: TaskId, request: RequestLine): Asking {
  const { caller } = authenticated;
  return { ...asking(caller, task, authenticated.spend, null, request), proof: authenticated.proof };
}

/** THREATS: resume-shortcut. A parked call comes with its own evidence; its old proof opens nothing. */
export function askingAgain(parked: ParkedCall, caller: AgentCaller): Asking {
  // The token's own life was the proof's: from here on the key, the task and the people have to stand.
  return asking({ ...caller, token: null }, parked.approval.task, [], parked, {
    line: parked.approval.shown.url,
    trace: null,
  });
}

/**
 * A person takes back what was done, by their own client and under a task that is theirs alone: the session is the proof.
 * From here on it is a call like any other.
 */
export function askingToUndo({ tenant, person, who }: PersonCaller, task: Task, action: string): Asking {
  const caller: AgentCaller = {
    kind: 'agent',
    tenant,
    agent: task.agent,
    jkt: person,
    agentKey: person,
    token: null,
    task: task.id,
    who: { ...who, requester: person, capacity: capacityOf(person), agent: task.agent, kind: 'client' },
  };
  return asking(caller, task.id, [], null, { line: `undo by ${action}`, trace: null });
}

/** An enforcement point asks about a task: the same facts, and nothing that could be spent, sent or admitted. */
export function askingFor(point: PointCaller, task: Task): Asking {
  const who = { ...point.who, requester: task.requester, agent: task.agent, instance: task.acceptedJkt };
  const caller: AgentCaller = {
    kind: 'agent',
    tenant: point.tenant,
    agent: task.agent,
    jkt: task.acceptedJkt ?? '',
    agentKey: task.acceptedKey ?? '',
    token: null,
    task: task.id,
    who,
  };
  return { ...asking(caller, task.id, [], null, { line: '', trace: null }), looking: true };
}

function asking(
  caller: AgentCaller,
  task: TaskId,
  spend: readonly Change[],
  parked: ParkedCall | null,
  request: RequestLine,
): Asking {
  const by = { tenant: caller.tenant, task, agent: caller.agent as AgentId };
  return {
    tenant: caller.tenant,
    caller,
    task,
    spend,
    parked,
    proof: null,
    request,
    digestOf: rememberLast((call, credential) => digestOf(call, { ...by, credential })),
    effectDigestOf: effectDigest,
    looking: false,
    moved: false,
  };
}

/** A call never changes: its digest is asked for when it is decided, and again when it is admitted. */
function rememberLast(digest: Asking['digestOf']): Asking['digestOf'] {
  let last: { readonly call: Call; readonly credential: CredentialId | null; readonly digest: string } | undefined;
  return (call, credential) => {
    if (last === undefined || last.call !== call || last.credential !== credential) {
      last = { call, credential, digest: digest(call, credential) };
    }
    return last.digest;
  };
}
