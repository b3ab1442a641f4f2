import type { PointCaller } from '../../../foundation/index.ts';
import type { Rooms } from '../../rooms.ts';
import { type Answer, type Evaluation, no } from './evaluation.ts';

/**
 * A question about the domain that the point is registered for, and about nothing else: neither agents nor tasks are
 * there, so that no answer of a domain says anything of what an agent may do.
 */
export async function decideInDomain(rooms: Rooms, caller: PointCaller, asked: Evaluation): Promise<Answer> {
  const name = caller.domain ?? '';
  const domain = await rooms.domains.current(caller.tenant, name);
  if (domain === undefined) return no('domain', `Nothing is published for the domain ${name}.`);
  const { subject, action, resource, context = {} } = asked;
  const question = { subject, action, resource, context, now: rooms.ground.clock() };
  const { kind, because } = await rooms.domains.judge(domain, question);
  const reason = because.map((one) => one.reason).join(' ');
  return {
    decision: kind === 'permit',
    context: { basis: 'domain', domain: name, version: domain.number, kind, reason },
  };
}
