// What a person typed stays when the plane ends their session meanwhile, and is nobody else's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Player } from '../../server/test/house.ts';
import { addAuthenticator } from './authenticator.ts';
import { noBrowser } from './browser.ts';
import { openStand, type Stand, type Visit } from './stand.ts';

let stand: Stand;
before(async () => {
  if (noBrowser === false) stand = await openStand();
});
after(() => stand?.close());

const browserTest = (name: string, play: () => Promise<void>) => test(name, { skip: noBrowser }, play);

const lead = (page: Page, path: string) => page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);

/** The passkey that opened the session is revoked elsewhere; whoever sat there comes back with another, on another device. */
async function endAndComeBack({ page, device }: Visit, who: Player): Promise<Visit> {
  const { keys } = await who.operator.me();
  for (const { id, passkey, state } of keys)
    if (passkey !== null && state === 'active') await who.operator.persons.revokeKey(id);
  return enter({ page, device }, who);
}

async function enter({ page, device }: Visit, who: Player): Promise<Visit> {
  await device.remove();
  const another = await addAuthenticator(stand.context, page);
  await page.getByRole('heading', { name: 'Sign in to Ambit' }).waitFor();
  const { code } = await stand.house.ada.operator.persons.issueCode(who.id);
  await page.getByRole('button', { name: 'I have a one-time code' }).click();
  await page.getByLabel('One-time code').fill(code);
  await page.getByRole('button', { name: 'Make a passkey' }).click();
  await page.getByRole('heading', { name: 'Sign in to Ambit' }).waitFor({ state: 'detached' });
  return { page, device: another };
}

const purpose = 'Settle the damaged order 1042, with the customer’s photos.';

browserTest('a task and an agent that were begun are there after signing in again, and gone once sent', async () => {
  const { house } = stand;
  const visit = await stand.signIn(house.alice, '/agents/new');
  const { page } = visit;
  await page.getByLabel('What is it for?').fill('Answers mails about returns.');
  await page.getByRole('checkbox').first().check();
  await lead(page, '/tasks/new');
  await page.getByLabel('What for?').fill(purpose);
  await page.getByLabel('Agent').selectOption({ label: 'refund-bot' });
  await page.getByLabel('Grants (JSON)').fill('[{ "type": "ambit_grant", "actions": ["shop:orders.get"] }]');
  await endAndComeBack(visit, house.alice);
  assert.equal(await page.getByLabel('What for?').inputValue(), purpose);
  assert.match(await page.getByLabel('Grants (JSON)').inputValue(), /shop:orders\.get/);
  await page.getByRole('button', { name: 'Open the task' }).click();
  await page.getByRole('heading', { name: purpose }).waitFor();
  await lead(page, '/tasks/new');
  await page.getByLabel('What for?').waitFor();
  assert.equal(await page.getByLabel('What for?').inputValue(), '');
  await lead(page, '/agents/new');
  assert.equal(await page.getByLabel('What is it for?').inputValue(), 'Answers mails about returns.');
  assert.ok(await page.getByRole('checkbox').first().isChecked());
  await page.close();
});

browserTest(
  'rules and a description that were begun stay, and whoever signs in next finds nothing of them',
  async () => {
    const { house } = stand;
    const visit = await stand.signIn(house.ada, '/policies');
    const { page } = visit;
    await page.locator('.cm-content').press('Control+End');
    await page.keyboard.type('// begun by Ada');
    await page.getByRole('button', { name: 'Discard the draft' }).waitFor();
    await lead(page, '/catalog/new/import');
    await page.getByLabel('Name', { exact: true }).fill('prices');
    await page.getByLabel(/^Description/).fill('{ "openapi": "3.1.0" }');
    const again = await endAndComeBack(visit, house.ada);
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'prices');
    assert.equal(await page.getByLabel(/^Description/).inputValue(), '{ "openapi": "3.1.0" }');
    await lead(page, '/policies');
    await page.locator('.cm-content').getByText('// begun by Ada').waitFor();

    await lead(page, '/catalog/new/import');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await enter(again, house.alice);
    await lead(page, '/catalog/new/import');
    await page.getByLabel('Name', { exact: true }).waitFor();
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), '');
    await lead(page, '/policies');
    await page.locator('.cm-content').waitFor();
    assert.equal(await page.locator('.cm-content').getByText('// begun by Ada').count(), 0);
    await page.close();
  },
);
