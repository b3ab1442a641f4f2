/** The commands themselves: what they say, where they say it, and how they end. Nothing here touches the network. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';

const root = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'ambit-bootstrap-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** A checkout of its own, with the scripts as they are and whatever files a test adds. */
function checkout(name: string, files: Record<string, string>): string {
  const place = join(scratch, name);
  cpSync(join(root, 'scripts'), join(place, 'scripts'), { recursive: true });
  cpSync(join(root, 'cli/bin'), join(place, 'cli/bin'), { recursive: true });
  writeFileSync(join(place, 'cli/package.json'), '{ "type": "module" }');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), text);
  }
  return place;
}

function run(place: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: place,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

test('an unknown script is refused with the names of those there are, on standard error', () => {
  const { status, stdout, stderr } = run(root, ['scripts/bootstrap.mjs', 'no-such-script']);
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^ambit: there is no script "no-such-script"; there are: .*check.*start, .*test\n$/);
});

test('a registry that cannot be reached ends with the command to try again', () => {
  const manifest = '{ "name": "house", "private": true, "workspaces": [], "dependencies": { "nowhere": "1.0.0" } }';
  const place = checkout('offline', {
    'package.json': manifest,
    'package-lock.json': '{ "lockfileVersion": 3, "packages": {} }',
  });
  // Port 9 discards: nobody listens there.
  const env = { npm_config_registry: 'http://127.0.0.1:9/', npm_config_cache: join(scratch, 'cache') };
  const { status, stdout, stderr } = run(place, ['scripts/bootstrap.mjs', 'test'], env);
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /ambit: The npm registry could not be reached; .* then run: npm test\n$/);
  assert.deepEqual(readdirSync(join(place, '.node')), [], 'the lock is given back');
});

test('a checkout without one of its manifests says which', () => {
  const manifest = '{ "workspaces": ["part"] }';
  const place = checkout('partial', { 'package.json': manifest, 'package-lock.json': '{}' });
  const { status, stderr } = run(place, ['scripts/bootstrap.mjs', 'check']);
  assert.equal(status, 1);
  assert.match(stderr, /part\/package\.json is missing from this checkout; .* then run: npm run check\n$/);
});

test('what npm started ends where npm ends, also when the shell in between hands nothing on', async () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly workspaces: string[] };
  const installed = ['package-lock.json', 'package.json', 'node_modules/.ambit-installed'];
  const paths = [...installed, ...manifest.workspaces.map((folder) => `${folder}/package.json`)];
  const place = checkout('orphan', {
    ...Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')])),
    'scripts/wait.ts': "console.log('waits'); setInterval(() => undefined, 1000);",
  });
  const shell = spawn('sh', ['-c', `"${process.execPath}" scripts/bootstrap.mjs wait; :`], {
    cwd: place,
    env: { ...process.env, npm_lifecycle_event: 'wait' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  await once(shell.stdout, 'data');
  shell.kill('SIGTERM');
  // All that it started hold its standard output: it closes when the last of them has ended.
  const ended = once(shell.stdout.resume(), 'close', { signal: AbortSignal.timeout(8000) });
  await ended.catch((error: unknown) => {
    process.kill(-(shell.pid ?? 0), 'SIGKILL');
    throw error;
  });
});

test('the binary on an old Node, told not to bring another, prints the command that does', () => {
  const place = checkout('old', {});
  const pretend =
    "Object.defineProperty(process.versions, 'node', { value: '20.20.2' }); await import('./cli/bin/ambit.js');";
  const env = { AMBIT_BRING_NODE: 'no', XDG_CACHE_HOME: join(scratch, 'no cache') };
  const { status, stdout, stderr } = run(place, ['--input-type=module', '--eval', pretend], env);
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /^ambit: this is Node 20\.20\.2, and Ambit needs 24\. Install it, or run: npm install --prefix ".*no cache.*" --save-exact node-/,
  );
});

const testsOf = (...bodies: string[]) => `import { test } from 'node:test';\n${bodies.join('\n')}\n`;
const passes = "test('holds', () => {});";
const fails = "test('breaks', () => { throw new Error('on purpose'); });";

