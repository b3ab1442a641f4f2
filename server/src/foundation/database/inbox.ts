import { sealDraft, type UnitDraft } from './seal.ts';
import type { Answer, SealedUnit } from './writer.ts';

/**
 * What goes to the writer's thread and back, as one JSON text for all that is under way at the moment: handing over
 * text costs a fraction of what handing over objects does.
 */
export type Numbered = { readonly id: number; readonly unit: UnitDraft };

export type Waiting = { readonly id: number; readonly unit: SealedUnit };

/** What the thread answers to units that it wrote together; `batch` numbers their change where nodes share the store. */
export type Answers = {
  readonly answers: readonly { readonly id: number; readonly answer: Answer }[];
  readonly batch?: number | undefined;
};

/** The units of a message, sealed: from here on no detail is open. */
export function unitsIn(message: string, detailKey: Uint8Array): Waiting[] {
  const numbered = JSON.parse(message) as Numbered[];
  return numbered.map(({ id, unit }) => ({ id, unit: sealDraft(unit, detailKey) }));
}
