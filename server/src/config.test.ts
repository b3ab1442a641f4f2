import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { ConfigFault, readConfig, settings } from './config.ts';

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

test('a mail server is read in one way, together with who mail comes from, and no print or message shows its password', () => {
  const from = { AMBIT_MAIL_FROM: 'ambit@acme.example' };
  const config = readConfig({ ...from, AMBIT_SMTP_URL: 'smtps://ambit:hunter2@mail.example' });
  assert.equal(config.smtpUrl?.unwrap(), 'smtps://ambit:hunter2@mail.example');
  assert.doesNotMatch(`${inspect(config)}${JSON.stringify(config)}`, /hunter2/);
  const none = [
    'mail.example',
    'https://x:hunter2@a',
    'smtp://x:hunter2@a/b',
    'smtp://x:hunter2@a?tls=no',
    'smtp://hunter2@a',
  ];
  for (const AMBIT_SMTP_URL of [...none, 'smtp://x:hunter2%@a', 'smtp:'])
    assert.throws(
      () => readConfig({ ...from, AMBIT_SMTP_URL }),
      (error: unknown) => /AMBIT_SMTP_URL: /.test(String(error)) && !inspect(error).includes('hunter2'),
      AMBIT_SMTP_URL,
    );
  for (const AMBIT_MAIL_FROM of ['Ambit <ambit@acme.example>', 'a@b, c@d', 'a@b\r\nBcc: c@d', '"a b"@c'])
    assert.throws(() => readConfig({ AMBIT_SMTP_URL: 'smtp://mail.example', AMBIT_MAIL_FROM }), /AMBIT_MAIL_FROM/);
  for (const half of [from, { AMBIT_SMTP_URL: 'smtp://mail.example' }])
    assert.throws(() => readConfig(half), /are set together/);
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
  // By `main`, or by what it hands the settings to.
  const sources = globSync('**/*.ts', {
    cwd: import.meta.dirname,
    exclude: (path) => /config\.ts$|\.test(ing)?\.ts$/.test(path),
  });
  const text = sources.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8')).join('\n');
  const unread = Object.keys(settings).filter(
    (name) =>
      !new RegExp(
        `\\bconfig\\.${name}\\b|\\{[^{}]*\\b${name}\\b[^{}]*\\}: (Config|\\{[^{}]*\\breadonly ${name}: )`,
      ).test(text),
  );
  assert.deepEqual(unread, []);
  for (const { says } of Object.values(settings)) assert.match(says, /^\S.*\.$/);
});

const fault = (says: RegExp) => (error: unknown) => {
  if (!(error instanceof ConfigFault)) throw error;
  assert.match(error.message, says);
  return true;
};

describe('the settings', () => {
  test('that nobody set are safe: loopback, proofs that cover bodies, nothing private to connect to', () => {
    const config = readConfig({});
    assert.deepEqual([config.host, config.agentPort, config.peoplePort], ['127.0.0.1', 8420, 8421]);
    assert.equal(config.bodyDigestRequired, 'yes');
    assert.deepEqual([config.outboundPrivateAllowed, config.outboundPlainHttpAllowed], [[], []]);
    assert.equal(config.dataDirectory, resolve('data'));
    assert.equal(config.keyFile.startsWith(config.dataDirectory), false);
  });

  test('are read from the environment, and what is not Ambit’s is left alone', () => {
    const config = readConfig({
      AMBIT_AGENT_PORT: '0',
      AMBIT_HOST: '::1',
      AMBIT_AGENT_ORIGIN: 'http://localhost:8420',
      AMBIT_OUTBOUND_PRIVATE_ALLOWED: ' 10.0.0.0/8 , http://127.0.0.1:9,',
      AMBIT_OUTBOUND_PLAIN_HTTP_ALLOWED: 'http://shop.internal:8080',
      AMBIT_CORPORA: '/x',
      PATH: '/bin',
      ambit_host: '0.0.0.0',
    });
    assert.deepEqual([config.agentPort, config.host, config.agentOrigin], [0, '::1', 'http://localhost:8420']);
    assert.deepEqual(config.outboundPrivateAllowed, ['10.0.0.0/8', 'http://127.0.0.1:9']);
    assert.deepEqual(config.outboundPlainHttpAllowed, ['http://shop.internal:8080']);
  });
});

