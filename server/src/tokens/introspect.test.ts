import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { Refusal } from '../foundation/index.ts';
import { agentFacts, suspendAgent } from '../identity/index.ts';
import { isAlive } from './alive.ts';
import { forgetTokens } from './forget.ts';
import { introspectToken } from './introspect.ts';
import { openTokenKeys } from './keys.ts';
import { revokeOwnToken, revokeToken } from './revoke.ts';
import { findToken, liveTokensOfTasks } from './store.ts';
import {
  accepted,
  type Bot,
  claimsIn,
  closeShared,
  endsTokens,
  exchanged,
  openPlane,
  type TestPlane,
  testTokenKeys,
  tokenFor,
} from './testing.ts';
import type { IssuedToken } from './token.ts';

after(closeShared);

type Scene = { plane: TestPlane; bot: Bot };

async function opened(t: TestContext): Promise<Scene> {
  const plane = await openPlane();
  t.after(plane.close);
  return { plane, bot: await plane.bot('refund-bot') };
}

const code = (expected: string) => (error: unknown) => error instanceof Refusal && error.code === expected;
const point = (plane: TestPlane) => ({ tenant: plane.home.tenant, agent: null, x5t: null });
const idOf = (text: string) => claimsIn(text).jti as IssuedToken['id'];
const ask = (plane: TestPlane, text: string, asking: Parameters<typeof introspectToken>[2] = point(plane)) =>
  introspectToken(plane.ground, plane.issuer, asking, text) as Promise<Record<string, unknown>>;
const proven = async (plane: TestPlane, bot: Bot) => {
  const facts = await agentFacts(plane.ground, plane.home.tenant, bot.agent.id);
  const { tenant } = plane.home;
  const [agentKey, method] = [bot.key.thumbprint, 'private_key_jwt'];
  return { tenant, agent: bot.agent, owner: facts!.owner!, agentKey, method } as Parameters<typeof revokeOwnToken>[2];
};

test('an enforcement point reads what a live token says and what its task may do', async (t) => {
  const { plane, bot } = await opened(t);
  const task = await accepted(plane, bot);
  const text = await tokenFor(plane, bot, task.id);
  const { iat, exp, ...read } = await ask(plane, text);
  // Of a token that is asked about here nobody has to read elsewhere whether it stands.
  const { iat: i, exp: e, ambit_key, status, ...said } = claimsIn(text);
  assert.deepEqual([iat, exp], [i, e]);
  assert.deepEqual(read, { active: true, token_type: 'DPoP', ...said, authorization_details: task.authority });
});

test('an agent reads its own tokens and no others', async (t) => {
  const { plane, bot } = await opened(t);
  const other = await plane.bot('lookup-bot');
  const text = await tokenFor(plane, bot);
  const { tenant } = plane.home;
  assert.equal((await ask(plane, text, { tenant, agent: bot.agent.id, x5t: null })).active, true);
  assert.deepEqual(await ask(plane, text, { tenant, agent: other.agent.id, x5t: null }), { active: false });
});

test('forged, foreign, expired and dead tokens all read the same', async (t) => {
  const { plane, bot } = await opened(t);
  const neighbour = await plane.nextDoor();
  const text = await tokenFor(plane, bot);
  const inactive = { active: false };
  assert.deepEqual(await ask(plane, `${text.slice(0, -4)}AAAA`), inactive);
  assert.deepEqual(await ask(plane, 'nonsense'), inactive);
  assert.deepEqual(await ask(plane, text, { tenant: neighbour.tenant, agent: null, x5t: null }), inactive);
  await suspendAgent(plane.ground, plane.alice.caller, { agent: bot.agent.id, reason: 'acts oddly' });
  assert.deepEqual(await ask(plane, text), inactive);
  plane.ground.clock.advance(300_000);
  assert.deepEqual(await ask(plane, text), inactive);
});

