import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { readConfig, settings } from './config.ts';

test('without any setting every row has its fallback, and each has a name of its own', () => {
  const config = readConfig({});
  assert.deepEqual(Object.keys(config), Object.keys(settings));
  assert.equal(new Set(Object.values(settings).map(({ env }) => env)).size, Object.keys(settings).length);
  assert.equal(config.keysJson, null);
  assert.equal(config.waitSecondsMax, 600);
});

test('keys given as a text are wrapped: no print of the settings shows them', () => {
  const config = readConfig({ AMBIT_KEYS_JSON: '{"master":"hunter2"}' });
  assert.equal(config.keysJson?.unwrap(), '{"master":"hunter2"}');
  assert.doesNotMatch(`${inspect(config)}${JSON.stringify(config)}${String(config.keysJson)}`, /hunter2/);
});

test('keys in two places are refused in one sentence that names both and shows neither', () => {
  assert.throws(
    () => readConfig({ AMBIT_KEYS: '/etc/ambit.keys', AMBIT_KEYS_JSON: 'hunter2' }),
    (error: unknown) => {
      assert.match(String(error), /ConfigFault: AMBIT_KEYS and AMBIT_KEYS_JSON are both set/);
      return !inspect(error).includes('hunter2');
    },
  );
  assert.equal(readConfig({ AMBIT_KEYS: '', AMBIT_KEYS_JSON: 'x' }).keyFile, readConfig({}).keyFile);
});

test('a misspelt setting, and a value outside its bounds, are refused by name', () => {
  assert.throws(() => readConfig({ AMBIT_KEY_JSON: 'x' }), /AMBIT_KEY_JSON: no such setting/);
  assert.throws(
    () => readConfig({ AMBIT_WAIT_SECONDS_MAX: '3601' }),
    /AMBIT_WAIT_SECONDS_MAX: expected a whole number/,
  );
  assert.throws(() => readConfig({ AMBIT_PEOPLE_BODY_BYTES_MAX: '1e9' }), /AMBIT_PEOPLE_BODY_BYTES_MAX: expected/);
});

test('every setting is read somewhere, and the reference says what each is for', () => {
  const main = readFileSync(join(import.meta.dirname, 'main.ts'), 'utf8');
  const unread = Object.keys(settings).filter(
    (name) => !new RegExp(`\\bconfig\\.${name}\\b|\\{[^{}]*\\b${name}\\b[^{}]*\\}: Config`).test(main),
  );
  assert.deepEqual(unread, []);
  for (const { says } of Object.values(settings)) assert.match(says, /^\S.*\.$/);
});
