import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAnswer } from './read-answer.ts';

const answer = (text: string, status = 200) =>
  new Response(status === 204 ? null : text, { status, headers: { 'content-type': 'application/json' } });

test('an answer is read with the names that it has, whatever signs are in them', async () => {
  for (const name of ['\\', '"', '\n']) {
    const body = { 'body.amount': '30.00', [`body.${name}`]: 'x' };
    assert.deepEqual(await readAnswer(answer(JSON.stringify(body))), body);
  }
});

test('no content is nothing, and what is no JSON is not the plane’s', async () => {
  assert.equal(await readAnswer(answer('', 204)), undefined);
  for (const text of ['', '<html>', '{"a":1', '{"a\\n":1']) {
    await assert.rejects(readAnswer(answer(text)), { name: 'AmbitFault' });
  }
});
