import type { EntryId, UndoAnswer } from '@ambit/protocol';
import type { CatalogSnapshot } from '../catalog/index.ts';
import { asRefusal, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { ownClient } from '../identity/index.ts';
import { openUndo, type Task } from '../tasks/index.ts';
import { findUndoable, lastUndo, type Undoable } from '../views/index.ts';
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
 * Where `shown` is the digest of what the person saw, that is done or nothing.
 * INVARIANT (once): no attempt begins while one is on its way, after one was done, or where nobody knows.
 */
export function undoCall(rooms: Rooms, caller: PersonCaller, named: EntryId, shown?: string): Promise<UndoAnswer> {
  return span('gateway/undo-call', async () => {
    rooms.nodes.requireStanding();
    const { ground } = rooms;
    const { tenant } = caller;
    const snapshot = await rooms.catalog(tenant);
    const { proposal, run } = await findUndoable(ground, caller, named, snapshot);
    const { entry } = proposal;
    if (shown !== undefined && shown !== proposal.digest)
      throw refuse('undo.moved', `${entry} would be undone by ${proposal.action}, which is not what was shown`);
    if (proposal.missing.length > 0)
      throw refuse('undo.incomplete', `${entry}: nothing says ${proposal.missing.join(', ')} of ${proposal.action}`);
    const last = await lastUndo(ground, tenant, { entry, run });
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

/** The client acts where the API is: zones and environments do not cross. */
function placeOf({ apis, actions }: CatalogSnapshot, action: string) {
  const api = apis.get(actions.get(action)?.api ?? '');
  if (api === undefined) throw refuse('undo.none', `the API of ${action} is gone`);
  return { environment: api.environment, zone: api.zone };
}

async function decided(
  rooms: Rooms,
  asking: Asking,
  snapshot: CatalogSnapshot,
  undo: Undoable['proposal'],
): Promise<Ruled> {
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