/** The runner, over test files of its own. */
function runTests(name: string, files: Record<string, string>, args: string[] = []) {
  const place = checkout(name, files);
  const { status, stdout } = run(place, ['scripts/test.ts', ...args], { NODE_TEST_CONTEXT: undefined });
  return { status, stdout, lastLine: stdout.trimEnd().split('\n').at(-1) };
}

test('the binary keeps what Node made of its files beside them, and runs as well where nothing can be kept', () => {
  const dist = { 'cli/dist/main.js': "export const main = async () => console.log('ran');\n" };
  const place = checkout('compiled', dist);
  const start = () => run(place, ['cli/bin/ambit.js'], { NODE_COMPILE_CACHE: undefined });
  assert.deepEqual(start(), { status: 0, stdout: 'ran\n', stderr: '' });
  assert.ok(readdirSync(join(place, 'cli/.compiled'), { recursive: true }).length > 1);
  rmSync(join(place, 'cli/.compiled'), { recursive: true });
  writeFileSync(join(place, 'cli/.compiled'), 'no folder');
  assert.deepEqual(start(), { status: 0, stdout: 'ran\n', stderr: '' });
});

test('the tests end with how many passed and failed, and failures are shown in full', () => {
  const skips = "test('waits', { skip: 'no corpora here' }, () => {});";
  const found = runTests('mixed', {
    'server/a.test.ts': testsOf(passes, fails),
    'sdk/b.test.ts': testsOf(passes, skips),
  });
  assert.equal(found.lastLine, '2 passed, 1 failed');
  assert.equal(found.status, 1);
  assert.match(found.stdout, /✗ server\/a\.test\.ts:3 {2}breaks\n\s+Error: on purpose/);
  assert.match(found.stdout, /skipped sdk\/b\.test\.ts: waits: no corpora here/);
});

test('a test that fails is a failure, also one that is marked as still to be done', () => {
  const later = "test('comes later', { todo: true }, () => { throw new Error('not yet'); });";
  const found = runTests('todo', { 'server/a.test.ts': testsOf(passes, later) });
  assert.deepEqual([found.lastLine, found.status], ['1 passed, 1 failed', 1]);
});

test('tests that all pass end well', () => {
  const found = runTests('green', { 'server/a.test.ts': testsOf(passes) });
  assert.deepEqual([found.lastLine, found.status], ['1 passed, 0 failed', 0]);
});

/** Breaks the first time that it runs. */
const breaksOnce = (mark: string) => `import { existsSync, writeFileSync } from 'node:fs';
test('breaks once', () => { if (!existsSync('${mark}')) { writeFileSync('${mark}', ''); throw new Error('on purpose'); } });`;

test('a file that fails and then holds with nothing beside it is named unsteady, where that is asked for', () => {
  const files = { 'server/a.test.ts': testsOf(breaksOnce('a')), 'sdk/b.test.ts': testsOf(passes) };
  assert.deepEqual(runTests('once', files).lastLine, '1 passed, 1 failed');
  const found = runTests('unsteady', files, ['--again']);
  assert.match(found.stdout, /✗ server\/a\.test\.ts:\d+ {2}breaks once\n\s+Error: on purpose/);
  assert.match(found.stdout, /\nunsteady server\/a\.test\.ts: failed beside other processes, held without them\n/);
  assert.deepEqual([found.lastLine, found.status], ['2 passed, 0 failed', 0]);
});

test('what fails again stays a failure, and so does what fails in many files', () => {
  const again = runTests('twice', { 'server/a.test.ts': testsOf(passes, fails) }, ['--again']);
  assert.deepEqual([again.lastLine, again.status], ['1 passed, 1 failed', 1]);
  const names = ['a', 'b', 'c', 'd'];
  const files = Object.fromEntries(names.map((name) => [`server/${name}.test.ts`, testsOf(breaksOnce(name))]));
  assert.equal(runTests('four', files, ['--again']).lastLine, '0 passed, 4 failed');
});

test('what is skipped when it runs again did not hold', () => {
  const skips = `import { existsSync, writeFileSync } from 'node:fs';
const isAgain = existsSync('ran');
writeFileSync('ran', '');
test('breaks', { skip: isAgain && 'no server' }, () => { throw new Error('really'); });`;
  const found = runTests('skipped-again', { 'server/a.test.ts': testsOf(passes, skips) }, ['--again']);
  assert.deepEqual([found.lastLine, found.status], ['1 passed, 1 failed', 1]);
});

