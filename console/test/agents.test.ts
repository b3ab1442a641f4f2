// Alice's agents: found, registered, watched and stopped while a real one works.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { canonicalJson, type Grant } from '@ambit/protocol';
import type { Page } from 'playwright-core';
import { asked, atWork, joins } from '../../server/test/attacks/questions.ts';
import { refund } from '../../server/test/attacks/witness.ts';
import { order, registerBot, wholeShop } from '../../server/test/house.ts';
import { callWith, keyFor, openNotes } from '../../server/test/template-key-house.ts';
import { noBrowser } from './browser.ts';
import { requireFit } from './fit.ts';
import { openStand, requireAccessible, type Stand } from './stand.ts';

let stand: Stand;
let page: Page;
before(async () => {
  if (noBrowser !== false) return;
  stand = await openStand();
  ({ page } = await stand.signIn(stand.house.alice, '/agents'));
});
after(() => stand?.close());

const browserTest = (name: string, run: () => Promise<void>) => test(name, { skip: noBrowser }, run);

/** What is confirmed takes no yes for its first half second. */
async function confirm(name: string): Promise<void> {
  await page.waitForTimeout(600);
  await page
    .getByRole('alertdialog')
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .click();
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
}

browserTest('the list shows every agent with its owner, and keeps the choice in the address', async () => {
  await page.getByRole('link', { name: /refund-bot/ }).waitFor();
  await page.getByRole('button', { name: /^Suspended/ }).click();
  await page.getByText('No suspended agents.').waitFor();
  assert.equal(new URL(page.url()).searchParams.get('show'), 'suspended');
  await page.getByRole('link', { name: /Show all/ }).click();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'What it may do' }).waitFor();
});

browserTest(
  'what a thief of its key could move is said with amounts, and what is left of its ceiling beside it',
  async () => {
    const { house } = stand;
    const bounded = {
      ...wholeShop[1],
      limits: [{ sum: { max: '500.00', currency: 'USD' }, seconds: 86_400 }],
    } as Grant;
    const tillBot = await registerBot(house.alice, 'till-bot', [...wholeShop.slice(0, 1), bounded]);
    await page.goto(`${stand.url}/agents/${tillBot.id}`);
    await page.getByText('A thief could do nothing: no task of it is open.').waitFor();
    const { agent, token } = await atWork(house, {}, tillBot);
    assert.equal((await refund(agent, token, '30.00')).status, 201);
    await page.reload();
    await page.getByText(/^A thief could move at most 220\.00\sUSD, part of it only after a person’s yes,/).waitFor();
    const ceiling = page.getByRole('listitem').filter({ hasText: /^PermitRefund/ });
    await ceiling.getByText('470.00\u00a0USD left of 500.00\u00a0USD in 1 d').waitFor();
    await ceiling.getByText('1 permitted, 0 asked, 0 denied in 30 days').waitFor();
    await page.getByText('Show what is open').click();
    const stolen = page.getByRole('region', { name: 'If its key were stolen now' });
    await stolen.getByText('220.00\u00a0USD left of 250.00\u00a0USD').waitFor();
    await stolen.getByText('Up to 250.00\u00a0USD in one task').waitFor();
    await requireAccessible(page);
    await requireFit(page);
    await page.setViewportSize({ width: 1440, height: 900 });
  },
);

browserTest(
  '`⇧S` then `↵` stops an agent that works; its next call is refused, and the page says what ended',
  async () => {
    const { house } = stand;
    const working = await atWork(house);
    await asked(house, working);
    await page.goto(`${stand.url}/agents/${house.refundBot.id}`);
    await page.getByText(/^Refund any amount any currency/).waitFor();
    await page.getByText('1 question waiting for a person').first().waitFor();
    await page.getByText(/A thief could .*act within what 1 open task allows/).waitFor();
    await page.keyboard.press('Shift+S');
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText('1 open task ends').waitFor();
    await page.keyboard.press('Enter');
    assert.ok(await dialog.isVisible(), 'whoever types ahead stops nothing');
    await page.waitForTimeout(600);
    await page.keyboard.press('Enter');
    await page
      .getByRole('alert')
      .getByText(/refund-bot is suspended\./)
      .waitFor();
    await page
      .getByRole('alert')
      .getByText(/1 task, .*1 question ended in \d+ ms\./)
      .waitFor();
    const { status } = await working.agent.call(working.token, 'GET', '/api/shop/orders/1042');
    assert.ok(status === 401 || status === 403, `the call was answered ${status}`);
    await page.getByRole('button', { name: 'Let it act again' }).click();
    await page.getByRole('link', { name: 'Open a task' }).waitFor();
  },
);

