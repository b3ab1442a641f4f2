import { hash } from 'node:crypto';
import { canonicalJson, parseKept, type TenantId, type Who } from '@ambit/protocol';
import { openBox, sealBox } from '../keys/keys.ts';
import { randomPart } from '../random.ts';
import type { Detail, StoredEntry } from './database.ts';
import type { Change, Check, EntryDraft, Fields, Unit } from './unit.ts';
import type { EntryPlace, SealedEntry } from './writer.ts';

/** A unit on its way to the writer's thread, as plain JSON: headers and details are canonical JSON, details still open. */
export type UnitDraft = {
  readonly tenant: string;
  /** When it was handed in, in epoch milliseconds. */
  readonly at: number;
  readonly checks: readonly Check[];
  readonly standing: readonly Check[];
  readonly changes: readonly Change[];
  readonly entries: readonly EntryText[];
};

export type EntryText = EntryPlace & {
  /** The header as it will be printed, from the value of `changes` on without what only the writer knows. */
  readonly upToChanges: string;
  readonly upToHash: string;
  readonly rest: string;
  readonly detail: string;
};

/** Throws where a unit holds what JSON cannot keep, e.g. a secret in its wrapper. */
export function draftOf({ tenant, checks = [], standing = [], changes = [], entries }: Unit, at: number): UnitDraft {
  for (const one of checks) requirePlainCheck(one);
  if (!known.has(standing)) {
    for (const one of standing) requirePlainCheck(one);
    known.add(standing);
  }
  for (const one of changes) {
    if (one.change === 'insert') requirePlain(one.row);
    if (one.change === 'update') [one.set, one.where].forEach(requirePlain);
  }
  return { tenant, at, checks, standing, changes, entries: entries.map((one) => entryText(one, tenant, at)) };
}

/**
 * What canonical JSON prints of a whole header, printed once and here: the writer only puts in the changes and the hash.
 * Every field by name, in the order of RFC 8785; a field too many does not compile.
 */
function entryText(draft: EntryDraft, tenant: TenantId, at: number): EntryText {
  const { about, action, code, decision, detail, id, keys, kind, run, task, who, ...none } = draft;
  none satisfies Record<string, never>;
  const print = canonicalJson;
  return {
    id,
    at,
    kind,
    task,
    run,
    upToChanges: `{"about":${print(about)},"action":${print(action)},"at":${print(at)},"changes":`,
    upToHash: `,"code":${print(code)},"decision":${print(decision)},"detailHash":`,
    rest: `,"id":${print(id)},"keys":${print(keys)},"kind":${print(kind)},"run":${print(run)},"task":${print(task)},"tenant":${print(tenant)},"v":1,"who":${printWho(who)}}`,
    detail: print(detail),
  };
}

function printWho(who: Who): string {
  const { agent, agentUser, capacity, channel, environment, initiator, ...rest } = who;
  const { instance, kind, proof, requester, zone, ...none } = rest;
  none satisfies Record<string, never>;
  const print = canonicalJson;
  const acts = capacity === undefined ? '' : `"capacity":${print(capacity)},`;
  const known = kind === undefined ? '' : `"kind":${print(kind)},`;
  return `{"agent":${print(agent)},"agentUser":${print(agentUser)},${acts}"channel":${print(channel)},"environment":${print(environment)},"initiator":${print(initiator)},"instance":${print(instance)},${known}"proof":${print(proof)},"requester":${print(requester)},"zone":${print(zone)}}`;
}

const known = new WeakSet<readonly Check[]>();

function requirePlainCheck({ is }: Check): void {
  if (is !== 'absent') requirePlain(is);
}

// INVARIANT (closed by default): JSON leaves out what is undefined, and a check that is left out always holds.
function requirePlain(fields: Fields): void {
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined || (typeof value === 'number' && !Number.isFinite(value)))
      throw new TypeError(`${name} is ${value}, which no row can hold`);
  }
}

/** Seals the detail of an entry under the key; nothing of it is written open. */
export function sealEntry(entry: EntryText, tenant: string, key: Uint8Array): SealedEntry {
  const { id, at, kind, task, run, upToChanges, upToHash, rest, detail } = entry;
  const salt = randomPart(16).toString('base64url');
  return {
    id,
    at,
    kind,
    task,
    run,
    upToChanges,
    // Both are what canonical JSON prints: `detail` comes before `salt`, and neither text needs an escape.
    afterChanges: `${upToHash}"sha-256:${hash('sha256', salt + detail, 'base64url')}"${rest}`,
    sealed: sealBox(key, `{"detail":${detail},"salt":"${salt}"}`, sealedFor({ tenant, id })),
  };
}

/** Ties a box to its entry and no other. */
const sealedFor = (header: { readonly tenant: string; readonly id: string }) => `entry|${header.tenant}|${header.id}`;

export function openSealed(one: StoredEntry, key: Uint8Array): Detail | undefined {
  if (one.sealed === null) return undefined;
  const plain = openBox(key, one.sealed, sealedFor(one.header));
  return parseKept(Buffer.from(plain).toString('utf8')) as Detail;
}