test('what breaks its neighbours, or the process that it shares, does so again', () => {
  const leaves = testsOf(`import proc from 'node:process';\n${passes}\nproc['title'] = 'left';`);
  const finds = testsOf(`import proc from 'node:process';
test('breaks', () => { if (proc['title'] === 'left') throw new Error('each time'); });`);
  const ends = testsOf(
    `import proc from 'node:process';\n${passes}\nproc['once']('exit', () => { proc['exitCode'] = 3; });`,
  );
  for (const [name, text] of Object.entries({ finds, ends })) {
    const files = {
      ...many(testsOf(passes)),
      'server/src/room/10.test.ts': leaves,
      'server/src/room/11.test.ts': text,
    };
    const found = runTests(`together-${name}`, files, ['--again']);
    assert.equal(found.status, 1, name);
    assert.doesNotMatch(found.stdout, /unsteady/);
  }
});

test('a test file that crashes, and one that holds no test, are failures', () => {
  const found = runTests('broken', { 'cli/a.test.ts': "throw new Error('at once');", 'cli/b.test.ts': 'export {};' });
  assert.deepEqual([found.lastLine, found.status], ['0 passed, 2 failed', 1]);
  assert.match(found.stdout, /Error: at once/);
  assert.match(found.stdout, /holds no test/);
});

test('what goes wrong once its test has ended is a failure, and said', () => {
  const late = "test('ends', () => { setTimeout(() => { void Promise.reject(new Error('lost in the end')); }, 50); });";
  const found = runTests('late', { 'server/a.test.ts': testsOf(late) });
  assert.deepEqual([found.lastLine, found.status], ['1 passed, 1 failed', 1]);
  assert.match(found.stdout, /output of server\/a\.test\.ts:\n.*Test "ends".*lost in the end/);
});

/** So many files that nobody runs them all in processes of their own. */
const many = (text: string) =>
  Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`server/src/room/${i + 10}.test.ts`, text]));

test('files of one place share a process, each with hooks of its own, and what they say is told apart', () => {
  const counts = `import { before, test } from 'node:test';
let opened = 0;
before(() => { opened++; });
test('opens once', () => { if (opened !== 1) throw new Error('opened ' + opened + ' times'); });
test('is in process ' + process.pid, () => {});`;
  const breaks = testsOf(passes, fails);
  const found = runTests('together', { ...many(counts), 'server/src/room/99.test.ts': breaks });
  assert.deepEqual([found.lastLine, found.status], ['29 passed, 1 failed', 1]);
  assert.match(found.stdout, /✗ server\/src\/room\/99\.test\.ts:3 {2}breaks\n\s+Error: on purpose/);
  assert.match(found.stdout, /server\/src\/room\/10\.test\.ts +\d+\.\d s {2}2 passed\n/);
});

test('what shares a process and ends it, holds no test or cannot be loaded is a failure, and the others are heard', () => {
  const found = runTests('together-broken', {
    ...many(testsOf(passes)),
    'server/src/room/11.test.ts':
      "import { test } from 'node:test';\ntest('ends it', () => { process.kill(process.pid, 'SIGKILL'); });",
    'server/src/room/21.test.ts': 'export {};',
    'server/src/room/22.test.ts': "throw new Error('at once');",
  });
  assert.deepEqual([found.lastLine, found.status], ['11 passed, 3 failed', 1]);
  assert.match(found.stdout, /✗ server\/src\/room\/11\.test\.ts:1 .*\n\s+was ended by SIGKILL/);
  assert.match(found.stdout, /✗ server\/src\/room\/21\.test\.ts:1 .*\n\s+holds no test/);
  assert.match(found.stdout, /✗ server\/src\/room\/22\.test\.ts:1 [^✗]*Error: at once/);
});

