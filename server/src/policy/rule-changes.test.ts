import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ruleChanges } from './rule-changes.ts';

const set = (rules: Readonly<Record<string, string>>) => ({ texts: new Map(Object.entries(rules)) });

test('rules are compared by their names: new, said differently, and gone', () => {
  const before = set({ stays: 'permit (a);', changes: 'forbid (a);', goes: 'forbid (b);' });
  const after = set({ comes: 'permit (c);', stays: '\npermit (a);\n', changes: 'forbid (a) when { true };' });
  assert.deepEqual(ruleChanges(before, after), { added: ['comes'], changed: ['changes'], removed: ['goes'] });
});

test('the same text changes nothing, and an empty one removes everything', () => {
  const all = set({ one: 'permit (a);', two: 'forbid (a);' });
  assert.deepEqual(ruleChanges(all, all), { added: [], changed: [], removed: [] });
  assert.deepEqual(ruleChanges(all, set({})).removed, ['one', 'two']);
});
