import { parseKept } from '@ambit/protocol';
import { sealDraft, type UnitDraft } from './seal.ts';
import type { Answer, SealedUnit } from './writer.ts';

/**
 * What goes to the writer's thread: one JSON text for all units of a turn, then the detail of each of their entries, in
 * order. Handing over a few texts costs a fraction of what handing over objects does.
 */
export type Message = readonly [units: string, ...details: string[]];

/** A unit as it stands in that text: its entries without their details. */
type Numbered = { readonly id: number; readonly unit: Omit<UnitDraft, 'entries'> & { readonly headers: Headers } };
type Headers = readonly UnitDraft['entries'][number]['header'][];

export type Waiting = { readonly id: number; readonly unit: SealedUnit };

/** What the thread answers to units that it wrote together; `batch` numbers their change where nodes share the store. */
export type Answers = {
  readonly answers: readonly { readonly id: number; readonly answer: Answer }[];
  readonly batch?: number | undefined;
};

/** Collects what leaves in one turn. */
export function createOutgoing() {
  let units: string[] = [];
  let details: string[] = [];
  return {
    /** One that cannot be written down throws, and takes nothing else along. */
    put(id: number, { entries, ...unit }: UnitDraft): void {
      const numbered: Numbered = { id, unit: { ...unit, headers: entries.map(({ header }) => header) } };
      units.push(JSON.stringify(numbered));
      for (const { detail } of entries) details.push(detail);
    },
    size: () => units.length,
    /** All of it, once. */
    take(): Message | undefined {
      if (units.length === 0) return undefined;
      const message: Message = [`[${units.join(',')}]`, ...details];
      units = [];
      details = [];
      return message;
    },
  };
}

/** The units of a message, sealed: from here on no detail is open. */
export function unitsIn([units, ...details]: Message, detailKey: Uint8Array): Waiting[] {
  let next = 0;
  const numbered = parseKept(units) as Numbered[];
  return numbered.map(({ id, unit: { headers, ...unit } }) => {
    const entries = headers.map((header) => ({ header, detail: details[next++] as string }));
    return { id, unit: sealDraft({ ...unit, entries }, detailKey) };
  });
}
