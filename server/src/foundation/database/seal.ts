import { canonicalJson, detailHash, type EntryHeader, parseKept } from '@ambit/protocol';
import { openBox, sealBox } from '../keys/keys.ts';
import { randomPart } from '../random.ts';
import type { Detail, StoredEntry } from './database.ts';
import { sha256 } from './edge.ts';
import type { Change, Check, Fields, Unit } from './unit.ts';
import type { SealedEntry, SealedUnit } from './writer.ts';

/** A unit on its way to the writer's thread, as plain JSON: details are canonical JSON, and still open. */
export type UnitDraft = {
  readonly tenant: string;
  readonly checks: readonly Check[];
  readonly changes: readonly Change[];
  readonly entries: readonly EntryText[];
};

type EntryText = { readonly header: Omit<EntryHeader, 'changes' | 'detailHash'>; readonly detail: string };

/** Throws where a unit holds what JSON cannot keep, e.g. a secret in its wrapper. */
export function draftOf({ tenant, checks = [], changes = [], entries }: Unit, at: number): UnitDraft {
  for (const one of checks) if (one.is !== 'absent') requirePlain(one.is);
  for (const one of changes) {
    if (one.change === 'insert') requirePlain(one.row);
    if (one.change === 'update') [one.set, one.where].forEach(requirePlain);
  }
  return {
    tenant,
    checks,
    changes,
    entries: entries.map(({ detail, ...rest }) => ({
      header: { v: 1, ...rest, at, tenant },
      detail: canonicalJson(detail),
    })),
  };
}

// INVARIANT (closed by default): JSON leaves out what is undefined, and a check that is left out always holds.
function requirePlain(fields: Fields): void {
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined || (typeof value === 'number' && !Number.isFinite(value)))
      throw new TypeError(`${name} is ${value}, which no row can hold`);
  }
}

/** Seals every detail under the key; nothing of it is written open. */
export function sealDraft(draft: UnitDraft, key: Uint8Array): SealedUnit {
  return { ...draft, entries: draft.entries.map((entry) => sealEntry(entry, key)) };
}

function sealEntry({ header, detail }: EntryText, key: Uint8Array): SealedEntry {
  const salt = randomPart(16).toString('base64url');
  // What canonical JSON prints of both: `detail` comes before `salt`.
  const text = `{"detail":${detail},"salt":"${salt}"}`;
  return {
    header: { ...header, detailHash: detailHash(salt, detail, sha256) },
    sealed: sealBox(key, Buffer.from(text), sealedFor(header)),
  };
}

/** Ties a box to its entry and no other. */
const sealedFor = (header: Pick<EntryHeader, 'tenant' | 'id'>) => `entry|${header.tenant}|${header.id}`;

export function openSealed(one: StoredEntry, key: Uint8Array): Detail | undefined {
  if (one.sealed === null) return undefined;
  const plain = openBox(key, one.sealed, sealedFor(one.header));
  return parseKept(Buffer.from(plain).toString('utf8')) as Detail;
}