browserTest('a code for a key of its own is shown, and a private half is not taken', async () => {
  await page.goto(`${stand.url}/agents/${stand.house.lookupBot.id}/keys`);
  await page.getByRole('button', { name: 'Issue an enrolment code' }).click();
  await page.getByText('A one-time code for this agent').waitFor();
  await page.getByText(/^A code is open: issued .* ago by Alice, good until/).waitFor();
  await page.getByRole('button', { name: 'Issue another code' }).waitFor();
  await page.getByRole('button', { name: 'Withdraw it' }).click();
  await page.getByRole('button', { name: 'Issue an enrolment code' }).waitFor();
  assert.equal(await page.getByText('A one-time code for this agent').count(), 0);
  await page.getByLabel('Public key (JWK)').fill(JSON.stringify(stand.house.lookupBot.key));
  await page.getByText('This holds a private half (d).').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Add the key' }).isDisabled());
});

browserTest('everything that it proves itself by is listed with its age, and each can be revoked', async () => {
  const { house } = stand;
  const { ada, alice, lookupBot } = house;
  const { issuer } = await ada.operator.tokenIssuers.set({ issuer: 'https://ci.acme.example' });
  const subject = canonicalJson({ audience: house.plane.agents, claims: { sub: 'nightly' } });
  await alice.operator.agents.addIdentity(lookupBot.id, { method: 'workload_token', issuer, subject });
  const template = await openNotes(house, lookupBot.id);
  const { secret } = await keyFor(house, template, {}, lookupBot.id);
  await page.goto(`${stand.url}/agents/${lookupBot.id}/keys`);
  const name = page.getByRole('listitem').filter({ hasText: 'By a token of its platform' });
  await name.getByText(/as https:\/\/ci\.acme\.example says; .* old, added by Alice\. It enrols no key\./).waitFor();
  const key = page.getByRole('listitem').filter({ hasText: 'ticket tool' });
  await key.getByText(/^For order-notes-\w+ with order 1042, from 127\.0\.0\.0\/8$/).waitFor();
  await key.getByText(/ old, never used, until /).waitFor();
  assert.equal(await page.getByText(secret).count(), 0);
  await requireAccessible(page);
  await name.getByRole('button', { name: 'Revoke…' }).click();
  await confirm('Revoke it');
  await name.waitFor({ state: 'detached' });
  await key.getByRole('button', { name: 'Revoke…' }).click();
  await confirm('Revoke it');
  await key.getByText('revoked').waitFor();
  assert.deepEqual((await alice.operator.agents.show(lookupBot.id)).identities, []);
  assert.equal((await alice.operator.templateKeys.list(lookupBot.id))[0]?.state, 'revoked');
});

browserTest('what happens with a key that was copied is said and changed there', async () => {
  await page.getByText('That is written down, and it goes on.').waitFor();
  await page.getByRole('button', { name: 'Suspend it when shared…' }).click();
  await page.getByLabel(/^Why\?/).fill('It holds a key on a shared disk.');
  await confirm('Suspend it when shared');
  await page.getByText('suspended when shared').first().waitFor();
  assert.equal((await stand.house.alice.operator.agents.show(stand.house.lookupBot.id)).whenShared, 'suspend');
});

