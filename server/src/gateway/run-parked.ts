import type { ApprovalId, TenantId } from '@ambit/protocol';
import { type Approval, addResult, claim, conclude, type ParkedCall } from '../approvals/index.ts';
import { asRefusal, refuse, span } from '../foundation/index.ts';
import { resultFor } from './await-answer.ts';
import { type Call, callOf } from './call.ts';
import { type Asking, askingAgain } from './caller.ts';
import { closeUndo } from './close-undo.ts';
import { type Collected, collector } from './collect.ts';
import { lookAt, type Ruled, rule } from './enforce.ts';
import { lookAgain } from './look-again.ts';
import { type ParkedRequest, parkedFor } from './park.ts';
import type { Rooms } from './rooms.ts';

const resultBytesMax = 1_048_576;

/**
 * Runs an approved call: claimed first, read again, decided again, sent once. What the person saw has to be so still.
 * INVARIANT (once): nothing after the claim can lead back before it; a call that cannot be told is `unknown`.
 */
export function runParked(rooms: Rooms, tenant: TenantId, id: ApprovalId): Promise<void> {
  return span('gateway/run-parked', async () => {
    const { nodes } = rooms;
    const parked = await claim(rooms.ground, tenant, id, { process: nodes.name(), checks: nodes.stands() });
    try {
      // Before the first byte nothing happened; `rule` never throws after it.
      const ran = await run(rooms, parked).catch((error: unknown) => asRefusal(error));
      if (ran instanceof Error) await conclude(rooms.ground, tenant, parked.approval, 'denied', ran.because);
      else {
        await keep(rooms, parked, ran);
        if (ran.ruled.kind !== 'parked') await closeUndo(rooms, ran.asking);
      }
    } finally {
      rooms.bell.ring(id);
    }
  });
}

type Ran = { readonly ruled: Ruled; readonly answer: Collected; readonly asking: Asking };

async function run(rooms: Rooms, parked: ParkedCall): Promise<Ran> {
  const { approval, tenant } = parked;
  const request = JSON.parse(
    rooms.parking.open(parked.sealed, parkedFor(tenant, approval.callDigest)),
  ) as ParkedRequest;
  const asking = askingAgain(parked, request.caller);
  const call = await readAgain(rooms, tenant, request);
  const moved = await hasMoved(rooms, parked, call, asking);
  const { reply, collected } = collector(resultBytesMax);
  const ruled = await rule(rooms, { ...asking, moved }, call, () => reply);
  return { ruled, answer: collected(), asking };
}

/** The end and the answer are one unit: who hears that it is over finds what came back. */
function keep(rooms: Rooms, { approval, tenant }: ParkedCall, { ruled, answer }: Ran): Promise<void> {
  const kept = ruled.kind === 'sent' && answer.status !== null ? [addResult(resultOf(rooms, approval.id, answer))] : [];
  const more: Pick<Approval, 'ranAs' | 'successor'> = {
    ranAs: ruled.entry ?? null,
    successor: ruled.kind === 'parked' ? ruled.approval : null,
  };
  return conclude(rooms.ground, tenant, approval, stateOf(ruled), becauseOf(ruled), more, kept);
}

function resultOf(rooms: Rooms, id: ApprovalId, answer: Collected) {
  return {
    approval: id,
    status: answer.status ?? 0,
    contentType: answer.contentType,
    sealed: rooms.parking.seal(Buffer.from(answer.bytes).toString('base64'), resultFor(id)),
    truncated: answer.truncated ? 1 : 0,
  };
}

/** One meaning again, from the text that was parked: a catalog that changed meanwhile changes the digest, and asks anew. */
async function readAgain(rooms: Rooms, tenant: TenantId, request: ParkedRequest): Promise<Call> {
  const snapshot = await rooms.catalog(tenant);
  const api = snapshot.apis.get(request.api);
  if (api === undefined) throw refuse('gateway.api_unknown', `the API ${request.api} is gone`);
  const body = request.body === null ? {} : { body: Buffer.from(request.body, 'base64') };
  const type = request.mediaType === null ? [] : [['content-type', request.mediaType] as const];
  const matched = snapshot.match(request.api, {
    method: request.method,
    rawPath: request.path.slice(api.basePath.length),
    rawQuery: request.query,
    headers: [...Object.entries(request.headers), ...type],
    ...body,
  });
  const { headers, claim, trace } = request;
  return callOf(matched, api, { headers, claim, trace, catalogVersion: snapshot.version });
}

/** THREATS: world-moved. What the look-again read showed has to be there still; what was never shown is not compared. */
async function hasMoved(rooms: Rooms, { approval, tenant }: ParkedCall, call: Call, asking: Asking): Promise<boolean> {
  if (approval.lookAgainDigest === null) return false;
  const look = await lookAgain(await rooms.catalog(tenant), call, (read) => lookAt(rooms, asking, read));
  return look?.digest !== approval.lookAgainDigest;
}

function stateOf(ruled: Ruled): 'done' | 'unknown' | 'denied' | 'moved' {
  if (ruled.kind === 'parked') return 'moved';
  if (ruled.kind === 'refused' || !ruled.outcome.sent) return 'denied';
  return ruled.outcome.kind === 'unknown' ? 'unknown' : 'done';
}

function becauseOf(ruled: Ruled): string {
  if (ruled.kind === 'parked') return `a new question was asked: ${ruled.approval}`;
  return ruled.kind === 'refused' ? ruled.refusal.because : ruled.outcome.because;
}
