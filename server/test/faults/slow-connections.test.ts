// Thousands of connections that say one letter now and then, from a process of their own.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openFilesMax } from '../../src/foundation/index.ts';
import { order } from '../house.ts';
import { isFull } from './size.ts';
import { openStage, type Stage } from './stage.ts';

const wished = isFull ? 10_000 : 1000;
const files = openFilesMax() ?? Number.POSITIVE_INFINITY;
// The plane keeps 2048 files for others, and the dribbling process needs one for each connection too.
const many = Math.min(wished, files - 3000);
const size = many === wished ? `${many}` : `${many}, for want of open files, of ${wished}`;

let stage: Stage;
let dribbler: ChildProcess;
before(async () => {
  stage = await openStage();
});
after(async () => {
  dribbler?.kill('SIGKILL');
  await stage.close();
});

const residentMiB = () => {
  const status = readFileSync(`/proc/${stage.plane.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
};
const skip = process.platform === 'linux' ? false : 'reads the memory of the plane from /proc';

test(`with ${size} slow connections open, an agent is served as ever, memory stays bounded, and they are closed in time`, {
  skip,
  timeout: 120_000,
}, async () => {
  assert.equal((await stage.pay()).response.status, 201);
  const before = residentMiB();
  const script = fileURLToPath(new URL('./dribbler.ts', import.meta.url));
  const args = [script, stage.house.plane.agents, String(many)];
  dribbler = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: dribbler.stdout ?? assert.fail() });
  assert.deepEqual(await once(lines, 'line'), [`open ${many}`]);
  const { agent, token } = stage.working;
  for (let i = 0; i < 20; i++) {
    assert.equal((await stage.pay()).response.status, 201);
    assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}`)).status, 200);
  }
  const grown = residentMiB() - before;
  // Some ten kilobytes each: what Node keeps of a socket and a parser.
  assert.ok(grown < 128 + many / 25, `${Math.round(grown)} MiB more`);
  const [closed] = (await once(lines, 'line')) as [string];
  assert.equal(closed, `closed ${many}`);
  assert.equal((await stage.pay()).response.status, 201);
  await stage.holds();
});
