import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { TokenId } from '@ambit/protocol';
import { Refusal } from '../foundation/index.ts';
import { requireAlive } from './alive.ts';
import { revokeToken } from './revoke.ts';
import { accepted, claimsIn, closeShared, endsTokens, exchanged, openPlane, tokenFor } from './testing.ts';

after(closeShared);

const idOf = (token: string) => claimsIn(token).jti as TokenId;
const revokedCode = (error: unknown) => error instanceof Refusal && error.code === 'token.revoked';

test('what relies on a token fails in the writer once it was revoked since it was read', async () => {
  const plane = await openPlane();
  const { ground, home } = plane;
  const bot = await plane.bot('refund-bot');
  const token = await tokenFor(plane, bot, (await accepted(plane, bot)).id);
  const { checks } = await requireAlive(ground, home.tenant, idOf(token));
  const relying = () => ground.database.commit({ tenant: home.tenant, checks, entries: [] });
  await relying();
  await revokeToken(
    ground,
    home.admin.caller,
    { token: idOf(token), reason: 'Seen in a log file.' },
    endsTokens(ground),
  );
  await assert.rejects(relying(), revokedCode);
});

test('so does what relies on a token that came from it', async () => {
  const plane = await openPlane();
  const { ground, home } = plane;
  const [bot, helper] = [await plane.bot('refund-bot'), await plane.bot('lookup-bot')];
  const parent = await tokenFor(plane, bot, (await accepted(plane, bot)).id);
  const { access_token: child } = await exchanged(plane, { from: bot, subject: parent, to: helper });
  const { checks } = await requireAlive(ground, home.tenant, idOf(child));
  await revokeToken(
    ground,
    home.admin.caller,
    { token: idOf(parent), reason: 'Seen in a log file.' },
    endsTokens(ground),
  );
  await assert.rejects(ground.database.commit({ tenant: home.tenant, checks, entries: [] }), revokedCode);
});