browserTest('its owner signs with a passkey what it may do unasked, after a look at exactly that', async () => {
  const { house } = stand;
  await page.goto(`${stand.url}/agents/${house.malloryBot.id}/grants`);
  await page.getByRole('button', { name: 'Let it work unasked…' }).click();
  const add = page.getByRole('button', { name: 'Add this grant' });
  await add.click();
  await page.getByText('Choose at least one action.').waitFor();
  await page.getByRole('checkbox', { name: /^shop:refunds\.create/ }).check();
  await page.getByLabel('Most money').fill('40');
  await page.getByLabel('Most money').press('Enter');
  await page.getByText('Name the currency of the amount, such as USD.').waitFor();
  await page.getByLabel('Currency').fill('usd');
  await page.getByLabel('Counted in').selectOption('86400');
  await add.click();
  await page.getByText('Up to 40.00\u00a0USD in any day').waitFor();
  await page.getByLabel('Tasks at once').fill('2');
  await requireAccessible(page);
  await page.getByRole('button', { name: 'Look at it and sign…' }).click();
  const dialog = page.getByRole('alertdialog', { name: /mallory-bot open tasks unasked/ });
  await dialog.getByText('Up to 40.00\u00a0USD in any day').waitFor();
  await requireAccessible(page);
  await confirm('Use passkey');
  await page.getByRole('heading', { name: /^At most 2 at once, each for 5 min/ }).waitFor();
  await page.getByText('40.00\u00a0USD left of 40.00\u00a0USD in 1 d').waitFor();
  const { standingGrants } = await house.alice.operator.agents.show(house.malloryBot.id);
  assert.ok(standingGrants[0] && 'webauthn' in standingGrants[0].signature);
  assert.deepEqual(standingGrants[0].document.authority, [
    {
      type: 'ambit_grant',
      actions: ['shop:refunds.create'],
      limits: [{ sum: { max: '40', currency: 'USD' }, seconds: 86_400 }],
    },
  ]);
});

browserTest('what cannot be read is not signed, and what was there before it stays', async () => {
  await page.getByRole('button', { name: 'Let it work unasked…' }).click();
  await page.getByRole('checkbox', { name: /^shop:orders\.get/ }).check();
  await page.getByRole('button', { name: 'Add this grant' }).click();
  await page.getByRole('button', { name: 'Written out' }).click();
  await page.getByLabel('Grants (JSON)').fill('[{"type": "ambit_grant"');
  await page.getByText('This is no JSON.').waitFor();
  await page.getByText('What is written out cannot be read yet.').waitFor();
  const sign = page.getByRole('button', { name: 'Look at it and sign…' });
  assert.ok(await sign.isDisabled());
  await page.getByRole('button', { name: 'Add by a form' }).click();
  assert.ok(await sign.isEnabled());
  await page.getByRole('checkbox', { name: /^shop:orders\.note/ }).check();
  await page.getByText('A grant is filled in and not added yet.').waitFor();
  assert.ok(await sign.isDisabled(), 'what was filled in is not left out unnoticed');
  await page.getByRole('checkbox', { name: /^shop:orders\.note/ }).uncheck();
  await page.getByRole('button', { name: 'Take away grant 1' }).click();
  assert.ok(await sign.isDisabled(), 'nothing is left to sign');
});

browserTest(
  'a name that looks like another’s says so beside it, in the list, on the page and to who answers',
  async () => {
    const { house } = stand;
    const { page: his } = await stand.signInElsewhere(house.bob, '/inbox');
    const look = await registerBot(house.alice, 'refund-b0t');
    const says = 'Looks like the name of another agent: refund-bot';
    await page.goto(`${stand.url}/agents`);
    await page
      .getByRole('link', { name: /refund-b0t/ })
      .getByText(says)
      .waitFor();
    await page.goto(`${stand.url}/agents/${look.id}`);
    await page.getByText(says).waitFor();
    await requireAccessible(page);
    const { question } = await asked(house, await atWork(house, {}, look));
    await his.goto(`${stand.url}/inbox/${question.id}`);
    await his.getByText(`${says}, ${house.refundBot.id}`).waitFor();
    await house.alice.operator.agents.retire(look.id, 'It is a trial.');
    await page.goto(`${stand.url}/agents/${house.refundBot.id}`);
    await page.getByRole('heading', { name: 'refund-bot', exact: true }).waitFor();
    await page.getByRole('heading', { name: 'What it may do' }).waitFor();
    assert.equal(await page.getByText('Looks like the name of').count(), 0, 'who is retired passes for nobody');
  },
);

browserTest('a reviewer finds the agents that nobody used, with their owner and age', async () => {
  const { house } = stand;
  assert.equal(await page.getByRole('button', { name: /^Unused/ }).count(), 0, 'Alice may not count what others do');
  const rita = await joins(house, 'Rita', ['reviewer']);
  const { page: hers } = await stand.signInElsewhere(rita, '/agents?show=unused');
  await hers.getByText(/^None of these had a call decided for 90 days/).waitFor();
  await hers.getByRole('link', { name: /mallory-bot.*Alice.* old, until .*no call yet/ }).waitFor();
  assert.equal(await hers.getByRole('link', { name: /till-bot/ }).count(), 0, 'it was used');
  await requireAccessible(hers);
  await hers.getByRole('button', { name: /^All/ }).click();
  await hers.getByRole('link', { name: /till-bot.*1 call in 90 days/ }).waitFor();
});

