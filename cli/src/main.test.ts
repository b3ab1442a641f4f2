import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { newKey, printKey } from '@ambit/sdk/operator';
import { command } from './command.ts';
import { groups, rows } from './commands/index.ts';
import { count, may, whether } from './kinds.ts';
import { makeKeyFile } from './profile.ts';
import { program } from './program.ts';
import { told } from './testing.ts';
import { processWorld, type World } from './world.ts';

const scratch = mkdtempSync(join(tmpdir(), 'ambit-cli-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
const env = { AMBIT_HOME: join(scratch, 'nobody') };
const person = 'psn_0123456789abcdefghjk';
const key = join(scratch, 'person.key');
await makeKeyFile(key);
const as = (url: string, file = key) => ['--url', url, '--person', person, '--key', file];

test('every command has an example that begins with its own name, and its group has words', () => {
  assert.ok(rows.length > 50, `${rows.length} commands`);
  assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
  for (const { name, example, says } of rows) {
    assert.ok(example.startsWith(`ambit ${name}`), name);
    assert.match(says, /\.$/, name);
    const path = name.split(' ').slice(0, -1);
    for (let i = 1; i <= path.length; i++) assert.ok(groups[path.slice(0, i).join(' ')], name);
  }
});

test('every command explains itself, with an example and the codes it ends with', async () => {
  for (const { name, example } of rows) {
    const { code, out, err } = await told([...name.split(' '), '--help'], { env });
    assert.equal(code, 0, name);
    assert.ok(out.includes(example), name);
    assert.match(out, /--json/, name);
    assert.equal(err, '');
  }
  const { out } = await told(['--help'], { env });
  for (const code of [0, 1, 2, 3, 4]) assert.match(out, new RegExp(`^  ${code}  `, 'm'));
});

test('the version is that of the package', async () => {
  assert.match((await told(['--version'])).out, /^\d+\.\d+\.\d+\n$/);
});

test('a wrong command line ends with 2, in one sentence and with what to do next', async () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['frob'], /unknown command/],
    [['agent', 'frob'], /unknown command/],
    [['agent', 'show'], /missing required argument/],
    [['agent', 'show', 'tsk_0123456789abcdefghjk'], /expected the id of one agent/],
    [['person', 'add'], /--name/],
    [['person', 'add', '--name', 'Bob', '--name', 'Rob'], /more than once/],
    [['person', 'add', '--name', 'Bob', '--role', 'king'], /expected one of administrator, catalog/],
    [['task', 'list', '--frob'], /unknown option/],
    [['approval', 'answer', 'apr_0123456789abcdefghjk'], /either --yes or --no/],
    [['approval', 'answer', 'apr_0123456789abcdefghjk', '--yes', '--no'], /either --yes or --no/],
    [
      ['approval', 'rule', 'set', '*', '--role', 'administrator', '--answers', '1', '--within', '1h'],
      /one of approver/,
    ],
    [['approval', 'list', '--state', 'claimed'], /expected one of parked, .*denied.*moved/],
    [['limit', 'set', 'a', '--subject', 'agent', '--in', '1d', '--reason', 'r', '--sum', '1'], /--currency/],
    [['run', 'list', '--limit', 'many'], /whole number/],
    [['person', 'list', ...as('http://ambit.example')], /https origin/],
    [['person', 'list', ...as('https://ambit.example/v1')], /https origin/],
    [['audit', 'verify', join(scratch, 'none.jsonl')], /cannot be read/],
    [['audit', 'export', '--json'], /many JSON values/],
  ];
  for (const [argv, says] of wrong) {
    const { code, out, err } = await told(argv, { env });
    assert.equal(code, 2, `${argv.join(' ')}: ${err}`);
    assert.match(err, says);
    assert.match(err, /^ambit: .+\n {2}.+\n$/);
    assert.equal(out, '');
  }
});

test('a wrong command line is pointed at the help of that very command', async () => {
  const pointed: readonly (readonly [readonly string[], string])[] = [
    [['task', 'revoke'], 'See: ambit task revoke --help'],
    [['task', 'revoke', 'tsk_0123456789abcdefghjk'], 'See: ambit task revoke --help'],
    [['task', 'list', '--frob'], 'See: ambit task list --help'],
    [['task', 'frob'], 'See: ambit task --help'],
    [['frob'], 'See: ambit --help'],
    [['agent', 'show', 'tsk_0123456789abcdefghjk'], 'See the example: ambit agent show --help'],
  ];
  for (const [argv, next] of pointed) assert.equal((await told(argv, { env })).err.split('\n')[1]?.trim(), next);
});

