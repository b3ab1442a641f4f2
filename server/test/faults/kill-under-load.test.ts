import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeTestSchema, noPostgres } from '../../src/foundation/database/testing.ts';
import { killUnderLoad } from './kill-under-load.ts';
import { seedOfRun } from './random.ts';
import { isFull } from './size.ts';

// One plane dies twenty times; more kills are more planes, each with a seed of its own that can be played alone.
const killsOfAPlane = 20;
const kills = Number(process.env.FAULTS_KILLS ?? (isFull ? 200 : killsOfAPlane));
const first = seedOfRun();

for (let done = 0; done < kills; done += killsOfAPlane) {
  const seed = first + done / killsOfAPlane;
  const now = Math.min(killsOfAPlane, kills - done);
  test(`killed ${now} times under load, the plane forgets nothing it said, runs nothing twice and oversells nothing (seed ${seed})`, {
    timeout: isFull ? 900_000 : 170_000,
  }, async () => {
    const tally = await killUnderLoad({ seed, kills: now, progress: isFull ? say(done) : undefined });
    assert.equal(tally.kills, now);
    // A load that met no death in mid-air would have shown nothing.
    if (now < killsOfAPlane) return;
    assert.ok(tally.told > 3 * now && tally.cutShort > now && tally.unknown > 0, JSON.stringify(tally));
    assert.ok(tally.permits > now && tally.asks > 0 && tally.denials > 0 && tally.answered > 0, JSON.stringify(tally));
    if (isFull) process.stderr.write(`${JSON.stringify(tally)}\n`);
  });
}

if (isFull) {
  const shared = Math.min(kills, killsOfAPlane);
  test(`killed ${shared} times over a store in PostgreSQL, it keeps the same promises (seed ${first})`, {
    skip: noPostgres,
    timeout: 900_000,
  }, async () => {
    const { url, drop } = await makeTestSchema();
    try {
      const tally = await killUnderLoad({ seed: first, kills: shared, env: { AMBIT_STORE: url }, progress: say(0) });
      assert.equal(tally.kills, shared);
    } finally {
      await drop();
    }
  });
}

function say(done: number) {
  return (killed: number, when: string) =>
    process.stderr.write(`kill ${done + killed} of ${kills}: ${when}; everything holds\n`);
}
