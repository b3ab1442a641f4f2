import type { ApprovalId, TenantId } from '@ambit/protocol';
import { type Approval, findApproval, findResult } from '../approvals/index.ts';
import { elevationAction } from '../elevations/index.ts';
import { type AgentCaller, problem, type Reply, refuse, span } from '../foundation/index.ts';
import { elevationOfApproval } from '../tasks/index.ts';
import type { Rooms } from './rooms.ts';
import { toldHeaders } from './told-headers.ts';

type Parked = { readonly approval: ApprovalId; readonly entry: string };

// RFC 7240 §2: names in any case, space around the sign, values bare or quoted, parameters after a semicolon.
const preferences = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g;
const waitPreference = /^\s*wait\s*=\s*(?:(\d{1,15})|"(\d{1,15})")\s*(?:;|$)/i;

/** RFC 7240 §4.3: `Prefer: wait=30`, in whole seconds. Without it the agent is told where to come back. */
export function waitWished(prefer: string | string[] | undefined, msMax: number): number {
  const text = Array.isArray(prefer) ? prefer.join(',') : (prefer ?? '');
  // §2: where one comes twice, the first counts.
  const wait = text.match(preferences)?.find((one) => /^\s*wait\b/i.test(one));
  const [, bare, quoted] = waitPreference.exec(wait ?? '') ?? [];
  return Math.min(Number(bare ?? quoted ?? 0) * 1000, msMax);
}

const open: ReadonlySet<Approval['state']> = new Set(['parked', 'approved', 'claimed']);

/** Waits as long as the agent wished, then says how it stands: still open, answered by the upstream, or refused. */
export function awaitAnswer(
  rooms: Rooms,
  parked: Parked & { readonly tenant: TenantId },
  milliseconds: number,
  gone: AbortSignal,
): Promise<Reply> {
  return span('gateway/await-answer', async () => {
    const deadline = performance.now() + milliseconds;
    for (;;) {
      const approval = await findApproval(rooms.ground, parked.tenant, parked.approval);
      if (approval === undefined) throw refuse('thing.not_found', `no approval ${parked.approval}`);
      if (!open.has(approval.state)) return concluded(rooms, parked.tenant, approval);
      const left = deadline - performance.now();
      if (left <= 0 || gone.aborted) return pending(rooms, parked.tenant, approval);
      // A ring is only a hint, and can be missed between reading and waiting: the store is read again every second.
      const waited = await rooms.bell.wait(approval.id, Math.min(left, 1000), gone);
      if (waited === 'full') return pending(rooms, parked.tenant, approval);
    }
  });
}

/** The agent's poll. THREATS: stolen-poll. Only the same task and key sees that there is such a question at all. */
export async function pollAnswer(
  rooms: Rooms,
  caller: AgentCaller,
  id: ApprovalId,
  milliseconds: number,
  gone: AbortSignal,
): Promise<Reply> {
  const approval = await findApproval(rooms.ground, caller.tenant, id);
  if (approval === undefined || approval.task !== caller.task || approval.jkt !== caller.jkt) {
    throw refuse('thing.not_found', `no approval ${id} of task ${caller.task} and key ${caller.jkt}`);
  }
  return awaitAnswer(rooms, { tenant: caller.tenant, approval: id, entry: approval.entry }, milliseconds, gone);
}

const pollSeconds = 2;

async function pending(rooms: Rooms, tenant: TenantId, approval: Approval): Promise<Reply> {
  return {
    status: 202,
    headers: {
      location: pollPath(approval.id),
      'retry-after': String(pollSeconds),
      'ambit-approval': approval.id,
      ...(await toldHeaders(rooms, tenant, approval.entry)),
    },
    body: {
      approval: approval.id,
      state: approval.state,
      asks: [...new Set(approval.asks.map((one) => heardAsk(approval.task, one)))],
      expiresAt: approval.expiresAt,
    },
  };
}

/** THREATS: oracle. The agent hears why its own grant asks; the words of rules and the sums of others stay here. */
function heardAsk(task: string, { ask, reason }: Approval['asks'][number]): string {
  const isOwn = ask.startsWith(`task:${task}:`) || ask.startsWith('unknown:');
  return isOwn ? reason : 'A person has to agree to this call.';
}

export const pollPath = (id: ApprovalId): string => `/v1/agent/approvals/${id}`;

async function concluded(rooms: Rooms, tenant: TenantId, approval: Approval): Promise<Reply> {
  const result = await findResult(rooms.ground, tenant, approval.id);
  const told = await toldHeaders(rooms, tenant, approval.ranAs ?? approval.entry);
  const own = { 'ambit-approval': approval.id, ...told };
  if (result !== undefined) {
    const bytes = Buffer.from(rooms.parking.open(result.sealed, resultFor(approval.id)), 'base64');
    const type = result.contentType ?? 'application/octet-stream';
    // THREATS: voice-of-ambit. Whatever it says, it is the upstream that says it.
    return { status: result.status, headers: { ...own, 'ambit-source': 'upstream' }, text: { type, content: bytes } };
  }
  const elevation =
    approval.action === elevationAction ? await elevationOfApproval(rooms.ground, tenant, approval.id) : undefined;
  if (elevation !== undefined) return { status: 200, headers: own, body: elevation };
  const refused = problem(refusalOf(approval), approval.ranAs ?? approval.entry);
  return { ...refused, headers: { ...refused.headers, ...own } };
}

export const resultFor = (id: ApprovalId): string => `result|${id}`;

function refusalOf({ id, state, action, answers }: Approval) {
  const because = `approval ${id} is ${state}`;
  const reason = answers.find((one) => one.answer === 'no')?.reason;
  switch (state) {
    case 'refused':
      return refuse(
        'approval.refused',
        because,
        reason
          ? `A person said no: "${reason}". ${action === elevationAction ? 'Nothing was given.' : 'The call was not sent.'}`
          : undefined,
      );
    case 'expired':
      return refuse('approval.expired', because);
    case 'moved':
      return refuse('approval.moved', because);
    case 'denied':
      return refuse('approval.denied', because);
    case 'ended':
      return refuse('task.ended', because);
    default:
      return refuse('approval.unknown', because);
  }
}
