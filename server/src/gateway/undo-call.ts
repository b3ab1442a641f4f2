import type { EntryId, TenantId, UndoAnswer, UndoTask } from '@ambit/protocol';
import { attemptToUndo, mayNotRepeat, type Story } from '../audit/index.ts';
import type { CatalogSnapshot } from '../catalog/index.ts';
import { asRefusal, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { ownClient } from '../identity/index.ts';
import { findTask, findUndo, isLive, openUndo, type Task } from '../tasks/index.ts';
import { findUndoable } from '../views/index.ts';
import { callOf } from './call.ts';
import { type Asking, askingToUndo } from './caller.ts';
import { closeUndo } from './close-undo.ts';
import { collector } from './collect.ts';
import { type Ruled, rule } from './enforce.ts';
import { refuseCall } from './refuse.ts';
import type { Rooms } from './rooms.ts';
import { undoRequest } from './undo-request.ts';

/** The answer of the upstream stands in the log; here it is only taken. */
const answerBytesMax = 65_536;
const noClaim = { reason: null, step: null, toolCall: null };

/**
 * A person takes one call back: by their own client, under a task in their own name that is for exactly this call. It is
 * decided, admitted, sent and recorded like any call, in the run of the call that it takes back.
 * INVARIANT (once): no attempt begins while one is on its way, after one was done, or where nobody knows.
 */
export function undoCall(rooms: Rooms, caller: PersonCaller, entry: EntryId): Promise<UndoAnswer> {
  return span('gateway/undo-call', async () => {
    rooms.nodes.requireStanding();
    const { ground } = rooms;
    const { tenant } = caller;
    const snapshot = await rooms.catalog(tenant);
    const { proposal, run, story } = await findUndoable(ground, caller, entry, snapshot.actions);
    if (proposal.missing.length > 0)
      throw refuse('undo.incomplete', `${entry}: nothing says ${proposal.missing.join(', ')} of ${proposal.action}`);
    const last = await findUndo(ground, tenant, entry);
    await requireOnce(rooms, tenant, story, last && { entry, task: last.task });
    const place = placeOf(snapshot, proposal.action);
    const client = await ownClient(ground, caller, { ...place, covers: proposal.task.authority });
    const wish = { ...proposal.task, agent: client.id };
    const task = await openUndo(ground, caller, wish, { entry, run, last }, rooms.settings.ownTasks);
    const asking = askingToUndo(caller, task, proposal.action);
    const ruled = await decided(rooms, asking, snapshot, proposal);
    // A question outlives this request, and its call is made under the task.
    if (ruled.kind !== 'parked') await closeUndo(rooms, asking);
    return answerOf(task, ruled);
  });
}

async function requireOnce(
  { ground }: Rooms,
  tenant: TenantId,
  story: Story,
  last: { readonly entry: EntryId; readonly task: Task['id'] } | undefined,
): Promise<void> {
  if (last === undefined) return;
  const attempt = attemptToUndo(story, last.entry);
  const task = await findTask(ground, tenant, last.task);
  const lives = task !== undefined && isLive(task, ground.clock());
  // What the story does not tell yet has begun elsewhere.
  const state = attempt?.task === last.task ? attempt.state : 'begun';
  const isStuck = !lives && (state === 'begun' || state === 'asked');
  if (!mayNotRepeat(state) || isStuck) return;
  const isOver = state === 'done' || state === 'unknown';
  throw refuse(isOver ? 'undo.over' : 'undo.under_way', `${last.entry} is undone under ${last.task}: ${state}`);
}

/** The client acts where the API is: zones and environments do not cross. */
function placeOf({ apis, actions }: CatalogSnapshot, action: string) {
  const api = apis.get(actions.get(action)?.api ?? '');
  if (api === undefined) throw refuse('undo.none', `the API of ${action} is gone`);
  return { environment: api.environment, zone: api.zone };
}

async function decided(rooms: Rooms, asking: Asking, snapshot: CatalogSnapshot, undo: UndoTask): Promise<Ruled> {
  const action = snapshot.actions.get(undo.action);
  const api = action && snapshot.apis.get(action.api);
  if (action === undefined || api === undefined)
    return refuseCall(rooms, asking, null, refuse('undo.none', `${undo.action} is not there any more`));
  try {
    const matched = undoRequest(snapshot, action, undo.arguments);
    const headers = Object.fromEntries(matched.headers);
    const call = callOf(matched, api, { headers, catalogVersion: snapshot.version, claim: noClaim });
    return await rule(rooms, asking, call, () => collector(answerBytesMax).reply);
  } catch (error) {
    return refuseCall(rooms, asking, null, asRefusal(error));
  }
}

function answerOf(task: Task, ruled: Ruled): UndoAnswer {
  const about = { task: task.id, run: task.root, entry: ruled.entry ?? null };
  if (ruled.kind === 'parked') return { ...about, kind: 'asked', approval: ruled.approval };
  if (ruled.kind === 'refused') {
    const { code, says } = ruled.refusal;
    return { ...about, kind: 'denied', code, says };
  }
  const { kind, status, because } = ruled.outcome;
  return { ...about, kind, status, because };
}