test('after a rotation old tokens hold while their key is kept, and are dead when it is dropped', async (t) => {
  const { plane, bot } = await opened(t);
  const text = await tokenFor(plane, bot);
  const fresh = testTokenKeys('k2');
  const before = plane.issuer.keys();
  const both = openTokenKeys({ tokens: [fresh.signing, before.signing] });
  plane.issuer.keys = () => both;
  assert.equal((await ask(plane, text)).active, true);
  assert.match(Buffer.from((await tokenFor(plane, bot)).split('.')[0]!, 'base64url').toString(), /"kid":"k2"/);
  plane.issuer.keys = () => fresh;
  assert.deepEqual(await ask(plane, text), { active: false });
});

test('a token that its agent gives up is dead at once, and with it what came from it', async (t) => {
  const { plane, bot } = await opened(t);
  const to = await plane.bot('lookup-bot');
  const task = await accepted(plane, bot);
  const subject = await tokenFor(plane, bot, task.id);
  const { access_token: child } = await exchanged(plane, { from: bot, subject, to });
  const other = await tokenFor(plane, bot, task.id);
  await revokeOwnToken(plane.ground, plane.issuer, await proven(plane, bot), subject, endsTokens(plane.ground));
  const alive = (text: string) => isAlive(plane.ground, plane.home.tenant, idOf(text));
  assert.deepEqual(await Promise.all([subject, child, other].map(alive)), [false, false, true]);
  const [entry] = await plane.ground.database.log.entries(plane.home.tenant, { kind: 'token.revoked', limit: 9 });
  const detail = plane.ground.database.log.open(entry!)?.detail as { ended: { id: string }[] };
  assert.deepEqual(detail.ended.map((one) => one.id).sort(), [idOf(subject), idOf(child)].sort());
});

test('giving up the token of another, a forged one or one twice changes nothing and says nothing', async (t) => {
  const { plane, bot } = await opened(t);
  const other = await plane.bot('lookup-bot');
  const text = await tokenFor(plane, bot);
  const mallory = await proven(plane, other);
  await revokeOwnToken(plane.ground, plane.issuer, mallory, text, endsTokens(plane.ground));
  await revokeOwnToken(plane.ground, plane.issuer, mallory, 'nonsense', endsTokens(plane.ground));
  assert.equal(await isAlive(plane.ground, plane.home.tenant, idOf(text)), true);
  const own = await proven(plane, bot);
  await revokeOwnToken(plane.ground, plane.issuer, own, text, endsTokens(plane.ground));
  await revokeOwnToken(plane.ground, plane.issuer, own, text, endsTokens(plane.ground));
  const entries = await plane.ground.database.log.entries(plane.home.tenant, { kind: 'token.revoked', limit: 9 });
  assert.equal(entries.length, 1);
});

test('an administrator ends a token of the tenant; nobody else does, and none of the neighbour’s', async (t) => {
  const { plane, bot } = await opened(t);
  const { ground, home, alice } = plane;
  const token = idOf(await tokenFor(plane, bot));
  const neighbour = await plane.nextDoor();
  const wish = { token, reason: 'seen in a paste' };
  await assert.rejects(revokeToken(ground, alice.caller, wish, endsTokens(ground)), code('caller.not_allowed'));
  await assert.rejects(revokeToken(ground, neighbour.admin.caller, wish, endsTokens(ground)), code('thing.not_found'));
  await revokeToken(ground, home.admin.caller, wish, endsTokens(ground));
  assert.equal(await isAlive(ground, home.tenant, token), false);
});

test('rows of tokens are forgotten a day after they expired, and live ones never', async (t) => {
  const { plane, bot } = await opened(t);
  const { ground, home } = plane;
  const task = await accepted(plane, bot, undefined, 172_800);
  const old = idOf(await tokenFor(plane, bot, task.id));
  ground.clock.advance(86_400_000 - 60_000 - 3_600_000);
  assert.equal(await forgetTokens(ground, home.tenant), 0);
  assert.deepEqual(await liveTokensOfTasks(ground, home.tenant, [task.id]), []);
  ground.clock.advance(3_600_000 + 600_000);
  assert.ok((await forgetTokens(ground, home.tenant)) >= 1);
  assert.equal(await findToken(ground, home.tenant, old), undefined);
});