test('what goes wrong only where files share a process goes wrong, and names them', () => {
  const dies = `import { test } from 'node:test';
test('dies among others', () => { if (process.argv.length > 3) process.kill(process.pid, 'SIGKILL'); });`;
  const found = runTests('together-only', { ...many(testsOf(passes)), 'server/src/room/11.test.ts': dies });
  assert.deepEqual([found.lastLine, found.status], ['14 passed, 1 failed', 1]);
  assert.match(
    found.stdout,
    /✗ .* server\/src\/room\/10\.test\.ts, .*\n +the process that they shared was ended by SIGKILL/,
  );
});

test('a file that changes what belongs to its whole process has one of its own, by way of what it imports too', () => {
  const moves = "import { test } from 'node:test';\nimport './testing-moved.ts';\ntest('moved', () => {});";
  const sees = testsOf("test('sees the true time', () => { if (Date.now() === 7) throw new Error('it is 7'); });");
  const found = runTests('apart', {
    ...many(sees),
    'server/src/room/00.test.ts': moves,
    'server/src/room/testing-moved.ts': 'Date.now = () => 7;',
  });
  assert.deepEqual([found.lastLine, found.status], ['15 passed, 0 failed', 0]);
});

test('no test at all is not a success', () => {
  const found = runTests('empty', {});
  assert.deepEqual([found.lastLine, found.status], ['0 passed, 0 failed', 1]);
});

test('tests that are skipped together are said in one line, and a file of nothing else is no failure', () => {
  const suite = `import { describe } from 'node:test';
describe('nodes', { skip: 'no database here' }, () => { test('one', () => {}); });`;
  const found = runTests('suite', { 'server/a.test.ts': `${testsOf()}${suite}`, 'sdk/b.test.ts': testsOf(passes) });
  assert.deepEqual([found.lastLine, found.status], ['1 passed, 0 failed', 0]);
  assert.match(found.stdout, /skipped server\/a\.test\.ts: nodes: no database here/);
});

test('the conformance tests by themselves fail where something they need is missing, and say what to install', () => {
  const skips = "test('asks nginx', { skip: 'nginx is not installed here: apt-get install nginx-light' }, () => {});";
  const files = {
    'server/test/conformance/door/a.test.ts': testsOf(passes, skips),
    'server/test/conformance/log.test.ts': testsOf(passes),
    'server/b.test.ts': testsOf(fails),
  };
  const place = checkout('conformance', files);
  const play = (...args: string[]) =>
    run(place, ['--conditions=ambit-source', 'scripts/test-conformance.ts', ...args], { NODE_TEST_CONTEXT: undefined });
  const whole = play();
  assert.equal(whole.status, 1);
  assert.match(
    whole.stdout,
    /✗ server\/test\/conformance\/door\/a\.test\.ts:3 {2}asks nginx\n.*apt-get install nginx-light/,
  );
  assert.match(whole.stdout, /\n2 passed, 1 failed\n$/);
  assert.match(play('log').stdout, /\n1 passed, 0 failed\n$/);
  assert.deepEqual([play('elsewhere').status, play('elsewhere').stdout], [1, '']);
  assert.equal(run(place, ['scripts/test.ts', 'server/test'], { NODE_TEST_CONTEXT: undefined }).status, 0);
});

test('a path that leads to no test is said at once, not taken for the name of one', () => {
  const found = runTests('lost', { 'server/a.test.ts': testsOf(passes) }, ['server/gone']);
  assert.deepEqual([found.lastLine, found.status], ['0 passed, 0 failed', 1]);
  assert.match(found.stdout, /No test file is at server\/gone/);
});

test('an argument picks files by a part of their path, or tests by name', () => {
  const files = { 'server/a.test.ts': testsOf(passes, fails), 'sdk/b.test.ts': testsOf(passes) };
  assert.equal(runTests('by-path', files, ['sdk/']).lastLine, '1 passed, 0 failed');
  assert.equal(runTests('by-name', files, ['holds']).lastLine, '2 passed, 0 failed');
  assert.equal(runTests('by-nothing', files, ['nowhere']).status, 1);
});

test('every npm script goes through the bootstrap', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  for (const [name, command] of Object.entries(scripts)) {
    const script = name.replace(':', '-');
    assert.equal(command, `node scripts/bootstrap.mjs ${script}`);
    assert.ok(existsSync(join(root, 'scripts', `${script}.ts`)), `scripts/${script}.ts is missing`);
  }
});
