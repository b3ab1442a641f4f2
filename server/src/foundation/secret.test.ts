import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { Secret } from './secret.ts';

const secret = new Secret('hunter2');

test('a secret is seen by its name only', () => {
  assert.equal(secret.unwrap(), 'hunter2');
});

test('however it is printed, a secret does not show', () => {
  const printed = [
    String(secret),
    `${secret}`,
    `a${secret as unknown as string}`,
    inspect(secret),
    inspect({ deep: { secret } }, { depth: null, showHidden: true }),
    inspect([secret], { customInspect: true, getters: true }),
    format('%s %o %O %j', secret, secret, secret, { secret }),
    JSON.stringify({ secret, list: [secret] }),
    new Error(`could not use ${secret}`).message,
    Object.entries(secret).join(),
    Object.getOwnPropertyNames(secret).join(),
  ];
  for (const text of printed) assert.equal(text.includes('hunter2'), false, text);
  assert.equal(String(secret), '[secret]');
  assert.equal(JSON.stringify({ secret }), '{}');
  assert.equal(JSON.stringify(structuredClone({ secret })), '{"secret":{}}');
});
