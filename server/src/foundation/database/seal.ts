import { randomBytes } from 'node:crypto';
import { canonicalJson, detailHash, type EntryHeader, parseKept } from '@ambit/protocol';
import type { Detail, StoredEntry } from './database.ts';
import { sha256 } from './edge.ts';
import type { Unit } from './unit.ts';
import type { SealedUnit } from './writer.ts';

/** Seals a detail for its entry; the additional data ties the box to that entry and no other. */
export type DetailSeal = {
  seal(plain: Uint8Array, additional: string): Uint8Array;
  open(box: Uint8Array, additional: string): Uint8Array;
};

/** What goes to the writer: no detail leaves this thread unsealed. */
export function sealUnit(unit: Unit, at: number, seal: DetailSeal): SealedUnit {
  const entries = unit.entries.map((draft) => {
    const { detail, ...rest } = draft;
    const salt = randomBytes(16).toString('base64url');
    const text = canonicalJson(detail);
    const header: Omit<EntryHeader, 'changes'> = {
      v: 1,
      ...rest,
      at,
      tenant: unit.tenant,
      detailHash: detailHash(salt, text, sha256),
    };
    return { header, sealed: seal.seal(Buffer.from(canonicalJson({ salt, detail })), sealedFor(header)) };
  });
  return { tenant: unit.tenant, checks: unit.checks ?? [], changes: unit.changes ?? [], entries };
}

const sealedFor = (header: Pick<EntryHeader, 'tenant' | 'id'>) => `entry|${header.tenant}|${header.id}`;

export function openSealed(one: StoredEntry, seal: DetailSeal): Detail | undefined {
  if (one.sealed === null) return undefined;
  const plain = seal.open(one.sealed, sealedFor(one.header));
  return parseKept(Buffer.from(plain).toString('utf8')) as Detail;
}
