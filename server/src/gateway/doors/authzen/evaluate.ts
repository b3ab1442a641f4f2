import { entry, type PointCaller, planeItself, span } from '../../../foundation/index.ts';
import type { Rooms } from '../../rooms.ts';
import type { Answer, Evaluation } from './evaluation.ts';
import { decideInDomain } from './in-domain.ts';
import { decideOwn } from './own-things.ts';

const codes: Readonly<Record<string, string>> = { task: 'task', domain: 'domain' };

/** One decision, written down before it is told. It is never a permit: nothing is reserved and nothing is sent. */
export function evaluate(rooms: Rooms, caller: PointCaller, asked: Evaluation): Promise<Answer> {
  return span('gateway/authzen', async (): Promise<Answer> => {
    const answer = await (caller.domain === null ? decideOwn : decideInDomain)(rooms, caller, asked);
    const id = rooms.ground.newId('entry');
    await rooms.ground.database.commit({
      tenant: caller.tenant,
      entries: [
        entry({
          id,
          kind: 'authzen.evaluated',
          who: { ...planeItself, initiator: caller.point, channel: 'authzen', proof: caller.who.proof },
          action: asked.action.name,
          // Not a decision about a call: nothing was reserved, and nothing may be sent on it.
          decision: null,
          code: `${codes[String(answer.context.basis)] ?? 'rules'}.${answer.decision}`,
          detail: { asked, answer },
        }),
      ],
    });
    return { ...answer, context: { ...answer.context, evaluation_id: id } };
  });
}
