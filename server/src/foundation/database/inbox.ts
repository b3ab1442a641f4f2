import { parseKept } from '@ambit/protocol';
import { sealEntry, type UnitDraft } from './seal.ts';
import type { Check } from './unit.ts';
import type { Answer, EntryPlace, SealedUnit } from './writer.ts';

/**
 * What goes to the writer's thread: one JSON text for all units of a turn, then the texts of what each of them stands on
 * and of its entries, in order. Handing over a few texts costs a fraction of what handing over objects does.
 */
export type Message = readonly [units: string, ...texts: string[]];

/** A unit as it stands in that text: without what it stands on, and its entries without their texts. */
type Numbered = {
  readonly id: number;
  readonly unit: Omit<UnitDraft, 'entries' | 'standing'>;
  readonly hasStanding: boolean;
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
    put(id: number, { entries, standing, ...unit }: UnitDraft): void {
      const places = entries.map(({ id: entry, at, kind, task, run }) => ({ id: entry, at, kind, task, run }));
      const hasStanding = standing.length > 0;
      units.push(JSON.stringify({ id, unit, hasStanding, places } satisfies Numbered));
      if (hasStanding) texts.push(standingText(standing));
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

const standingTexts = new WeakMap<readonly Check[], string>();

function standingText(standing: readonly Check[]): string {
  const known = standingTexts.get(standing);
  if (known !== undefined) return known;
  const text = JSON.stringify(standing);
  standingTexts.set(standing, text);
  return text;
}

const standingKeptMax = 5_000;
const nothing: readonly Check[] = [];

/** Reads what units stand on: the same array for the same text of the same tenant, as long as it is asked for. */
export function createStandings() {
  let known = new Map<string, readonly Check[]>();
  return (tenant: string, text: string): readonly Check[] => {
    const name = `${tenant} ${text}`;
    const kept = known.get(name);
    if (kept !== undefined) return kept;
    const read = parseKept(text) as readonly Check[];
    if (known.size >= standingKeptMax) known = new Map();
    known.set(name, read);
    return read;
  };
}

/** The units of a message, sealed: from here on no detail is open. */
export function unitsIn(
  [units, ...texts]: Message,
  detailKey: Uint8Array,
  standingOf: ReturnType<typeof createStandings>,
): Waiting[] {
  let next = 0;
  const text = () => texts[next++] as string;
  const numbered = parseKept(units) as Numbered[];
  return numbered.map(({ id, unit, hasStanding, places }) => {
    const standing = hasStanding ? standingOf(unit.tenant, text()) : nothing;
    const entries = places.map((place) =>
      sealEntry(
        { ...place, upToChanges: text(), upToHash: text(), rest: text(), detail: text() },
        unit.tenant,
        detailKey,
      ),
    );
    return { id, unit: { ...unit, standing, entries } };
  });
}
