// Every address of the console; those of an owner are in a file of their own, so that both are walked at once.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { places } from '../src/places.ts';
import { walkPages } from './walk-pages.ts';
import { walks } from './walks.ts';

const isThere = (page: string) => existsSync(new URL(`../src/pages/${page}/page.tsx`, import.meta.url));

test('every address that has a page is walked', () => {
  const open = places.filter(({ page }) => isThere(page)).map(({ path }) => path);
  assert.deepEqual(Object.keys(walks).toSorted(), open.toSorted(), 'a page is a row of walks.ts too');
});

walkPages([null, 'bob', 'carol', 'ada']);
