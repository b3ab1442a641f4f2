import { consistencyPath, type EntryId, inclusionPath, type TenantId, toBase64 } from '@ambit/protocol';
import type { ConsistencyProof, InclusionProof } from '@ambit/protocol/wire';
import { type Ground, refuse, type StoredEntry, span } from '../foundation/index.ts';
import { sha256 } from './log-key.ts';
import { findEntry } from './store.ts';

/** RFC 6962 §2.1.1: that the entry stands in the tree of the first `size` entries. */
export function proveInclusion(ground: Ground, tenant: TenantId, id: EntryId, size: number): Promise<InclusionProof> {
  return span('audit/prove', async () => inclusionOf(ground, await requireEntry(ground, tenant, id), size));
}

export async function requireEntry(ground: Ground, tenant: TenantId, id: EntryId): Promise<StoredEntry> {
  const entry = await findEntry(ground, tenant, id);
  if (entry === undefined) throw refuse('thing.not_found', `no entry ${id}`);
  return entry;
}

async function inclusionOf(
  ground: Ground,
  { index, leaf, header }: StoredEntry,
  size: number,
): Promise<InclusionProof> {
  await requireSize(ground, size);
  if (index >= size) throw refuse('log.not_that_long', `entry ${index} is not among the first ${size}`);
  const path = await inclusionPath(size, index, (level, at) => ground.database.log.node(level, at), sha256);
  return { entry: header.id, index, size, leaf: toBase64(leaf), path: path.map(toBase64) };
}

async function requireSize(ground: Ground, size: number): Promise<void> {
  const head = await ground.database.log.head();
  if (size > head.size) throw refuse('log.not_that_long', `the log has ${head.size} entries, not ${size}`);
}

/** RFC 6962 §2.1.2: that the first `older` entries are the beginning of the first `newer`. */
export function proveConsistency(ground: Ground, older: number, newer: number): Promise<ConsistencyProof> {
  return span('audit/prove', async () => {
    await requireSize(ground, newer);
    if (older > newer) throw refuse('log.not_that_long', `${newer} entries do not begin with ${older}`);
    const path = await consistencyPath(older, newer, (level, at) => ground.database.log.node(level, at), sha256);
    return { older, newer, path: path.map(toBase64) };
  });
}
