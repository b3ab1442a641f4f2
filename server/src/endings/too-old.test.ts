import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TokenId } from '@ambit/protocol';
import { Refusal } from '../foundation/index.ts';
import {
  type Aging,
  createUnusedSweep,
  findAgent,
  removeAgeLimit,
  resumeAgent,
  setAgeLimit,
} from '../identity/index.ts';
import { findTask } from '../tasks/index.ts';
import { requireAlive } from '../tokens/index.ts';
import { accepted, type Bot, claimsIn, openOwnPlane, type TestPlane, tokenFor } from '../tokens/testing.ts';
import { createLive, sweepTasks } from './index.ts';

const day = 86_400_000;

/** refund-bot with a task and a token of it, all made just now. */
async function scene(t: { after: (close: () => Promise<void>) => void }) {
  const plane = await openOwnPlane();
  t.after(plane.close);
  const bot = await plane.bot('refund-bot');
  const task = await accepted(plane, bot, undefined, 86_400);
  const token = claimsIn(await tokenFor(plane, bot, task.id)).jti as TokenId;
  return { plane, bot, task, token };
}

const limitTo = ({ ground, home }: TestPlane, of: Aging, secondsMax: number) =>
  setAgeLimit(ground, home.admin.caller, { of, secondsMax, reason: 'The auditors want it.' });
const isRefused = (code: string, says?: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && (says === undefined || says.test(error.says));

for (const [of, code] of [
  ['key', 'token.key_revoked'],
  ['token', 'token.expired'],
  ['task', 'task.ended'],
  ['agent', 'agent.expired'],
] as const) {
  test(`a ${of} that has become too old gives nothing any more, and what it gave is dead from that moment on`, async (t) => {
    const { plane, token } = await scene(t);
    const { ground, home } = plane;
    await limitTo(plane, of, 60);
    const alive = () => requireAlive(ground, home.tenant, token);
    const { until } = await alive();
    // Setting the scene took no time at all, as the hand clock sees it.
    ground.clock.advance(59_999);
    assert.equal(until, ground.clock() + 1);
    await alive();
    ground.clock.advance(1);
    await assert.rejects(alive(), isRefused(code));
    await removeAgeLimit(ground, home.admin.caller, of);
    await alive();
  });

  test(`a greatest age of ${of} binds what was there before it`, async (t) => {
    const { plane, token } = await scene(t);
    plane.ground.clock.advance(60_000);
    await requireAlive(plane.ground, plane.home.tenant, token);
    await limitTo(plane, of, 60);
    await assert.rejects(requireAlive(plane.ground, plane.home.tenant, token), isRefused(code));
  });
}

test('an agent whose key is too old is told to have it replaced, and whoever lacks the key is told nothing', async (t) => {
  const { plane, bot } = await scene(t);
  await limitTo(plane, 'key', 60);
  plane.ground.clock.advance(60_000);
  await assert.rejects(tokenFor(plane, bot), isRefused('client.key_ended', /ambit agent key rotate/));
  const stranger: Bot = { ...bot, key: { ...bot.key, private: bot.proofKey.private } };
  await assert.rejects(tokenFor(plane, stranger), isRefused('assertion.invalid'));
});

test('what is made under a greatest age ends with it, whatever was asked for', async (t) => {
  const { plane, bot } = await scene(t);
  const { ground, home } = plane;
  for (const kind of ['task', 'token', 'agent', 'key'] as const) await limitTo(plane, kind, 120);
  assert.equal((await plane.openFor(bot)).expiresAt, ground.clock() + 120_000);
  const { exp, iat } = claimsIn(await tokenFor(plane, bot)) as { exp: number; iat: number };
  assert.equal(exp - iat, 120);
  const young = await plane.bot('young-bot');
  assert.equal(young.agent.expiresAt, ground.clock() + 120_000);
  assert.equal((await findAgent(ground, home.tenant, bot.agent.id))?.expiresAt, bot.agent.createdAt + 120_000);
});

test('the end of a task that is too old is written down, with its reason', async (t) => {
  const { plane, task } = await scene(t);
  const { ground, home } = plane;
  const live = createLive(ground);
  await limitTo(plane, 'task', 60);
  assert.equal(await sweepTasks(ground, live, home.tenant), 0);
  ground.clock.advance(60_000);
  assert.equal(await sweepTasks(ground, live, home.tenant), 1);
  const ended = await findTask(ground, home.tenant, task.id);
  assert.equal(ended?.state, 'expired');
  assert.match(ended?.endedBecause ?? '', /older than the organisation allows/);
});

test('only what an administrator set counts, and a kind that is not set is not removed', async (t) => {
  const { plane } = await scene(t);
  const missing = removeAgeLimit(plane.ground, plane.home.admin.caller, 'key');
  await assert.rejects(missing, isRefused('thing.not_found'));
});

test('an agent that takes no token for too long is suspended, says why, and has its time again once its owner resumes it', async (t) => {
  const { plane, bot } = await scene(t);
  const { ground, home, alice } = plane;
  const idle = await plane.bot('idle-bot');
  const sweep = createUnusedSweep(ground);
  assert.deepEqual(await sweep(home.tenant), [], 'nothing is set');
  await limitTo(plane, 'unused', 7 * 86_400);
  ground.clock.advance(6 * day);
  await tokenFor(plane, bot);
  assert.deepEqual(await sweep(home.tenant), []);
  ground.clock.advance(day);
  assert.deepEqual(await sweep(home.tenant), [idle.agent.id]);
  assert.equal((await findAgent(ground, home.tenant, idle.agent.id))?.state, 'suspended');
  await assert.rejects(tokenFor(plane, idle), isRefused('agent.not_active'));
  await tokenFor(plane, bot);
  await resumeAgent(ground, alice.caller, { agent: idle.agent.id, reason: 'It works at the end of the quarter.' });
  ground.clock.advance(6 * day);
  assert.deepEqual(await sweep(home.tenant), []);
  await tokenFor(plane, bot);
  ground.clock.advance(day);
  assert.deepEqual(await sweep(home.tenant), [idle.agent.id]);
});
