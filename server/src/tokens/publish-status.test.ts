import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { Refusal } from '../foundation/index.ts';
import { revokeToken } from './index.ts';
import { statusPublisher } from './publish-status.ts';
import { placesMax } from './status-list.ts';
import {
  accepted,
  claimsIn,
  closeShared,
  endsTokens,
  exchanged,
  openOwnPlane,
  openPlane,
  type TestPlane,
  tokenFor,
} from './testing.ts';

after(closeShared);

const refused = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

type Place = { readonly idx: number; readonly uri: string };
const placeOf = (token: string): Place => (claimsIn(token).status as { readonly status_list: Place }).status_list;

async function statusesOf(plane: TestPlane, list: string, publish = statusPublisher(plane.ground, plane.issuer)) {
  const claims = claimsIn((await publish(plane.home.tenant, list)).text);
  const { bits, lst } = claims.status_list as { readonly bits: number; readonly lst: string };
  assert.equal(bits, 1);
  return { claims, bytes: inflateSync(Buffer.from(lst, 'base64url')) };
}

const listIn = ({ uri }: Place) => uri.split('/').at(-1)!;

/** The status of that token, read anew. */
async function statusOf(plane: TestPlane, token: string): Promise<number> {
  const { idx, uri } = placeOf(token);
  const { bytes } = await statusesOf(plane, listIn({ idx, uri }));
  return ((bytes[idx >> 3] ?? 0) >> (idx & 7)) & 1;
}

test('a token names its place in a list of its tenant, which has the same length however many tokens there are', async () => {
  const plane = await openPlane();
  const bot = await plane.bot('refund-bot');
  const token = await tokenFor(plane, bot);
  const place = placeOf(token);
  assert.ok(place.uri.startsWith(`https://ambit.example/oauth/status/${plane.home.tenant}/`), place.uri);
  const { claims, bytes } = await statusesOf(plane, listIn(place));
  assert.equal(claims.sub, place.uri);
  assert.equal(bytes.length * 8, placesMax);
  assert.ok(bytes.every((byte) => byte === 0));
  assert.equal(Number(claims.ttl), 9);
  assert.equal(Number(claims.exp) - Number(claims.iat), 60);
});

test('places are spread over the whole list, and no two tokens have the same', async () => {
  const plane = await openPlane();
  const bot = await plane.bot('refund-bot');
  const places: number[] = [];
  for (let i = 0; i < 12; i++) places.push(placeOf(await tokenFor(plane, bot)).idx);
  assert.equal(new Set(places).size, places.length);
  assert.ok(Math.max(...places) - Math.min(...places) > placesMax / 16, `${places}`);
});

test('a place that is taken is not given again; without a free one there is no token, and nothing is spent', async () => {
  const plane = await openOwnPlane();
  const bot = await plane.bot('refund-bot');
  const picks = [7, 7, 7, 8];
  plane.issuer.pick = () => picks.shift() ?? 8;
  assert.equal(placeOf(await tokenFor(plane, bot)).idx, 7);
  assert.equal(placeOf(await tokenFor(plane, bot)).idx, 8);
  await assert.rejects(tokenFor(plane, bot), refused('token.no_place'));
  plane.issuer.pick = () => 9;
  assert.equal(placeOf(await tokenFor(plane, bot)).idx, 9);
  await plane.close();
});

test('a revoked token is set, and those that came from it; others are not', async () => {
  const plane = await openPlane();
  const [bot, other] = [await plane.bot('refund-bot'), await plane.bot('lookup-bot')];
  const task = await accepted(plane, bot);
  const [token, second] = [await tokenFor(plane, bot, task.id), await tokenFor(plane, bot, task.id)];
  const { access_token: child } = await exchanged(plane, { from: bot, subject: token, to: other });
  const all = [token, second, child];
  assert.deepEqual(await Promise.all(all.map((one) => statusOf(plane, one))), [0, 0, 0]);
  const id = claimsIn(token).jti as never;
  await revokeToken(
    plane.ground,
    plane.home.admin.caller,
    { token: id, reason: 'Seen elsewhere.' },
    endsTokens(plane.ground),
  );
  assert.deepEqual(await Promise.all(all.map((one) => statusOf(plane, one))), [1, 0, 1]);
});

test('where the task ends by itself its tokens are set, without anything being told', async () => {
  const plane = await openOwnPlane();
  const bot = await plane.bot('refund-bot');
  const task = await accepted(plane, bot, undefined, 120);
  const token = await tokenFor(plane, bot, task.id);
  const alone = await tokenFor(plane, bot);
  plane.ground.clock.advance(119_000);
  assert.equal(await statusOf(plane, token), 0);
  plane.ground.clock.advance(1000);
  // It expired together with its task: who verifies it sees that in the token.
  assert.equal(await statusOf(plane, token), 0);
  assert.equal(await statusOf(plane, alone), 0);
  await plane.close();
});

test('a list is read again after a second, not before, and says how long it may be kept', async () => {
  const plane = await openOwnPlane();
  const bot = await plane.bot('refund-bot');
  const token = await tokenFor(plane, bot);
  const publish = statusPublisher(plane.ground, plane.issuer);
  const list = listIn(placeOf(token));
  const read = async () => publish(plane.home.tenant, list);
  const first = await read();
  assert.equal(first.maxAgeSeconds, 9);
  await revokeToken(
    plane.ground,
    plane.home.admin.caller,
    {
      token: claimsIn(token).jti as never,
      reason: 'Taken back.',
    },
    endsTokens(plane.ground),
  );
  plane.ground.clock.advance(999);
  assert.deepEqual(await read(), { text: first.text, maxAgeSeconds: 8 });
  plane.ground.clock.advance(1);
  const second = await read();
  assert.notEqual(second.text, first.text);
  const { idx } = placeOf(token);
  const { bytes } = await statusesOf(plane, list, publish);
  assert.equal((bytes[idx >> 3]! >> (idx & 7)) & 1, 1);
  await plane.close();
});

test('those who ask at once get one reading', async () => {
  const plane = await openPlane();
  const bot = await plane.bot('refund-bot');
  const list = listIn(placeOf(await tokenFor(plane, bot)));
  const publish = statusPublisher(plane.ground, plane.issuer);
  const texts = await Promise.all(Array.from({ length: 20 }, () => publish(plane.home.tenant, list)));
  assert.equal(new Set(texts.map(({ text }) => text)).size, 1);
});

test('a list is published while a token of it can live, and no other text is the name of one', async () => {
  const plane = await openOwnPlane();
  const bot = await plane.bot('refund-bot');
  const list = listIn(placeOf(await tokenFor(plane, bot)));
  const publish = statusPublisher(plane.ground, plane.issuer);
  const missing = (name: string) => assert.rejects(publish(plane.home.tenant, name), refused('thing.not_found'));
  for (const name of [`${Number(list) + 1}`, `0${list}`, `${list}.0`, '-1', '', '1e6', '__proto__', `${list} `])
    await missing(name);
  plane.ground.clock.advance(3_600_000);
  await publish(plane.home.tenant, list);
  plane.ground.clock.advance(600_000);
  await missing(list);
  await plane.close();
});
