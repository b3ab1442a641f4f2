import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerHeaders, chooseHeaders, mayForward, traceHeaders } from './forward-headers.ts';

test('decided-is-not-sent: only what is always harmless and what the action declares goes along', () => {
  const incoming = [
    ['Accept', 'application/json'],
    ['Accept-Language', 'de'],
    ['Cookie', 'a=b'],
    ['Authorization', 'DPoP x'],
    ['DPoP', 'x'],
    ['X-HTTP-Method-Override', 'DELETE'],
    ['X-Original-URL', '/payroll'],
    ['X-Forwarded-For', '127.0.0.1'],
    ['X-Request-Kind', 'probe'],
    ['X-Other', '1'],
  ] as const;
  assert.deepEqual(
    { ...chooseHeaders(incoming, new Set(['x-request-kind'])) },
    {
      accept: 'application/json',
      'accept-language': 'de',
      'x-request-kind': 'probe',
    },
  );
});

test('decided-is-not-sent: a declaration cannot let through what frames, routes or rewrites a request', () => {
  const never = [
    ...['host', 'cookie', 'authorization', 'connection', 'transfer-encoding', 'content-length', 'content-encoding'],
    ...[
      'te',
      'upgrade',
      'expect',
      'range',
      'forwarded',
      'x-forwarded-host',
      'x-http-method-override',
      'x-method-override',
    ],
    ...['x-original-url', 'x-rewrite-url', 'x-real-ip', 'proxy-authorization', 'ambit-task', 'accept-encoding', 'dpop'],
  ];
  for (const name of never) {
    assert.ok(!mayForward(name), name);
    assert.deepEqual({ ...chooseHeaders([[name, '1']], new Set([name])) }, {}, name);
  }
});

test('a forwarded header that comes twice is refused, in whatever case', () => {
  const twice = [
    ['X-Kind', 'a'],
    ['x-kind', 'b'],
  ] as const;
  assert.throws(() => chooseHeaders(twice, new Set(['x-kind'])), { code: 'request.malformed' });
});

test('trace context passes where it can be read, and is dropped where it cannot', () => {
  const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  assert.deepEqual(
    traceHeaders([
      ['Traceparent', parent],
      ['tracestate', 'a=1'],
      ['tracestate', 'b=2'],
    ]),
    [
      ['traceparent', parent],
      ['tracestate', 'a=1,b=2'],
    ],
  );
  assert.deepEqual(
    traceHeaders([
      ['traceparent', parent],
      ['traceparent', parent],
    ]),
    [],
  );
  assert.deepEqual(traceHeaders([['traceparent', parent.replace('0af7', 'ZZZZ')]]), []);
  assert.deepEqual(traceHeaders([['traceparent', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`]]), []);
  assert.deepEqual(traceHeaders([['tracestate', 'a=1']]), []);
});

test('voice-of-ambit: what only the plane may say does not come from an upstream', () => {
  const spoken = [
    'location',
    'dpop-nonce',
    'www-authenticate',
    'ambit-entry',
    'ambit-source',
    'ratelimit',
    'proxy-authenticate',
  ];
  const also = [
    'x-accel-redirect',
    'access-control-allow-origin',
    'traceparent',
    'alt-svc',
    'refresh',
    'content-location',
  ];
  for (const name of [...spoken, ...also]) {
    assert.deepEqual(answerHeaders([[name, 'x']]), [['ambit-source', 'upstream']], name);
  }
});

test('minted-credential: cookies and authentication headers never pass; page tokens do', () => {
  const minted = [
    'Set-Cookie',
    'set-cookie2',
    'x-auth-token',
    'x-api-key',
    'X-Session-Id',
    'x-amz-security-token',
    'x-csrf-token',
  ];
  const also = [
    'authentication-info',
    'authorization',
    'x-access-token',
    'x-refresh-token',
    'jwt',
    'x-subject-token',
    'x-new-api-key',
  ];
  for (const name of [...minted, ...also]) assert.equal(answerHeaders([[name, 'x']]).length, 1, name);
  for (const name of ['x-next-page-token', 'x-ms-continuation-token', 'etag', 'link', 'x-total-count', 'retry-after']) {
    assert.equal(answerHeaders([[name, 'x']]).length, 2, name);
  }
});

test('hop-by-hop headers stay on their hop, those named by connection too', () => {
  const headers = answerHeaders([
    ['Connection', 'close, X-Hop'],
    ['x-hop', '1'],
    ['keep-alive', 'timeout=5'],
    ['Transfer-Encoding', 'chunked'],
    ['Content-Type', 'application/json'],
    ['x-bad', 'a\u0000b'],
  ]);
  assert.deepEqual(headers, [
    ['content-type', 'application/json'],
    ['ambit-source', 'upstream'],
  ]);
});
