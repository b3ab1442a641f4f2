import type { AgentId, ApprovalId, Authority, TaskId } from '@ambit/protocol';
import type { Elevation, Ending, TaskShown } from '@ambit/protocol/wire';
import { askPlane } from './ask-plane.ts';
import type { Wait } from './await-approval.ts';
import { answerTo, type CallInit, call } from './call.ts';
import { callDirectly } from './call-directly.ts';
import { type Elevating, elevate, elevationOf } from './elevate.ts';
import type { Self } from './self.ts';
import { exchangeToken, keepToken, type Token } from './token.ts';
import { at } from './wire/path.ts';
import { AmbitFault } from './wire/refusal.ts';
import type { Renewed } from './wire/renewed.ts';

/** An agent’s word that it takes over: made by `agent.offer()`, of use for 60 seconds, once, and to nobody else. */
export type SubAgentOffer = { readonly agent: AgentId; readonly actorToken: string };

export type Delegation = {
  /** Who takes over. Left out, the agent hands the narrower task to itself. */
  readonly to?: SubAgentOffer;
  /** A part of what the task has; never more. */
  readonly authority: Authority;
  /** What for, in 1 to 500 characters; the purpose type stays that of the task. */
  readonly purpose: string;
  /** As long as the task itself, unless said. */
  readonly ttlSeconds?: number;
  /** Which agents may take over from that one; those that may from this task, unless said. Never others. */
  readonly delegates?: readonly AgentId[];
};

/** A task under a task, and its first token. Give it to the other agent, who calls `agent.take` with it. */
export type Delegated = {
  readonly taskId: TaskId;
  /** Bound to the other agent’s proof key (RFC 9449 §6): of no use to anyone else. */
  readonly token: string;
  /** Epoch milliseconds. */
  readonly tokenExpiresAt: number;
  readonly taskExpiresAt: number;
  readonly authority: Authority;
};

/**
 * One task, taken by this instance of the agent. Every method throws `AmbitRefusal`, most of the time as one of its
 * kinds: `Denied`, `ApprovalRefused`, `ApprovalExpired`, `ApprovalPending`, `TaskEnded`, `Unauthenticated`, `Unknown`.
 */
export type Task = {
  readonly id: TaskId;
  /**
   * Like `fetch`, through the gateway: `/api/shop/orders/1042`, or the same below the gateway’s origin. Every request
   * carries a proof over its method, URL and body (RFC 9449 §4.2); a token that ran out is renewed. Errors of the API
   * itself come back as a `Response`; a refusal of the plane is thrown. No call is ever sent twice.
   */
  readonly fetch: (input: string | URL | Request, init?: CallInit) => Promise<Response>;
  /** `fetch` for the paths of one API: `task.api('shop')('/orders/1042')`. */
  readonly api: (name: string) => (path: string, init?: CallInit) => Promise<Response>;
  /**
   * `fetch` for an API that verifies tokens itself, past the gateway: `task.direct('https://payments.example/v2')('/refunds', …)`.
   * Token and proof are for that API alone (RFC 8707, RFC 9449), and every answer comes back as it is, refusals too. Nobody
   * counts, asks or keeps a secret there: what has limits or needs a person goes through the gateway.
   */
  readonly direct: (resource: string) => (path: string, init?: RequestInit) => Promise<Response>;
  /** Goes on waiting for an approval that `ApprovalPending` named, and answers what `fetch` would have. */
  readonly answerTo: (
    approval: ApprovalId,
    options?: { readonly wait?: Wait; readonly signal?: AbortSignal },
  ) => Promise<Response>;
  /**
   * Asks a person to let the task do more for a while, and waits for the answer like `fetch` does. On a yes the next
   * calls may do exactly that, until it ends by itself or with the task. Beyond a bound around the task nobody is asked:
   * `elevation.beyond_ceiling` and its like are thrown at once.
   */
  readonly elevate: (wish: Elevating) => Promise<Elevation>;
  /** Goes on waiting for an elevation that `ApprovalPending` named. */
  readonly elevationOf: (
    approval: ApprovalId,
    options?: { readonly wait?: Wait; readonly signal?: AbortSignal },
  ) => Promise<Elevation>;
  /** Hands part of the task to another agent (RFC 8693 §2.1). */
  readonly delegate: (delegation: Delegation) => Promise<Delegated>;
  /** The task as the plane has it now, with the elevations that stand. */
  readonly show: () => Promise<TaskShown & { readonly elevations: readonly Elevation[] }>;
  /** Ends the task and everything made under it: tokens, delegated tasks, open questions. */
  readonly complete: () => Promise<Ending>;
  /** The token in use, for tools that sign proofs of their own with the proof key. Nobody else can use it. */
  readonly accessToken: () => Promise<string>;
};

/** `plane` are the tokens that speak to the plane alone, `first` the token that the task came with. */
export function createTask(self: Self, plane: Renewed<Token>, id: TaskId, first?: Token): Task {
  const tokens = keepToken(self, id, first);
  const caller = { self, tokens };
  const own = (input: string | URL | Request, init?: CallInit) => call(caller, input, init);
  return {
    id,
    fetch: own,
    api: (name) => {
      const base = at('/api/', name);
      return (path, init) => own(`${base}${path.startsWith('/') ? path : `/${path}`}`, init);
    },
    direct: (resource) => callDirectly(self, id, resource),
    answerTo: (approval, options) => answerTo(caller, approval, options),
    elevate: (wish) => elevate(caller, wish),
    elevationOf: (approval, options) => elevationOf(caller, approval, options),
    delegate: (delegation) => delegate(self, tokens, delegation),
    show: () => askPlane(self, plane, 'GET /v1/agent/tasks/:task', { at: { task: id } }),
    complete: () => askPlane(self, tokens, 'POST /v1/agent/tasks/:task/complete', { at: { task: id } }),
    accessToken: async () => (await tokens.current()).text,
  };
}

async function delegate(
  self: Self,
  tokens: Renewed<Token>,
  { to, authority, purpose, ttlSeconds, delegates }: Delegation,
): Promise<Delegated> {
  const subject = (await tokens.current()).text;
  const wish = { subject, actorToken: to?.actorToken, authority, purpose, ttlSeconds, delegates };
  const { answer, token } = await exchangeToken(self, wish);
  const { mission_id: taskId, mission_expires_at: ends } = answer;
  if (taskId === undefined || ends === undefined) throw new AmbitFault('The plane did not say which task it made.');
  return {
    taskId,
    token: token.text,
    tokenExpiresAt: token.expiresAt,
    taskExpiresAt: ends * 1000,
    authority: (answer.authorization_details ?? []) as Authority,
  };
}
