import { ShapeFault } from '@ambit/protocol';
import { type PointCaller, Refusal } from '../../../foundation/index.ts';
import type { Rooms } from '../../rooms.ts';
import { evaluate } from './evaluate.ts';
import { type Answer, readBatch, readEvaluation } from './evaluation.ts';

/** AuthZEN 1.0 §7: several decisions in order. Those after the one that settles it are not made. */
export async function evaluateAll(rooms: Rooms, caller: PointCaller, body: unknown): Promise<object> {
  const { items, semantic } = readBatch(body);
  if (items === null) return evaluate(rooms, caller, readEvaluation(body));
  const evaluations: Answer[] = [];
  for (const item of items) {
    const answer = await evaluateItem(rooms, caller, item);
    evaluations.push(answer);
    if (semantic === 'deny_on_first_deny' && !answer.decision) break;
    if (semantic === 'permit_on_first_permit' && answer.decision) break;
  }
  return { evaluations };
}

/** In a batch a bad item is a denial of that item, with the error in its context. */
async function evaluateItem(rooms: Rooms, caller: PointCaller, item: unknown): Promise<Answer> {
  try {
    return await evaluate(rooms, caller, readEvaluation(item));
  } catch (error) {
    const message = error instanceof ShapeFault ? error.message : saysMalformed(error);
    if (message === undefined) throw error;
    return { decision: false, context: { error: { status: 400, message } } };
  }
}

const saysMalformed = (error: unknown): string | undefined =>
  error instanceof Refusal && error.code === 'request.malformed' ? error.says : undefined;
