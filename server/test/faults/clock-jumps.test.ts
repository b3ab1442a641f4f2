// The clock of the plane's machine jumps, both ways, while it runs and while it is down. Everybody else's is right.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { atWork } from '../attacks/questions.ts';
import { refund, refundsPath, refundsUpTo, refused } from '../attacks/witness.ts';
import { order, registerBot } from '../house.ts';
import { namesHeard, openStage, type Stage } from './stage.ts';

const clockFile = join(tmpdir(), `ambit-clock-${process.pid}`);
const jump = (milliseconds: number) => writeFileSync(clockFile, String(milliseconds));
const [second, minute, hour] = [1000, 60_000, 3_600_000] as const;

let stage: Stage;
before(async () => {
  jump(0);
  const imports = [new URL('./moved-clock.ts', import.meta.url).href];
  stage = await openStage({ starting: { imports, env: { FAULTS_CLOCK: clockFile } } });
});
after(async () => {
  jump(0);
  await stage.close();
});

const pay = async () => (await stage.pay()).response;
const paid = async () => assert.equal((await pay()).status, 201);

test('a clock that is set back by less than the allowed skew changes nothing', async () => {
  await paid();
  jump(-3 * second);
  await paid();
  jump(0);
  await paid();
});

test('set back beyond it, nothing is permitted and every denial is recorded; set right again, calls go on', async () => {
  const before = namesHeard(stage.upstream).length;
  jump(-10 * minute);
  const told = await refused(await pay(), 'plane.clock_behind');
  assert.match(told.detail, /Ask the operator of Ambit to correct it/);
  const { agent, token } = stage.working;
  await refused(await agent.call(token, 'GET', `/api/shop/orders/${order}`), 'plane.clock_behind');
  jump(0);
  await paid();
  const log = await stage.holds();
  const denied = log.find(({ header }) => header.id === told.entry);
  assert.deepEqual([denied?.header.decision, denied?.header.code], ['deny', 'plane.clock_behind']);
  assert.equal(namesHeard(stage.upstream).length, before + 1);
});

test('a plane that starts with its clock behind its own log permits nothing until the clock is right', async () => {
  // Made before: however long the start takes, time stands still in it, and a later proof would come from its future.
  const { agent, token } = stage.working;
  const rawBody = bodyOf('before the start');
  const url = `${stage.house.plane.agents}${refundsPath}`;
  const proof = await agent.proof('POST', url, { token, body: rawBody });
  await stage.plane.stop();
  jump(-hour);
  await stage.plane.start();
  await refused(await refund(agent, token, '1.00', { rawBody, proof }), 'plane.clock_behind');
  jump(0);
  await paid();
  await stage.holds();
});

test('what expires when the clock jumps forwards stays expired when it comes back, and nothing is permitted until then', async () => {
  const bot = await registerBot(stage.house.alice, 'brief-bot');
  const { agent, token } = await atWork(stage.house, { authority: refundsUpTo('100.00'), ttlSeconds: 25 }, bot);
  const call = async (reason: string) => refund(agent, token, '1.00', { rawBody: bodyOf(reason) });
  assert.equal((await call('in time')).status, 201);
  const before = namesHeard(stage.upstream).length;
  // Less than what a proof may be old, so that it is the token that is over and not the proof.
  jump(30 * second);
  assert.match(await (await call('over')).text(), /token\.expired/);
  jump(0);
  assert.match(await (await call('back')).text(), /token\.expired/, 'what had expired was revived');
  await refused(await pay(), 'plane.clock_behind');
  assert.equal(namesHeard(stage.upstream).length, before);
});

const bodyOf = (reason: string) => JSON.stringify({ amount: '1.00', currency: 'USD', reason });
