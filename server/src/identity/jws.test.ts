import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonNumber, parseJson } from '@ambit/protocol';
import { readJws, textClaim, timeClaim } from './jws.ts';

const part = (value: unknown) => {
  const bytes = value instanceof Uint8Array ? value : typeof value === 'string' ? value : JSON.stringify(value);
  return Buffer.from(bytes).toString('base64url');
};
const jws = (header: unknown, claims: unknown, signature = 'AAAA') => `${part(header)}.${part(claims)}.${signature}`;
const read = (text: string) => readJws(text, 'token.invalid');
const refused = (text: string, because: RegExp) =>
  assert.throws(() => read(text), { name: 'Refusal', code: 'token.invalid', because }, text);

test('a token is taken apart into header, claims, what was signed, and the signature', () => {
  const text = jws({ typ: 'x' }, { sub: 'alice' }, 'AQID');
  const [headerText, claimsText] = text.split('.');
  const { signed, signature, ...rest } = read(text);
  assert.equal(JSON.stringify(rest), JSON.stringify({ headerText, header: { typ: 'x' }, claims: { sub: 'alice' } }));
  assert.equal(Buffer.from(signed).toString(), `${headerText}.${claimsText}`);
  assert.deepEqual([...signature], [1, 2, 3]);
});

test('a header that is known already is not read again', () => {
  const text = jws({ typ: 'x' }, {});
  const known = { typ: 'as it was read before' };
  assert.equal(
    readJws(text, 'token.invalid', (header) => (header === part({ typ: 'x' }) ? known : undefined)).header,
    known,
  );
  assert.equal(readJws(text, 'token.invalid', () => undefined).header.typ, 'x');
});

test('a token has at most 8192 characters', () => {
  const start = `${part({ typ: 'x' })}.${part({})}.`;
  const text = start + 'A'.repeat(8192 - start.length);
  assert.equal(text.length, 8192);
  assert.ok(read(text).signature.length > 0);
  refused(`${text}A`, /the token has more than 8192 bytes/);
});

test('a token is three parts of base64url with nothing around them', () => {
  const text = jws({}, {});
  for (const odd of [
    '',
    ` ${text}`,
    `${text} `,
    `${text}\n`,
    `${text}.AAAA`,
    `.${text}`,
    jws({}, {}, ''),
    jws({}, {}, 'A='),
  ])
    refused(odd, /the token is not a compact JWS/);
});

test('each part has one spelling', () => {
  // Two characters stand for one byte and four bits more, which have to be zero.
  refused(jws({}, {}, 'AB'), /the signature is not base64url of one spelling/);
  refused(`${part({})}.e31.AAAA`, /the payload is not base64url of one spelling/);
  refused(`e31.${part({})}.AAAA`, /the header is not base64url of one spelling/);
});

test('header and claims are JSON objects of one meaning, in UTF-8', () => {
  for (const odd of [[], null, 'null', 'true', '"text"', '5', '[{}]']) {
    refused(jws(odd, {}), /the header is not a JSON object/);
    refused(jws({}, odd), /the payload is not a JSON object/);
  }
  refused(jws('{"a":1,"a":2}', {}), /the header is not JSON of one meaning: ./);
  refused(jws({}, '{"a"'), /the payload is not JSON of one meaning: ./);
  refused(jws({}, '\ufeff{}'), /the payload is not JSON of one meaning: ./);
  refused(jws({}, Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)), /the payload is not UTF-8/);
});

test('header and claims are neither deep nor many', () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  assert.ok(read(jws({}, nested(8))));
  refused(jws({}, nested(9)), /the payload is not JSON of one meaning/);
  assert.ok(read(jws({}, { list: Array(500).fill(1) })));
  refused(jws({}, { list: Array(513).fill(1) }), /the payload is not JSON of one meaning/);
});

test('a header that changes how the rest is read is refused', () => {
  refused(jws({ crit: [] }, {}), /the header has crit/);
  refused(jws({ b64: true }, {}), /the header has b64/);
});

test('a text claim has 1 to 1024 characters', () => {
  for (const text of ['x', 'x'.repeat(1024)]) assert.equal(textClaim({ jti: text }, 'jti', 'token.invalid'), text);
  for (const odd of ['', 'x'.repeat(1025), null, true, ['x'], {}])
    assert.throws(() => textClaim({ jti: odd }, 'jti', 'token.invalid'), {
      code: 'token.invalid',
      because: 'the claim jti is missing, or not one text',
    });
  assert.throws(() => textClaim({}, 'jti', 'proof.invalid'), { code: 'proof.invalid' });
});

test('a time claim is a number of seconds after 1970 and before the year 5138', () => {
  const timed = (text: string) =>
    timeClaim(parseJson(`{"exp":${text}}`) as { exp: JsonNumber }, 'exp', 'token.invalid');
  assert.equal(timed('1'), 1000);
  assert.equal(timed('0.5'), 500);
  assert.equal(timed('99999999999'), 99_999_999_999_000);
  for (const odd of ['0', '-1', '100000000000', '"1"', 'null', 'true', '[1]'])
    assert.throws(() => timed(odd), { code: 'token.invalid', because: 'the claim exp is missing, or not a time' }, odd);
});
