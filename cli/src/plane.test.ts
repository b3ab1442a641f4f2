import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { type Given, type Told, told } from './testing.ts';

/** One plane, run by the real binary, and Alice, its first administrator, who works with it by command line. */
const scratch = mkdtempSync(join(tmpdir(), 'ambit-cli-plane-'));
const binary = join(import.meta.dirname, '../bin/ambit.js');
const settings = {
  AMBIT_DATA: join(scratch, 'data'),
  AMBIT_KEYS: join(scratch, 'keys', 'ambit.keys'),
  AMBIT_AGENT_PORT: '0',
  AMBIT_PEOPLE_PORT: '0',
  AMBIT_CHECKPOINT_SECONDS: '1',
  AMBIT_HOME: join(scratch, 'alice'),
};
const env = { ...process.env, ...settings };

const started = (argv: readonly string[]): ChildProcess =>
  spawn(process.execPath, ['--conditions=ambit-source', binary, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] });

async function ended(child: ChildProcess): Promise<Told> {
  const [out, err, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'exit')]);
  return { code, out, err };
}

const made = await told(['init', '--name', 'Acme', '--admin', 'Alice', '--json'], { env });
assert.equal(made.code, 0, made.err);
const { code, person } = JSON.parse(made.out);
const plane = started(['serve', '--json']);
const planeEnd = once(plane, 'exit');
const [firstLine] = await once(plane.stdout!.setEncoding('utf8'), 'data');
const { people, agents } = JSON.parse(firstLine);

after(async () => {
  plane.kill('SIGKILL');
  await planeEnd;
  rmSync(scratch, { recursive: true, force: true });
});

const alice = (argv: readonly string[], given: Given = {}) => told(argv, { env, ...given });

/** A command that must work, with its JSON. */
async function json(...argv: readonly string[]) {
  const { code: ended, out, err } = await alice([...argv, '--json']);
  assert.equal(ended, 0, `${argv.join(' ')}: ${err}`);
  return JSON.parse(out);
}

