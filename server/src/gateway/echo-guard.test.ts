import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Secret } from '../foundation/index.ts';
import { createEchoGuard } from './echo-guard.ts';

const secret = 'Sh0p+s/cret=7f"3a&91<x>';

/** What passes a guard when `answer` comes in pieces cut at `cuts`; undefined where the guard found the secret. */
function passed(answer: Buffer, cuts: readonly number[], texts = [secret]): Buffer | undefined {
  const guard = createEchoGuard(texts.map((text) => new Secret(text)));
  const borders = [...new Set(cuts.map((cut) => cut % (answer.length + 1)))].sort((a, b) => a - b);
  const out: Uint8Array[] = [];
  let from = 0;
  for (const to of [...borders, answer.length]) {
    const piece = guard.pass(answer.subarray(from, to));
    if (piece === undefined) return undefined;
    out.push(piece);
    from = to;
  }
  return Buffer.concat([...out, guard.rest()]);
}

const spellings: Record<string, (text: string) => string> = {
  'as it is': (text) => text,
  'as a bearer header': (text) => `authorization: Bearer ${text}`,
  'in base64 alone': (text) => btoa(text),
  'in base64 after one byte': (text) => btoa(`u${text}`),
  'in base64 after a user': (text) => btoa(`refund-bot:${text}`),
  'in base64 inside JSON': (text) => btoa(JSON.stringify({ a: text.replaceAll('"', "'"), b: 1 })),
  'in URL-safe base64': (text) => Buffer.from(`ab${text}cd`).toString('base64url'),
  'in hex': (text) => Buffer.from(text).toString('hex'),
  'in upper-case hex': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'percent-encoded': (text) => encodeURIComponent(text),
  'percent-encoded in small letters': (text) => encodeURIComponent(text).replace(/%../g, (each) => each.toLowerCase()),
  'as a form': (text) => new URLSearchParams({ key: text }).toString(),
  'as a URL’s query': (text) => new URL(`https://shop.example/?key=${encodeURIComponent(text)}`).href,
  'percent-encoded throughout': (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join(''),
  'as JSON': (text) => JSON.stringify({ sent: text }),
  'as JSON with escaped slashes': (text) => JSON.stringify(text).replaceAll('/', '\\/'),
  'as JSON in escapes throughout': (text) => [...text].map((c) => `\\u00${c.charCodeAt(0).toString(16)}`).join(''),
};
for (const [how, spell] of Object.entries(spellings)) {
  // Base64 inside JSON spells quotes in its own way: a secret without them is what it is about.
  const text = how === 'in base64 inside JSON' ? secret.replaceAll('"', '') : secret;
  test(`echoed-secret: found ${how}, wherever the pieces are cut`, () => {
    const answer = Buffer.from(`<p>before</p>${spell(text)} and after`);
    for (let cut = 0; cut <= answer.length; cut++) assert.equal(passed(answer, [cut], [text]), undefined, `at ${cut}`);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (cuts) =>
        assert.equal(passed(answer, cuts, [text]), undefined),
      ),
    );
  });
}

test('not one byte of a secret goes on before it is found', () => {
  const guard = createEchoGuard([new Secret(secret)]);
  for (const byte of Buffer.from(secret)) {
    const piece = guard.pass(Buffer.from([byte]));
    assert.ok(piece === undefined || piece.length === 0);
  }
  assert.equal(guard.pass(Buffer.from('harmless')), undefined);
  assert.equal(guard.rest().length, 0);
});

test('an answer without a secret passes unchanged, however it is cut', () => {
  const answers = fc.array(fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...nearly())), { maxLength: 8 });
  fc.assert(
    fc.property(answers, fc.array(fc.nat(), { maxLength: 12 }), (parts, cuts) => {
      const answer = Buffer.concat(parts);
      fc.pre(!answer.includes(secret));
      assert.deepEqual(passed(answer, cuts), answer);
    }),
  );
});

function nearly(): Uint8Array[] {
  return [secret.slice(0, -1), secret.slice(1), secret.slice(0, 5)].map(
    (text) => new Uint8Array(Buffer.from(`${text}~`)),
  );
}

test('a stream that could not begin a secret is not held back', () => {
  const guard = createEchoGuard([new Secret(secret)]);
  assert.equal(Buffer.from(guard.pass(Buffer.from('data: 1\n\n')) ?? []).toString(), 'data: 1\n\n');
});

test('each of several secrets is found, and without any all passes', () => {
  const texts = ['first-secret', 'other-secret'];
  for (const text of texts) assert.equal(passed(Buffer.from(`x ${text} y`), [5], texts), undefined);
  assert.equal(passed(Buffer.from(secret), [3], [])?.toString(), secret);
});

test('headers are searched by name and value', () => {
  const guard = createEchoGuard([new Secret('first-secret')]);
  assert.ok(guard.inText('x-echo: Bearer first-secret'));
  assert.ok(guard.inText(`x-echo: ${btoa('Bearer first-secret')}`));
  assert.ok(guard.inText('first-secret: 1'));
  assert.ok(!guard.inText('x-echo: second-secret'));
});
