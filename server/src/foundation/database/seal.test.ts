import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { canonicalJson, detailHash, type EntryHeader, leafHash, type TaskId } from '@ambit/protocol';
import fc from 'fast-check';
import { randomId } from '../ids.ts';
import { leafOf, sha256 } from './edge.ts';
import { draftOf, openSealed, sealEntry } from './seal.ts';
import { type EntryDraft, entry, planeItself } from './unit.ts';

const key = randomBytes(32);
const tenant = randomId('tenant');
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const odd = fc.oneof(
  text,
  fc.constantFrom('"', '\\', '\n', '\0', 'é', '€', '😀', '\u2028', '","changes":[],"', '</script>'),
);
const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });

const drafts: fc.Arbitrary<EntryDraft> = fc
  .record({
    kind: odd,
    task: orNull(odd),
    run: orNull(odd),
    about: orNull(odd),
    action: orNull(odd),
    code: orNull(odd),
    decision: orNull(fc.constantFrom('permit' as const, 'ask' as const, 'deny' as const)),
    keys: fc.array(odd, { maxLength: 3 }),
    initiator: odd,
    zone: orNull(odd),
    more: fc.record(
      { kind: fc.constantFrom('agent', 'service'), capacity: fc.constantFrom('on-behalf', 'own') },
      { requiredKeys: [] },
    ),
    detail: fc.dictionary(odd, fc.jsonValue(), { maxKeys: 4 }),
  })
  .map(({ initiator, zone, more, detail, task, run, about, ...rest }) =>
    entry({
      ...rest,
      id: randomId('entry'),
      task: task as TaskId | null,
      run: run as TaskId | null,
      about: about as EntryDraft['about'],
      who: { ...planeItself, initiator, zone, ...(more as Pick<EntryDraft['who'], 'kind' | 'capacity'>) },
      detail,
    }),
  );

test('law: a header is printed as canonical JSON prints it, and hangs on the detail that its box opens to', () => {
  fc.assert(
    fc.property(drafts, fc.array(odd, { maxLength: 2 }), (draft, rows) => {
      const at = 1_768_469_400_123;
      const [drawn] = draftOf({ tenant, entries: [draft] }, at).entries;
      const { upToChanges, afterChanges, sealed } = sealEntry(drawn!, tenant, key);
      const changes = rows.map((row) => ({ table: 'rows', key: row, hash: null }));
      const printed = `${upToChanges}${canonicalJson(changes)}${afterChanges}`;
      const header = JSON.parse(printed) as EntryHeader;
      const { detail, ...rest } = draft;
      const { detailHash: hangsOn } = header;
      assert.equal(printed, canonicalJson({ v: 1, ...rest, at, tenant, changes, detailHash: hangsOn }));
      assert.deepEqual(leafOf(printed), leafHash(Buffer.from(printed), sha256));
      const opened = openSealed({ index: 0, header, leaf: leafOf(printed), sealed }, key);
      assert.equal(canonicalJson(opened?.detail), canonicalJson(detail));
      assert.equal(hangsOn, detailHash(opened!.salt, canonicalJson(detail), sha256));
      assert.throws(() => openSealed({ index: 0, header, leaf: leafOf(printed), sealed }, randomBytes(32)));
    }),
  );
});

test('what JSON cannot keep is refused before it is on its way, wherever it stands', () => {
  const fine = entry({ id: randomId('entry'), kind: 'test.said', who: planeItself });
  for (const broken of [
    { ...fine, action: 'half of a pair: \ud800' },
    { ...fine, keys: ['\udc00'] },
    { ...fine, who: { ...planeItself, zone: undefined as unknown as null } },
    { ...fine, detail: { at: new Date(0) } },
  ]) {
    assert.throws(() => draftOf({ tenant, entries: [broken] }, 1), { name: 'JsonFault' });
  }
});
