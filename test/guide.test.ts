/** docs/guides/your-own-api.md, command by command, as its reader would type it. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freePort } from '../server/test/free-port.ts';

const root = join(import.meta.dirname, '..');
const guide = readFileSync(join(root, 'docs/guides/your-own-api.md'), 'utf8');
const place = mkdtempSync(join(tmpdir(), 'ambit-guide-'));
const running: { child: ChildProcess; heard: () => string }[] = [];
/** What the reader would put in the place of `$AGENT` and the like: the last that was printed. */
const seen: Record<string, string> = {};
let ports: readonly number[] = [];

const toSee: Readonly<Record<string, RegExp>> = {
  CODE: /^\s+(ten_\w+\.\S+)$/m,
  AGENT: /\b(agt_\w+)/,
  TASK: /^(tsk_\w+), approved/m,
  APPROVAL: /\b(apr_\w+)/,
  DIGEST: /^digest\s+(sha-256:\S+)/m,
  ENTRY: /\? ask {2}tickets:tickets\.reply[\s\S]*?entry (ent_\w+)/,
  UNDO: /Add --digest (sha-256:\S+)/,
};

before(async () => {
  ports = await Promise.all([freePort(), freePort(), freePort()]);
  mkdirSync(join(place, 'bin'));
  cpSync(join(root, 'docs/guides/tickets'), join(place, 'tickets'), { recursive: true });
  writeFileSync(join(place, 'bin/ambit'), `#!/bin/sh\nexec "${process.execPath}" "${root}/cli/bin/ambit.js" "$@"\n`);
  chmodSync(join(place, 'bin/ambit'), 0o755);
});

after(() => {
  for (const { child } of running)
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
  rmSync(place, { recursive: true, force: true });
});

type Block = { readonly text: string; readonly stays: boolean };

const sections = guide
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    title: section.slice(0, section.indexOf('\n')),
    blocks: [...section.matchAll(/^```sh( stays)?\n([\s\S]*?)^```$/gm)].map(
      ([, stays, text = '']): Block => ({ text, stays: stays !== undefined }),
    ),
  }));

/** The ports of the guide may be taken here; the SDK is the one of this checkout. */
const adapted = (text: string) =>
  text
    .replaceAll('8420', `${ports[0]}`)
    .replaceAll('8421', `${ports[1]}`)
    .replaceAll('9000', `${ports[2]}`)
    .replace('tickets/agent.mjs', join(root, 'docs/guides/tickets/agent.mjs'));

function environment(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return {
    ...seen,
    HOME,
    PATH: `${join(place, 'bin')}:${PATH}`,
    NODE_OPTIONS: '--conditions=ambit-source',
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(place, 'compiled'),
    PORT: `${ports[2]}`,
    AMBIT_AGENT_PORT: `${ports[0]}`,
    AMBIT_PEOPLE_PORT: `${ports[1]}`,
  };
}

/** As at a prompt: what a command asks for is the code that was printed last. */
function type(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: place, env: environment(), encoding: 'utf8' } as const;
    const shell = execFile('bash', ['-e', '-c', adapted(text)], options, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(`${text}\n${stdout}${stderr}`)),
    );
    shell.stdin?.end(`${seen.CODE ?? ''}\n`);
  });
}

const refused = (text: string): Promise<string> =>
  type(text).then(
    (output) => assert.fail(output),
    ({ message }: Error) => message,
  );

function leave(text: string): void {
  // A group of its own: what it starts ends with it.
  const child = spawn('bash', ['-c', adapted(text)], {
    cwd: place,
    env: environment(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const hear = (chunk: Buffer) => {
    output += chunk.toString('utf8');
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  running.push({ child, heard: () => output });
}

const isUp = async () => {
  const answers = ports.map((port) => fetch(`http://127.0.0.1:${port}/health`));
  return (await Promise.allSettled(answers)).every(({ status }) => status === 'fulfilled');
};

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`${what}:\n${running.map(({ heard }) => heard()).join('\n')}`);
}

async function follow({ text, stays }: Block): Promise<string> {
  if (stays) {
    leave(text);
    return '';
  }
  if (text.includes('enrol')) await until('nothing came up', isUp);
  // Without a terminal, the digest is in what is said to whoever does not give it.
  if (text.includes('$UNDO'))
    seen.UNDO = toSee.UNDO?.exec(await refused(text.replace(' --digest $UNDO', '')))?.[1] ?? '';
  let output = await type(text);
  // A person who looks too early looks again.
  for (let tries = 0; tries < 40 && text.includes('approval list') && !output.includes('apr_'); tries++)
    output = await type(text);
  for (const [name, pattern] of Object.entries(toSee)) seen[name] = pattern.exec(output)?.[1] ?? seen[name] ?? '';
  return output;
}

const told: Record<string, string> = {};

for (const { title, blocks } of sections.filter((section) => section.blocks.length > 0)) {
  test(`the guide, ${title}`, async () => {
    told[title] = '';
    for (const block of blocks) told[title] += await follow(block);
  });
}

test('the guide ends as it says', async () => {
  const agent = running.at(-1);
  await until('the agent did not end', () => agent?.child.exitCode !== null);
  assert.match(agent?.heard() ?? '', /path\.ticketId to be "17", not "18"/);
  const proof = told['7. What happened, and the proof'] ?? '';
  assert.match(proof, /✓ permit {2}tickets:tickets\.get/);
  assert.match(proof, /\? ask {2}tickets:tickets\.reply[\s\S]*answer +yes, by Bob/);
  assert.match(proof, /✗ deny {2}tickets:tickets\.get/);
  assert.match(proof, /Consistent and anchored/);
  assert.match(told['8. Taking a call back'] ?? '', /^done, status 200/m);
  assert.ok(!/tickets-key-4711/.test(Object.values(told).join('')), 'the credential was printed');
});

test('the guide shows the files as they are', () => {
  const shown = [...guide.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  assert.deepEqual(shown, [readFileSync(join(root, 'docs/guides/tickets/agent.mjs'), 'utf8')]);
});