function fileOf(name: string, content: unknown): string {
  const path = join(scratch, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

test('serve prints its two addresses as one line of JSON', () => {
  assert.match(people, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.match(agents, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.notEqual(people, agents);
});

test('a wrong code enrols nobody and leaves no key behind', async () => {
  const { code: exit, err } = await alice(['enrol', '--url', people], { stdin: `${code.slice(0, -4)}AAAA\n` });
  assert.equal(exit, 4, err);
  assert.ok(!existsSync(join(settings.AMBIT_HOME, 'person.key')));
});

test('the one-time code brings a key once, and the profile remembers who it is', async () => {
  const { code: exit, out, err } = await alice(['enrol', '--url', people, '--label', 'laptop'], { stdin: `${code}\n` });
  assert.equal(exit, 0, err);
  assert.ok(out.includes(person));
  for (const name of ['profile.json', 'person.key']) {
    assert.equal(statSync(join(settings.AMBIT_HOME, name)).mode & 0o777, 0o600);
  }
  assert.equal((await json('person', 'me')).id, person);
  const other = { ...env, AMBIT_HOME: join(scratch, 'mallory') };
  const again = await told(['enrol', '--url', people], { env: other, stdin: `${code}\n` });
  assert.equal(again.code, 4);
});

test('the address of the agents’ listener ends with 3, and the sentence says which one is meant', async () => {
  const { code: exit, err } = await alice(['agent', 'list', '--url', agents]);
  assert.equal(exit, 3, err);
  assert.match(err, /agents’ listener; the people’s listener is another port/);
});

test('a profile is not replaced unasked', async () => {
  const { code: exit, err } = await alice(['enrol', '--url', people], { stdin: 'x' });
  assert.equal(exit, 2);
  assert.match(err, /--replace/);
});

test('an agent is registered, keyed, activated, listed and stopped, and its private key stays here', async () => {
  const ceiling = fileOf('ceiling.json', [{ type: 'ambit_grant', actions: ['shop:orders.get'] }]);
  const agent = await json(
    ...['agent', 'register', '--name', 'refund-bot', '--team', 'support', '--purpose', 'refunds', '--zone', 'internal'],
    ...['--environment', 'test', '--expires', '30d', '--ceiling', ceiling],
  );
  assert.equal(agent.state, 'draft');
  const keyFile = join(scratch, 'refund-bot.key');
  const key = await json('agent', 'key', 'add', agent.id, '--new', keyFile);
  assert.equal(key.jwk.d, undefined);
  assert.equal(statSync(keyFile).mode & 0o777, 0o600);
  assert.equal(JSON.parse(readFileSync(keyFile, 'utf8')).x, key.jwk.x);
  assert.equal((await json('agent', 'activate', agent.id)).state, 'active');
  const { out } = await alice(['agent', 'show', agent.id]);
  assert.match(out, /refund-bot/);
  assert.ok(out.includes(key.id));
  assert.equal((await json('agent', 'suspend', agent.id, '--reason', 'drill')).state, 'suspended');
  const wrong = await alice(['agent', 'activate', agent.id]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /agent\.wrong_state/);
});

test('a private JWK that is named by mistake is sent as its public half', async () => {
  const [agent] = await json('agent', 'list');
  const keyFile = join(scratch, 'other.key');
  await json('agent', 'key', 'add', agent.id, '--new', keyFile);
  const { code: exit, err } = await alice(['agent', 'key', 'add', agent.id, '--jwk', keyFile]);
  assert.equal(exit, 1);
  assert.match(err, /key\.known/);
});

test('a name full of tricks is shown, and obeyed by nothing', async () => {
  const name = `Bob${String.fromCodePoint(0x202e, 0x1b)}[2J`;
  const bob = await alice(['person', 'add', '--name', name, '--role', 'approver', '--json']);
  const listed = await alice(['person', 'list']);
  for (const { out, err } of [bob, listed]) {
    assert.doesNotMatch(out + err, /(?!\n)[\p{Cc}\p{Cf}]/u);
  }
  if (bob.code === 0) assert.match(listed.out, /Bob\[U\+202E\]\[U\+001B\]\[2J/);
});

test('who lacks the role ends with 4', async () => {
  const added = await json('person', 'add', '--name', 'Bob', '--role', 'approver');
  const bob = { ...env, AMBIT_HOME: join(scratch, 'bob') };
  const enrolled = await told(['enrol', '--url', people], { env: bob, stdin: added.enrolment.code });
  assert.equal(enrolled.code, 0, enrolled.err);
  const { code: exit, err } = await told(['credential', 'list'], { env: bob });
  assert.equal(exit, 4);
  assert.match(err, /administrator/);
  assert.equal((await told(['approval', 'list', '--json'], { env: bob })).out, '[]\n');
});

test('a credential goes in by standard input and its secret comes out nowhere', async () => {
  const secret = 'planted-secret-4711';
  const argv = ['credential', 'add', '--name', 'shop', '--kind', 'bearer', '--origin', 'https://shop.example'];
  const added = await alice([...argv, '--json'], { stdin: `${secret}\n` });
  assert.equal(added.code, 0, added.err);
  const { id } = JSON.parse(added.out);
  const listed = await alice(['credential', 'list']);
  const disabled = await alice(['credential', 'disable', id, '--reason', 'test']);
  for (const { out, err } of [added, listed, disabled]) assert.ok(!(out + err).includes(secret));
  assert.match(listed.out, /https:\/\/shop\.example/);
  assert.equal((await alice([...argv])).code, 2, 'an empty secret');
});

test('a credential that needs a place says by which flag, before its secret is asked for', async () => {
  const argv = ['credential', 'add', '--name', 'keyed', '--origin', 'https://keyed.example', '--kind'];
  for (const [kind, flag] of Object.entries({ header: 'x-api-key', query: 'api_key', basic: 'support' })) {
    const { code: exit, err } = await alice([...argv, kind]);
    assert.equal(exit, 2);
    assert.ok(err.includes(`--place ${flag}`), err);
  }
  const { code: exit, err } = await alice([...argv, 'header', '--place', 'x-api-key'], { stdin: 'planted-4712\n' });
  assert.equal(exit, 0, err);
});

test('a refusal says what happened, and on a line of its own what to do', async () => {
  const { code: exit, err } = await alice(['task', 'show', 'tsk_0123456789abcdefghjk']);
  assert.equal(exit, 1);
  assert.match(err, /^ambit: No such thing\. \(thing\.not_found, ent_\w+\)\n {2}Check the id or name; .+\n$/);
});

test('everything that is wrong with rules has a line', async () => {
  const rule = (id: string) => `@id("${id}") permit (principal, action == Action::"nowhere:${id}", resource);`;
  const { err } = await alice(['policy', 'check', fileOf('two.cedar', `${rule('one')}\n${rule('two')}`)]);
  const lines = err.split('\n').filter((one) => one.includes('nowhere:'));
  assert.equal(lines.length, 2, err);
  assert.match(lines[1] ?? '', /^ {2}\| /);
});

test('limits, purposes and rules can be set, listed and taken back', async () => {
  await json('task', 'purpose', 'add', 'support', '--says', 'a customer asked');
  assert.match((await alice(['task', 'purposes'])).out, /support/);
  assert.match((await alice(['task', 'acting'])).out, /^No agent acts for you right now\./);
  await json('limit', 'set', 'daily', '--subject', 'agent', '--calls', '100', '--in', '1d', '--reason', 'daily cap');
  assert.match((await alice(['limit', 'list'])).out, /100 calls in any 1 d/);
  await json('limit', 'remove', 'daily');
  assert.deepEqual(await json('limit', 'list'), []);
  const text = '@id("open") @reason("a drill") permit (principal, action, resource);';
  const { code: exit, err } = await alice(['policy', 'check', fileOf('bad.cedar', 'permit (')]);
  assert.equal(exit, 1, err);
  assert.match(err, /policy\.invalid/);
  const good = fileOf('good.cedar', text);
  const checked = await json('policy', 'check', good);
  assert.deepEqual([checked.policies, checked.changes.added], [['open'], ['open']]);
  const gone = checked.changes.removed as readonly string[];
  assert.ok(gone.includes('irreversible-asks'), 'the rules that an organisation begins with');
  const unasked = await alice(['policy', 'publish', good]);
  assert.equal(unasked.code, 2);
  for (const id of gone) assert.ok(unasked.err.includes(id), id);
  assert.equal((await json('policy', 'list')).length, 1, 'nothing was published');
  const [{ number }] = await json('policy', 'list');
  const { text: before } = await json('policy', 'show', String(number));
  const both = await alice(['policy', 'publish', fileOf('both.cedar', `${before}\n${text}`)]);
  assert.equal(both.code, 0, both.err);
  assert.match(both.out, /^new +open$/m);
  assert.doesNotMatch(both.out, /^(gone|changed) /m);
  const without = await alice(['policy', 'publish', fileOf('before.cedar', before), '--yes']);
  assert.match(without.out, /^gone +open$/m);
});

test('an API is imported from a file, shown, and one of its actions classified', async () => {
  const description = fileOf('api.json', {
    openapi: '3.1.0',
    info: { title: 'Shop', version: '1' },
    paths: {
      '/orders/{orderId}': {
        get: {
          operationId: 'orders.get',
          parameters: [{ name: 'orderId', in: 'path', required: true, schema: { type: 'string' } }],
          responses: {},
        },
      },
    },
  });
  const report = await json('catalog', 'import', 'shop', '--file', description, '--server', 'https://shop.example');
  assert.deepEqual(report.added, ['shop:orders.get']);
  await json('catalog', 'set', 'shop:orders.get', '--field', 'answersForeignText=true', '--field', 'costUnits=0.5');
  const action = await json('catalog', 'show', 'shop:orders.get');
  assert.equal(action.answersForeignText, true);
  assert.equal(action.costUnits, '0.5');
  const { out } = await alice(['catalog', 'list', 'shop']);
  assert.match(out, /GET +\/orders\/\{orderId\}/);
  assert.match(
    out,
    /^proposed: it can be called; until somebody confirms its description, the strictest reading of it counts/m,
  );
  const { revision } = await json('catalog', 'show', 'shop');
  await json('catalog', 'confirm', 'shop', '--revision', String(revision));
  assert.doesNotMatch((await alice(['catalog', 'list', 'shop'])).out, /proposed/);
});

test('a parameter that any text passes is named at the import, with what to add', async () => {
  const { out } = await alice(['catalog', 'import', 'shop', '--file', join(scratch, 'api.json')]);
  assert.match(out, /^wide +shop:orders\.get path\.orderId: .* any text passes; add pattern: there and import again$/m);
});

test('a field that is a count is sent as a number, and one that is a decimal as the text it is', async () => {
  const set = (field: string) => alice(['catalog', 'set', 'shop:orders.get', '--field', field]);
  for (const field of ['undoSeconds=86400', 'undoSeconds=null', 'costUnits=2']) {
    const { code: exit, err } = await set(field);
    assert.equal(exit, 0, `${field}: ${err}`);
  }
  assert.equal((await json('catalog', 'show', 'shop:orders.get')).costUnits, '2');
  for (const wrong of ['undoSeconds=0', 'undoSeconds=1e3', 'undoSeconds=soon'])
    assert.match((await set(wrong)).err, /undoSeconds must be a whole number/, wrong);
});

test('a static key is made for a template, listed, replaced and revoked, and shown when it is made', async () => {
  const read = [{ type: 'ambit_grant', actions: ['shop:orders.get'] }];
  const grants = fileOf('read.json', read);
  await json('person', 'delegable', person, grants);
  const template = await json(
    ...['task', 'template', 'add'],
    fileOf('template.json', {
      name: 'reads',
      purposeType: 'support',
      grants: read,
      parameters: [],
      ttlSecondsMax: 600,
    }),
  );
  const agent = await json(
    ...[
      'agent',
      'register',
      '--name',
      'ticket-tool',
      '--team',
      'support',
      '--purpose',
      'tickets',
      '--zone',
      'internal',
    ],
    ...['--environment', 'test', '--expires', '80d', '--ceiling', grants],
  );
  await json('agent', 'activate', agent.id);
  const key = ['--label', 'tickets', '--template', template.id, '--purpose', 'looks orders up', '--expires', '30d'];
  const unsigned = await alice(['agent', 'template-key', 'add', agent.id, ...key, '--zone', '10.0.0.0/8']);
  assert.match(unsigned.err, /task\.no_standing_grant/);
  await json(
    ...['agent', 'grant', 'sign', agent.id, '--authority', grants, '--task', '1h', '--live-tasks-max', '2'],
    ...['--expires', '60d'],
  );
  assert.match((await alice(['agent', 'template-key', 'add', agent.id, ...key])).err, /template_key\.unbound/);
  const shown = await alice(['agent', 'template-key', 'add', agent.id, ...key, '--zone', '10.0.0.0/8']);
  assert.match(shown.out, /good from 10\.0\.0\.0\/8\.\n.*\n {2}Authorization: Bearer ambk_ten_\w+\.[\w-]{43}\n/);
  const [{ id }] = await json('agent', 'template-key', 'list', agent.id);
  assert.match((await alice(['agent', 'template-key', 'list', agent.id])).out, /holds +from 10\.0\.0\.0\/8 .+never/);
  const rotated = await json('agent', 'template-key', 'rotate', agent.id, id, '--ends', '1d', '--expires', '20d');
  assert.deepEqual([rotated.old.id, rotated.key.replaces], [id, id]);
  const revoked = await alice(['agent', 'template-key', 'revoke', agent.id, rotated.key.id, '--reason', 'a drill']);
  assert.match(revoked.out, /is revoked\.\n0 things ended with it/);
  assert.match((await alice(['agent', 'template-key', 'list', agent.id])).out, /revoked/);
});

test('an API that verifies tokens itself is imported as one, and shown as one', async () => {
  const paths = { '/refunds': { post: { operationId: 'refunds.create', responses: {} } } };
  const description = fileOf('payments.json', { openapi: '3.1.0', info: { title: 'Payments', version: '1' }, paths });
  const at = ['--file', description, '--server', 'https://payments.example'];
  assert.match((await alice(['catalog', 'list', 'payments'])).err, /catalog\.api_unknown/);
  assert.equal((await json('catalog', 'import', 'payments', ...at, '--takes-tokens')).api.takesTokens, true);
  assert.match((await alice(['catalog', 'show', 'payments'])).out, /verifies tokens itself/);
  assert.doesNotMatch((await alice(['catalog', 'show', 'shop'])).out, /verifies tokens itself/);
});

test('a point may search where that is said, and no other', async () => {
  const point = (name: string, ...more: string[]) =>
    json('point', 'register', '--name', name, '--kind', 'authzen', ...more);
  assert.equal((await point('portal', '--may-search')).maySearch, true);
  assert.equal((await point('gate')).maySearch, false);
});

test('the log verifies from the plane and offline; a changed line fails with 1 and says which', async () => {
  const fetched = await json('audit', 'verify');
  assert.equal(fetched.ok, true);
  const path = join(scratch, 'log.jsonl');
  const note = fileOf('kept.note', (await alice(['audit', 'checkpoint'])).out);
  await json('audit', 'export', '--details', '--rows', '--out', path);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal((await alice(['audit', 'export', '--out', path])).code, 2, 'an export is never overwritten');
  // Offline: nobody is asked, not even who we are.
  const offline = { env: { AMBIT_HOME: join(scratch, 'nobody') } };
  const verified = await told(['audit', 'verify', path, '--anchor', note], offline);
  assert.equal(verified.code, 0, verified.err);
  assert.match(verified.out, /✓ consistent[\s\S]*✓ anchored/);
  assert.match(verified.out, /\d of them yours \(of the rest it has hashes, which are enough\)/);
  assert.match(verified.out, /agrees with the first \d+; the rest awaits the next one$/m);
  assert.match(verified.out, /give --log-key, .* \(whoever runs Ambit names it: ambit audit checkpoint --json\)$/m);
  const text = readFileSync(path, 'utf8');
  const piped = await told(['audit', 'verify', '-', '--json'], { ...offline, stdin: text });
  assert.equal(JSON.parse(piped.out).ok, true);
  const changed = fileOf(
    'changed.jsonl',
    text.replace('"kind":"identity.agent-suspended"', '"kind":"identity.agent-resumed"'),
  );
  const caught = await told(['audit', 'verify', changed], offline);
  assert.equal(caught.code, 1);
  assert.match(caught.out, /✗ NOT consistent[\s\S]*entry-changed/);
  const cut = fileOf('cut.jsonl', `${text.split('\n').slice(0, -3).join('\n')}\n`);
  assert.equal((await told(['audit', 'verify', cut], offline)).code, 1);
  const otherNote = fileOf('other.note', 'not a note\n');
  assert.equal((await told(['audit', 'verify', path, '--anchor', otherNote], offline)).code, 1);
});

test('one entry with its proof verifies offline, by a key or a checkpoint that was kept; a changed one fails with 1', async () => {
  const { checkpoint, key } = await json('audit', 'checkpoint');
  const text = (await alice(['audit', 'export'])).out;
  const id = /"id":"(ent_[0-9a-z]{20})"/.exec(text)?.[1] ?? assert.fail('no entry');
  const { header, detail, receipt } = await json('audit', 'entry', id);
  const proof = { type: 'ambit_entry_proof', v: 1, key, header, detail, receipt };
  const file = fileOf('entry.json', proof);
  const offline = { env: { AMBIT_HOME: join(scratch, 'nobody') } };
  const check = (...argv: readonly string[]) => told(['audit', 'verify-entry', ...argv], offline);
  const byKey = await check(file, '--log-key', key);
  assert.equal(byKey.code, 0, byKey.err + byKey.out);
  assert.match(byKey.out, /✓ in the log[\s\S]*with the key that you gave/);
  const byNote = await check(file, '--anchor', fileOf('entry.note', checkpoint));
  assert.equal(byNote.code, 0, byNote.out);
  assert.match(byNote.out, /key {6}the one that signed the checkpoint you kept/);
  assert.match((await check(file)).out, /give --log-key or --anchor, had from elsewhere/);
  const lied = { ...proof, header: { ...header, kind: 'identity.roles-set' } };
  const caught = await check(fileOf('lied.json', lied), '--log-key', key);
  assert.equal(caught.code, 1);
  assert.match(caught.out, /✗ not proved[\s\S]*entry: The entry was changed/);
  assert.equal((await check(fileOf('nothing.json', {}))).code, 2);
});

test('what was never called is not undone, and the refusal says so', async () => {
  const text = (await alice(['audit', 'export'])).out;
  const id = /"id":"(ent_[0-9a-z]{20})"/.exec(text)?.[1] ?? assert.fail('no entry');
  const { code: exit, err } = await alice(['run', 'undo', id]);
  assert.equal(exit, 1);
  assert.match(err, /Only a call that was made can be undone/);
});

test('an export on standard output is what verify takes', async () => {
  const { code: exit, out, err } = await alice(['audit', 'export']);
  assert.equal(exit, 0, err);
  const { code: verified } = await told(['audit', 'verify', '-'], { env: {}, stdin: out });
  assert.equal(verified, 0);
});

test('the doctor looks at everything, and names what is wrong', async () => {
  const { ok, findings } = await json('doctor');
  assert.equal(ok, true);
  const about = findings.map((one: { about: string }) => one.about);
  for (const name of ['Node', 'settings', 'keys of the plane', 'data', 'TLS', 'your key', 'Ambit', 'clock', 'log']) {
    assert.ok(about.includes(name), name);
  }
  const inside = await alice(['doctor', '--keys', join(settings.AMBIT_DATA, 'ambit.keys')]);
  assert.equal(inside.code, 1);
  assert.match(inside.out, /✗ bad +keys of the plane/);
  const misspelt = await told(['doctor'], { env: { ...env, AMBIT_PORT: '1' } });
  assert.equal(misspelt.code, 1);
  assert.match(misspelt.out, /AMBIT_PORT: no such setting/);
});

test('a channel is added with its secret once, rotated, tested, told of by the doctor, enabled and removed', async () => {
  const added = await alice(['channel', 'add', '--name', 'pager', '--endpoint', 'https://10.0.0.1/hook']);
  assert.match(added.out, /Its secret, shown this once: whsec_\S{44}\n/);
  const [{ id, ...shown }, ...none] = await json('channel', 'list');
  assert.deepEqual([none, shown.state, shown.url], [[], 'active', 'https://10.0.0.1/hook']);
  assert.doesNotMatch(JSON.stringify(shown), /whsec/);
  assert.match((await json('channel', 'rotate', id, '--overlap', '1h')).secret, /^whsec_/);
  const tested = await alice(['channel', 'test', id]);
  assert.equal(tested.code, 1);
  assert.match(tested.out, /^The test was not taken, and is not tried again: 10\.0\.0\.1 is private/);
  const doctor = await alice(['doctor']);
  assert.equal(doctor.code, 1);
  assert.match(doctor.out, new RegExp(`✗ bad +channel ${id} \\(pager\\): disabled: 10\\.0\\.0\\.1 is private`));
  assert.equal((await json('channel', 'deliveries', id))[0].state, 'dropped');
  assert.equal((await json('channel', 'enable', id)).state, 'active');
  await json('channel', 'remove', id);
  assert.deepEqual(await json('channel', 'list'), []);
  assert.deepEqual(await json('channel', 'wish', 'digest'), { mail: 'digest' });
  const both = await alice(['channel', 'add', '--name', 'x', '--mail', '--endpoint', 'https://hooks.example']);
  assert.equal(both.code, 2);
  const unset = await alice(['channel', 'add', '--name', 'mail', '--mail']);
  assert.equal(unset.code, 1);
  assert.match(unset.err, /AMBIT_SMTP_URL/);
});

test('the doctor tells the plane of these keys from another one on the same ports', async () => {
  const ports = { AMBIT_AGENT_PORT: new URL(agents).port, AMBIT_PEOPLE_PORT: new URL(people).port };
  const own = await told(['doctor'], { env: { ...env, ...ports } });
  assert.equal(own.code, 0, own.out);
  assert.match(own.out, /✓ good {2}people’s port: this plane answers on/);
  const other = { ...env, AMBIT_DATA: join(scratch, 'other'), AMBIT_KEYS: join(scratch, 'other-keys', 'ambit.keys') };
  assert.equal((await told(['init', '--name', 'Other', '--admin', 'Bob'], { env: other })).code, 0);
  const taken = await told(['doctor'], { env: { ...other, ...ports } });
  assert.equal(taken.code, 1);
  assert.match(taken.out, /✗ bad +agents’ port: another plane answers on/);
  assert.match(taken.out, /✗ bad +people’s port: another plane answers on/);
  assert.match(taken.out, /\? look {2}Ambit: .* it is another plane/);
  const torn = join(scratch, 'torn.keys');
  writeFileSync(torn, '{', { mode: 0o600 });
  const broken = await told(['doctor', '--keys', torn], { env: { ...env, ...ports } });
  assert.match(broken.out, /✗ bad +keys of the plane: /);
  const unread = await told(['doctor', '--keys', join(scratch, 'none.keys')], { env: { ...env, ...ports } });
  assert.match(unread.out, /\? look +people’s port: a plane answers on .*; whose it is was not compared/);
});

test('a second process on the same data is refused in a sentence', async () => {
  const { code: exit, err } = await ended(started(['serve']));
  assert.equal(exit, 1);
  assert.match(err, /^ambit: Ambit did not start: another process holds the data directory .+\n {2}.+\n$/);
});

test('what is there is never initialised again', async () => {
  const { code: exit, err } = await alice(['init', '--name', 'Acme', '--admin', 'Mallory']);
  assert.equal(exit, 1);
  assert.match(err, /already: nothing was changed/);
});

test('a setting that cannot be read, and a missing key file, each say what to do', async () => {
  const port = await told(['serve'], { env: { ...env, AMBIT_TOKEN_TTL_SECONDS: 'soon' } });
  assert.equal(port.code, 2);
  assert.match(port.err, /AMBIT_TOKEN_TTL_SECONDS: expected a whole number/);
  const keys = await told(['serve', '--keys', join(scratch, 'none.keys')], { env });
  assert.equal(keys.code, 1);
  assert.match(keys.err, /ambit init/);
});

test('by another of its names the plane says how it is called, and what to give', async () => {
  const byName = people.replace('127.0.0.1', 'localhost');
  const { code: exit, err } = await alice(['agent', 'list', '--url', byName]);
  assert.equal(exit, 4, err);
  assert.ok(err.startsWith(`ambit: Ambit is called ${people} here, `), err);
  assert.match(err, /^ {2}Give that address: --url, or AMBIT_URL$/m);
});

test('at a terminal a plane says what is where, by what to enrol there, and that it has stopped', async () => {
  const there = { AMBIT_DATA: join(scratch, 'second'), AMBIT_KEYS: join(scratch, 'keys', 'second.keys') };
  const second = { ...env, ...there, AMBIT_HOME: join(scratch, 'nobody') };
  assert.equal((await told(['init', '--name', 'Second', '--admin', 'Ada'], { env: second })).code, 0);
  const { code: exit, out } = await told(['serve'], { env: second });
  assert.equal(exit, 0);
  const [, at = ''] = /^ {2}people {2}(\S+) {3}the console and the operator API$/m.exec(out) ?? [];
  assert.ok(at !== '' && out.includes(`To bring a key: ambit enrol --url ${at}\n`), out);
  assert.match(out, /\nAmbit has stopped\.\n$/);
});

test('told to stop, it stops cleanly', async () => {
  plane.kill('SIGTERM');
  assert.deepEqual(await planeEnd, [0, null]);
  assert.equal((await alice(['person', 'me'])).code, 3);
});
