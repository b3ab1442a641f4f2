// Ada's rules: what is written is checked as she types, counts from the next call on, and can be taken back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { atWork } from '../../server/test/attacks/questions.ts';
import { refused } from '../../server/test/attacks/witness.ts';
import { noBrowser } from './browser.ts';
import { openStand, requireAccessible, type Stand } from './stand.ts';

let stand: Stand;
let page: Page;
before(async () => {
  if (noBrowser !== false) return;
  stand = await openStand();
  page = (await stand.signIn(stand.house.ada, '/policies')).page;
});
after(() => stand?.close());

const browserTest = (name: string, run: () => Promise<void>) => test(name, { skip: noBrowser }, run);
const policies = () => stand.house.ada.operator.policies;
const editor = () => page.getByRole('textbox', { name: 'The rules, in Cedar' });
/** The dialog takes no yes for its first half second. */
const readIt = () => page.waitForTimeout(600);

async function write(text: string): Promise<void> {
  await editor().click();
  await page.keyboard.press('Control+End');
  await page.keyboard.insertText(text);
}

const noReading =
  '\n@id("no-reading")\n@reason("Orders rest.")\nforbid (principal, action == Action::"shop:orders.get", resource);\n';

browserTest('a mistake is said as it is typed, and leads to its line; nothing can be published', async () => {
  await page.getByText('Version 1 is in force since').waitFor();
  await editor().waitFor();
  await write('\nforbid (principal, action == Action::"shop:teleport", resource);\n');
  const problem = page.getByRole('button', { name: /^line \d+/ }).first();
  await problem.click();
  assert.equal(await page.locator('.cm-wrong').count(), 1);
  assert.equal(await page.getByRole('button', { name: 'Publish…' }).isDisabled(), true);
  await requireAccessible(page);
  await page.getByRole('button', { name: 'Discard the draft' }).click();
  await page.locator('.cm-wrong').waitFor({ state: 'detached' });
});

browserTest(
  'a rule that is published counts from the agent’s next call on, and no more once it is taken back',
  async () => {
    const { agent, token } = await atWork(stand.house);
    const reads = () => agent.call(token, 'GET', '/api/shop/orders/1042');
    assert.equal((await reads()).status, 200);
    await write(noReading);
    await page.getByText('7 rules fit the catalog.').waitFor();
    await page.keyboard.press('Control+Enter');
    const dialog = page.getByRole('alertdialog', { name: 'Publish version 2' });
    await dialog.getByText('New (1)').waitFor();
    await dialog.getByText('no-reading').waitFor();
    await dialog.getByLabel(/^Why/).fill('Orders rest.');
    await requireAccessible(page);
    await readIt();
    await dialog.getByRole('button', { name: 'Publish' }).click();
    await page.getByText('Version 2 is published.').waitFor();
    await refused(await reads(), 'policy.denied');

    await page.getByRole('link', { name: /^Version 1/ }).click();
    await page.getByRole('link', { name: 'Compare with version 2' }).click();
    await page.waitForURL(`${stand.url}/policies/1..2`);
    await page.getByText('added: @id("no-reading")').waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Publish this text anew…' }).click();
    const back = page.getByRole('alertdialog', { name: 'Publish the text of version 1 as version 3' });
    await back.getByText('Gone (1): they bind nobody any more').waitFor();
    await readIt();
    await back.getByRole('button', { name: 'Publish' }).click();
    await page.getByText('Version 3 is in force since').waitFor();
    assert.equal((await reads()).status, 200);
    assert.equal((await policies().list())[0]?.note, 'As version 1.');
  },
);

browserTest('a draft is never published over a version that came meanwhile', async () => {
  await write(noReading);
  await page.getByText('7 rules fit the catalog.').waitFor();
  await policies().publish((await policies().show(1)).text, 'Meanwhile.');
  await page.getByText('Version 4 was published by Ada since you began.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Publish…' }).isDisabled(), true);
  await assert.rejects(policies().publish('// Nothing.', 'Too late.', 3), { code: 'state.changed' });
  await page.getByRole('button', { name: /Go on from version 4/ }).click();
  await page.getByText('7 rules fit the catalog.').waitFor();
});

browserTest('whoever may not publish rules reads them, and who may', async () => {
  const { page: his } = await stand.signIn(stand.house.bob, '/policies');
  await his.getByText('Only a person with the role policy checks and publishes rules: Ada.').waitFor();
  assert.equal(await his.getByRole('textbox').getAttribute('aria-readonly'), 'true');
  await his.goto(`${stand.url}/policies/99`);
  await his.getByText('This version could not be loaded.').waitFor();
  await his.close();
});
