import { parseKept } from '@ambit/protocol';
import { sealEntry, type UnitDraft } from './seal.ts';
import type { Answer, EntryPlace, SealedUnit } from './writer.ts';

/**
 * What goes to the writer's thread: one JSON text for all units of a turn, then the texts of each of their entries, in
 * order. Handing over a few texts costs a fraction of what handing over objects does.
 */
export type Message = readonly [units: string, ...texts: string[]];

/** A unit as it stands in that text: its entries without their texts. */
type Numbered = {
  readonly id: number;
  readonly unit: Omit<UnitDraft, 'entries'>;
  readonly places: readonly EntryPlace[];
};

export type Waiting = { readonly id: number; readonly unit: SealedUnit };

/** What the thread answers to units that it wrote together; `batch` numbers their change where nodes share the store. */
export type Answers = {
  readonly answers: readonly { readonly id: number; readonly answer: Answer }[];
  readonly batch?: number | undefined;
};

/** Collects what leaves in one turn. */
export function createOutgoing() {
  let units: string[] = [];
  let texts: string[] = [];
  return {
    /** One that cannot be written down throws, and takes nothing else along. */
    put(id: number, { entries, ...unit }: UnitDraft): void {
      const places = entries.map(({ id: entry, at, kind, task, run }) => ({ id: entry, at, kind, task, run }));
      units.push(JSON.stringify({ id, unit, places } satisfies Numbered));
      for (const { upToChanges, upToHash, rest, detail } of entries) texts.push(upToChanges, upToHash, rest, detail);
    },
    size: () => units.length,
    /** All of it, once. */
    take(): Message | undefined {
      if (units.length === 0) return undefined;
      const message: Message = [`[${units.join(',')}]`, ...texts];
      units = [];
      texts = [];
      return message;
    },
  };
}

/** The units of a message, sealed: from here on no detail is open. */
export function unitsIn([units, ...texts]: Message, detailKey: Uint8Array): Waiting[] {
  let next = 0;
  const text = () => texts[next++] as string;
  const numbered = parseKept(units) as Numbered[];
  return numbered.map(({ id, unit, places }) => {
    const entries = places.map((place) =>
      sealEntry(
        { ...place, upToChanges: text(), upToHash: text(), rest: text(), detail: text() },
        unit.tenant,
        detailKey,
      ),
    );
    return { id, unit: { ...unit, entries } };
  });
}