test('what to do next is done with the same options of who and where, where some were given', async () => {
  const nobody = await told(['agent', 'list', ...as('http://127.0.0.1:9')], { env });
  assert.match(nobody.err, /: ambit doctor, with the same --url, --person, --key\n$/);
  const named = await told(['agent', 'list'], {
    env: { ...env, AMBIT_URL: 'http://127.0.0.1:9', AMBIT_PERSON: person, AMBIT_PERSON_KEY: key },
  });
  assert.match(named.err, /: ambit doctor\n$/);
  const helped = await told(['approval', 'answer', 'apr_0123456789abcdefghjk', ...as('http://127.0.0.1:9')], { env });
  assert.match(helped.err, /--help\n$/);
});

test('help of a command of several words is its own', async () => {
  for (const path of [['task', 'open'], ['agent', 'key', 'add'], ['serve'], ['task']]) {
    const { code, out } = await told(['help', ...path], { env });
    assert.equal(code, 0);
    assert.deepEqual(out, (await told([...path, '--help'], { env })).out);
  }
  assert.equal((await told(['help', 'task', 'frob'], { env })).out.includes('--agent'), false);
});

test('a group without a command shows its help and ends with 2', async () => {
  const { code, err } = await told(['agent'], { env });
  assert.equal(code, 2);
  assert.match(err, /register/);
});

test('no flag that is given is lost, however its row spells it', async () => {
  const flags = {
    maySearch: whether('one'),
    'takes-tokens': whether('two'),
    'no-delegates': whether('three'),
    noOther: whether('four'),
    no: whether('five'),
    'live-max': may(count, 'six'),
  };
  const run = async ({ flags: value }: { flags: unknown }) => ({ value, lines: [] });
  const row = command({ name: 'try', says: 'Tries.', example: 'ambit try', isLocal: true, flags, run });
  const heard = async (...argv: string[]) => {
    const stdout = new PassThrough();
    const world = { ...processWorld(), stdout } as unknown as World;
    await program([row], {}, '0.0.0', world, { exit: 'ok' }).parseAsync(['try', '--json', ...argv], { from: 'user' });
    return JSON.parse(String(stdout.read()));
  };
  const none = { maySearch: false, 'takes-tokens': false, 'no-delegates': false, noOther: false, no: false };
  assert.deepEqual(await heard(), none);
  const all = ['--may-search', '--takes-tokens', '--no-delegates', '--no-other', '--no', '--live-max', '3'];
  const yes = Object.fromEntries(Object.keys(none).map((name) => [name, true]));
  assert.deepEqual(await heard(...all), { ...yes, 'live-max': 3 });
});

test('a secret is never taken from an argument', () => {
  for (const { name, flags = {}, args = {} } of rows) {
    // The id of a token says which one, and opens nothing.
    const named = Object.entries(args).filter(([, { expects }]) => !expects.startsWith('the id of'));
    for (const one of [...Object.keys(flags), ...named.map(([arg]) => arg)]) {
      assert.doesNotMatch(one, /^(secret|password|token|code)$/i, name);
    }
  }
});

test('who is nobody is told to enrol, and ends with 4', async () => {
  const { code, err } = await told(['agent', 'list'], { env });
  assert.equal(code, 4);
  assert.match(err, /ambit enrol/);
});

test('a key file that others can open is refused, and the sentence says how to mend it', async () => {
  const open = join(scratch, 'open.key');
  writeFileSync(open, printKey(await newKey()));
  chmodSync(open, 0o644);
  const { code, err } = await told(['agent', 'list', ...as('https://ambit.example', open)], { env });
  assert.equal(code, 4);
  assert.match(err, /Others on this machine can open/);
  assert.ok(err.includes(`chmod 600 ${open}`));
});

test('a key file that is there is never overwritten, and a new one is private', async () => {
  assert.equal(statSync(key).mode & 0o777, 0o600);
  await assert.rejects(makeKeyFile(key), /exists already/);
});

test('half of a key is never printed', async () => {
  const broken = join(scratch, 'broken.key');
  writeFileSync(broken, `{"kty":"OKP","d":"very-secret-half"`, { mode: 0o600 });
  const { code, err } = await told(['agent', 'list', ...as('https://ambit.example', broken)], { env });
  assert.equal(code, 4);
  assert.doesNotMatch(err, /very-secret-half/);
});

test('where nothing listens it ends with 3, and the sentence names the address', async () => {
  const gone = createServer();
  await new Promise<void>((listening) => gone.listen(0, '127.0.0.1', listening));
  const { port } = gone.address() as AddressInfo;
  await new Promise((closed) => gone.close(closed));
  const { code, err } = await told(['agent', 'list', ...as(`http://127.0.0.1:${port}`)], { env });
  assert.equal(code, 3, err);
  assert.match(err, new RegExp(`could not be reached: .*127\\.0\\.0\\.1:${port}\\b`));
});

test('where something else answers it ends with 3, and its words are cleaned', async () => {
  const other = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<b>\u001b[2J'),
  );
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
  const { port } = other.address() as AddressInfo;
  const { code, err } = await told(['agent', 'list', ...as(`http://127.0.0.1:${port}`)], { env });
  other.close();
  assert.equal(code, 3, err);
  assert.ok(!err.includes('\u001b'));
});