describe('a setting that cannot be read stops the start, by its name', () => {
  const numbers = Object.values(settings).filter(({ fallback }) => /^\d+$/.test(fallback));
  for (const { env } of numbers) {
    test(env, () => {
      for (const bad of ['', ' 5', '-1', '1.5', '1e3', '0x10', 'five', '٣', '99999999999999', '999999999999']) {
        assert.throws(
          () => readConfig({ [env]: bad }),
          fault(new RegExp(`^${env}: expected a whole number from`)),
          bad,
        );
      }
    });
  }

  const bad: Readonly<Record<string, readonly string[]>> = {
    AMBIT_DATA: [''],
    AMBIT_HOST: ['', ' ', '127.0.0.1 ', 'a b', '[::1]', 'x\ny'],
    AMBIT_AGENT_ORIGIN: [
      'ambit.example',
      'http://ambit.example',
      'https://ambit.example/',
      'https://ambit.example/x',
    ].concat(['https://a@ambit.example', 'ftp://127.0.0.1', 'HTTPS://AMBIT.example', 'https://ambit.example?x', ' ']),
    AMBIT_PEOPLE_ORIGIN: ['http://people.example', 'https://people.example:443', 'x'],
    AMBIT_TRUST_DOMAIN: ['', 'ACME.example', 'acme example', 'acme/agent', '-acme', 'acme.', 'spiffe://acme'],
    AMBIT_LOG_ORIGIN: ['', 'a log', 'log+key', 'log\n', 'x'.repeat(201)],
    AMBIT_POLICY_ENGINE: ['', 'Compiled', 'both'],
    AMBIT_BODY_DIGEST_REQUIRED: ['', 'true', 'No'],
    AMBIT_OUTBOUND_PRIVATE_ALLOWED: ['10.0.0.0', '10.0.0.0/33', 'localhost', '10.0.0.0/8,x', '*'],
    AMBIT_OUTBOUND_PLAIN_HTTP_ALLOWED: [
      'shop.internal',
      'https://shop.internal',
      'http://shop.internal/x',
      '*',
      '10.0.0.0/8',
    ],
  };
  for (const [env, values] of Object.entries(bad)) {
    test(env, () => {
      for (const value of values) {
        assert.throws(() => readConfig({ [env]: value }), fault(new RegExp(`^${env}: `)), JSON.stringify(value));
      }
    });
  }
});

describe('what is refused whole', () => {
  test('a name of Ambit’s that is no setting: a misspelt one would leave a default in force', () => {
    assert.throws(() => readConfig({ AMBIT_HOSTS: '0.0.0.0' }), fault(/^AMBIT_HOSTS: no such setting/));
    assert.throws(() => readConfig({ AMBIT_: '', AMBIT_POTR: '1' }), fault(/AMBIT_, AMBIT_POTR: no such setting/));
    assert.throws(() => readConfig({ AMBIT_agent_port: '1' }), fault(/no such setting/));
  });

  test('plain HTTP that others can reach', () => {
    const origins = { AMBIT_AGENT_ORIGIN: 'https://ambit.example', AMBIT_PEOPLE_ORIGIN: 'https://people.example' };
    for (const AMBIT_HOST of ['0.0.0.0', '::', '10.0.0.5', '192.168.1.2', 'ambit.internal', '127.example.com', '::2']) {
      assert.throws(
        () => readConfig({ AMBIT_HOST }),
        fault(/set AMBIT_AGENT_ORIGIN and AMBIT_PEOPLE_ORIGIN/),
        AMBIT_HOST,
      );
      const half = { AMBIT_HOST, AMBIT_AGENT_ORIGIN: origins.AMBIT_AGENT_ORIGIN };
      assert.throws(() => readConfig(half), fault(/set AMBIT_PEOPLE_ORIGIN to the https/), AMBIT_HOST);
      const plain = { ...origins, AMBIT_HOST, AMBIT_PEOPLE_ORIGIN: 'http://127.0.0.1:8421' };
      assert.throws(() => readConfig(plain), fault(/set AMBIT_PEOPLE_ORIGIN to the https/), AMBIT_HOST);
      assert.equal(readConfig({ ...origins, AMBIT_HOST }).host, AMBIT_HOST);
    }
    for (const AMBIT_HOST of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) {
      assert.equal(readConfig({ AMBIT_HOST }).host, AMBIT_HOST);
    }
  });
});
