// Alice's agents: found, registered, watched and stopped while a real one works.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Grant } from '@ambit/protocol';
import type { Page } from 'playwright-core';
import { asked, atWork } from '../../server/test/attacks/questions.ts';
import { refund } from '../../server/test/attacks/witness.ts';
import { registerBot, wholeShop } from '../../server/test/house.ts';
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
  await page.getByRole('button', { name: 'Copy the code' }).waitFor();
  await page.getByLabel('Public key (JWK)').fill(JSON.stringify(stand.house.lookupBot.key));
  await page.getByText('This holds a private half (d).').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Add the key' }).isDisabled());
});

browserTest('whoever may not stop it sees the switch, off, with who can', async () => {
  const { page: hers } = await stand.signIn(stand.house.carol, `/agents/${stand.house.malloryBot.id}`);
  await hers.getByText('Only its owner or an administrator can suspend it. Its owner is Alice.').waitFor();
  assert.ok(await hers.getByRole('button', { name: 'Suspend now' }).isDisabled());
  await hers.keyboard.press('Shift+S');
  assert.equal(await hers.getByRole('alertdialog').count(), 0);
  await hers.close();
});
