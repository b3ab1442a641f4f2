// Bytes of the store are not what was written: a disk that failed, a copy that was cut. Whole pages are overwritten, at
// places that the seed chooses, and the plane is started on what is left.
import assert from 'node:assert/strict';
import { closeSync, cpSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { atWork, type Working } from '../attacks/questions.ts';
import { refund, refundsPath, refundsUpTo } from '../attacks/witness.ts';
import { order, registerBot } from '../house.ts';
import { type Random, randomFrom, seedOfRun } from './random.ts';
import { isFull } from './size.ts';
import { namesHeard, openStage, type Stage } from './stage.ts';

const seed = seedOfRun();
const rounds = isFull ? 60 : 3;
const pageBytes = 4096;

let stage: Stage;
let whole: string;
/** What must never work again, whatever the store has lost: who is spent, ended or suspended, and a used proof. */
let dead: readonly (() => Promise<Response>)[];
before(async () => {
  stage = await openStage();
  const { house, working } = stage;
  for (let i = 0; i < 10; i++) assert.equal((await stage.pay()).response.status, 201);
  const [spent, ended, suspended] = await Promise.all(
    ['spent-bot', 'ended-bot', 'suspended-bot'].map(async (name) =>
      atWork(house, { authority: refundsUpTo('5.00') }, await registerBot(house.alice, name)),
    ),
  );
  const pays = (by: Working | undefined, amount: string) =>
    by === undefined
      ? assert.fail('nobody pays')
      : refund(by.agent, by.token, amount, { rawBody: bodyOf(amount, `by ${by.task}`) });
  assert.equal((await pays(spent, '5.00')).status, 201);
  await house.alice.operator.tasks.revoke(ended?.task ?? assert.fail(), 'Done.');
  await house.ada.operator.agents.suspend(suspended?.agent.bot.id ?? assert.fail(), 'Odd.');
  const body = bodyOf('1.00', 'replayed');
  const url = `${house.plane.agents}${refundsPath}`;
  const proof = await working.agent.proof('POST', url, { token: working.token, body });
  const replay = () => working.agent.call(working.token, 'POST', refundsPath, { rawBody: body, proof });
  assert.equal((await replay()).status, 201);
  dead = [() => pays(spent, '0.01'), () => pays(ended, '0.01'), () => pays(suspended, '0.01'), replay];
  await stage.holds();
  await stage.plane.stop();
  const { dataDirectory } = house.config;
  intoOneFile(join(dataDirectory, 'ambit.db'));
  whole = `${dataDirectory}-whole`;
  cpSync(dataDirectory, whole, { recursive: true });
  cpSync(house.config.checkpointFile, `${whole}.txt`);
});
after(async () => {
  try {
    await restore();
    await stage.plane.start();
  } finally {
    await stage.close();
  }
});

const bodyOf = (amount: string, reason: string) => JSON.stringify({ amount, currency: 'USD', reason });

/** Everything into the file that is damaged: what lay in the write-ahead log would stand in for its pages. */
function intoOneFile(store: string): void {
  const file = new Sqlite(store);
  file.pragma('wal_checkpoint(TRUNCATE)');
  file.close();
}

async function restore(): Promise<void> {
  await stage.plane.kill();
  const { dataDirectory } = stage.house.config;
  rmSync(dataDirectory, { recursive: true });
  cpSync(whole, dataDirectory, { recursive: true });
  // A plane that ran on what was left has signed another history: that is another test's.
  cpSync(`${whole}.txt`, stage.house.config.checkpointFile);
}

/** Overwrites one page; answers what was done, in words. */
function damage(random: Random): string {
  const store = join(stage.house.config.dataDirectory, 'ambit.db');
  const pages = statSync(store).size / pageBytes;
  const page = random.whole(0, pages - 1);
  const isNoise = random() < 0.5;
  const bytes = Uint8Array.from({ length: pageBytes }, () => (isNoise ? random.whole(0, 255) : 0));
  const file = openSync(store, 'r+');
  writeSync(file, bytes, 0, pageBytes, page * pageBytes);
  closeSync(file);
  return `page ${page} of ${pages} is ${isNoise ? 'noise' : 'zeroes'}`;
}

// What an operator reads who starts it: what is wrong, and what to do.
const saysWhatToDo =
  /(it is damaged: keep a copy of the folder as it is, and bring back your backup|contradicts the store\. .*[Bb]ring back)/s;

for (let round = 0; round < rounds; round++) {
  test(`a damaged page is refused at the start or when it is read, and is never believed (seed ${seed + round})`, async (t) => {
    await restore();
    const done = damage(randomFrom(seed + round));
    t.diagnostic(done);
    const before = namesHeard(stage.upstream).length;
    try {
      await stage.plane.start();
    } catch (error) {
      assert.match((error as Error).message, saysWhatToDo, done);
      return;
    }
    for (const call of dead) {
      const response = await call();
      const text = await response.text();
      assert.ok(response.status >= 400, `${done}: ${response.status}`);
      assert.match(text, /"detail":"[^"]{12,}/, done);
    }
    assert.equal(namesHeard(stage.upstream).length, before, `${done}: what was over has begun again`);
    const { agent, token } = stage.working;
    const answers = [await stage.pay(), await stage.pay()].map(({ response }) => response.status);
    const read = await agent.call(token, 'GET', `/api/shop/orders/${order}`);
    for (const status of [...answers, read.status]) {
      // 502: permitted, and then not sent, e.g. for want of a credential that can be read.
      assert.ok([200, 201, 403, 500, 502, 503].includes(status), `${done}: ${status}`);
    }
    const paid = answers.filter((status) => status === 201).length;
    assert.equal(namesHeard(stage.upstream).length, before + paid, `${done}: something was sent that was refused`);
  });
}