browserTest(
  'a name from outside is added by a form that says what is missing, and by an authority that is known',
  async () => {
    const { ada, alice, lookupBot } = stand.house;
    await ada.operator.tokenIssuers.set({ issuer: 'https://builds.acme.example' });
    await page.goto(`${stand.url}/agents/${lookupBot.id}/keys`);
    const add = page.getByRole('button', { name: 'Add the name' });
    await page.getByLabel('How it is proved').selectOption('workload_token');
    await page.getByLabel('Issuer').fill('https://nobody.example');
    await page.getByText('Say the one audience of its tokens.').waitFor();
    assert.ok(await add.isDisabled());
    await page.getByLabel('Audience').fill('https://ambit.example');
    await page.getByLabel('Claims that have to be in the token').fill('repository_id=7\nenvironment=production');
    await page.getByLabel('Keys that it may enrol by that').selectOption('604800');
    await add.click();
    await page.getByText(/issuer must be one of: .*https:\/\/builds\.acme\.example/).waitFor();
    await page.getByLabel('Issuer').fill('https://builds.acme.example');
    await add.click();
    const name = page.getByRole('listitem').filter({ hasText: 'By a token of its platform' });
    await name.getByText(/as https:\/\/builds\.acme\.example says; .* It enrols keys that hold 7 d/).waitFor();
    await requireAccessible(page);
    const [added] = (await alice.operator.agents.show(lookupBot.id)).identities;
    const claims = { environment: 'production', repository_id: '7' };
    assert.equal(added?.subject, canonicalJson({ audience: 'https://ambit.example', claims }));
    assert.equal(added?.keySeconds, 604_800);
  },
);

browserTest('a static key is made by a form, shown once, and works from where it is bound to', async () => {
  const { house } = stand;
  await openNotes(house);
  await page.goto(`${stand.url}/agents/${house.refundBot.id}/keys`);
  await page.getByRole('button', { name: 'Make a static key…' }).click();
  await page.getByLabel('Who has it').fill('ticket tool');
  await page.getByLabel('Template of its tasks').selectOption({ index: 0 });
  await page.getByLabel('order', { exact: true }).fill(order);
  await page.getByLabel('What its tasks are for').fill('Notes on orders.');
  await page.getByLabel('It ends in').selectOption('7');
  await page.getByRole('button', { name: 'Make the key' }).click();
  await page.getByText(/^Bind it to a network or to a certificate/).waitFor();
  await page.getByLabel('Networks that it comes from').fill('127.0.0.0/8');
  await requireAccessible(page);
  await page.getByRole('button', { name: 'Make the key' }).click();
  const shown = page.getByRole('status').filter({ hasText: 'It is shown this once' });
  await shown.waitFor();
  const header = await shown.getByText(/^Authorization: Bearer ambk_/).textContent();
  const secret = header?.split(' ').at(-1) ?? assert.fail('no key is shown');
  const read = () => callWith(house.plane.agents, secret, 'GET', `/api/shop/orders/${order}`);
  assert.equal((await read()).status, 200);
  await requireAccessible(page);
  const key = page.getByRole('listitem').filter({ hasText: 'ticket tool' });
  await key.getByText(/with order 1042, from 127\.0\.0\.0\/8$/).waitFor();
  await page.reload();
  await key.waitFor();
  assert.equal(await page.getByText(secret).count(), 0);
});

browserTest('whoever may not stop it sees the switch, off, with who can', async () => {
  const { page: hers } = await stand.signIn(stand.house.carol, `/agents/${stand.house.malloryBot.id}`);
  await hers.getByText('Only its owner or an administrator can suspend it. Its owner is Alice.').waitFor();
  assert.ok(await hers.getByRole('button', { name: 'Suspend now' }).isDisabled());
  await hers.keyboard.press('Shift+S');
  assert.equal(await hers.getByRole('alertdialog').count(), 0);
  await hers.close();
});
