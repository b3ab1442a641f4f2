// Two administrators: what Ada asks for waits until Eva, in a browser of her own, has signed exactly that.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { joins } from '../../server/test/attacks/questions.ts';
import type { Player } from '../../server/test/house.ts';
import { noBrowser } from './browser.ts';
import { openStand, requireAccessible, type Stand, type Visit } from './stand.ts';

let stand: Stand;
let frank: Player;
let adas: Page;
let eva: Visit;
before(async () => {
  if (noBrowser !== false) return;
  stand = await openStand();
  frank = await joins(stand.house, 'Frank', []);
  const player = await joins(stand.house, 'Eva', ['administrator', 'catalog']);
  eva = await stand.signInElsewhere(player);
  adas = (await stand.signIn(stand.house.ada, '/settings/people')).page;
});
after(() => stand?.close());

const browserTest = (name: string, run: () => Promise<void>) => test(name, { skip: noBrowser }, run);
const persons = () => stand.house.ada.operator.persons;
const waits = () => adas.getByRole('status').filter({ hasText: 'Waits for a second person.' });
/** The dialog takes no yes for its first half second. */
const readIt = () => eva.page.waitForTimeout(600);

async function askForRole(role: string): Promise<void> {
  await adas.goto(`${stand.url}/settings/people?person=${frank.id}`);
  await adas.getByRole('button', { name: 'Set these roles' }).waitFor();
  await adas
    .getByRole('checkbox', { name: new RegExp(`^${role}`) })
    .first()
    .check();
  await adas.getByRole('button', { name: 'Set these roles' }).click();
  await waits().waitFor();
}

async function confirmed(): Promise<void> {
  await eva.page.getByRole('button', { name: 'Confirm…' }).click();
  await eva.page.getByRole('alertdialog').waitFor();
  await readIt();
  await eva.page.keyboard.press('Enter');
  await eva.page.getByRole('alertdialog').waitFor({ state: 'detached' });
}

browserTest(
  'a role waits for a second person, who sees what is and would be, and confirms it with a passkey',
  async () => {
    await adas.getByRole('button', { name: 'Want two persons' }).click();
    await adas.getByText('Lowering a gate takes two persons here.').waitFor();
    await askForRole('approver');
    assert.equal(await adas.getByRole('alert').filter({ hasText: 'as they were' }).count(), 0, 'it is no fault');
    assert.deepEqual((await persons().show(frank.id)).roles, []);
    await requireAccessible(adas);
    await waits().getByRole('link', { name: 'See the proposal' }).click();
    await adas.getByText('You asked for it, so another person with the role administrator confirms it.').waitFor();
    assert.equal(await adas.getByRole('button', { name: 'Confirm…' }).count(), 0);
    assert.equal(await waits().count(), 0, 'whoever looks at it has taken note');

    const { page } = eva;
    await page.getByRole('link', { name: 'Proposals 1' }).click();
    await page.getByRole('link', { name: /^Frank would hold a role/ }).waitFor();
    await requireAccessible(page);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const roles = page.getByRole('article').getByText('Roles', { exact: true }).locator('xpath=ancestor::div[1]');
    await roles.getByText('Now').waitFor();
    await roles.getByText('approver').waitFor();
    await page.getByText('What opens them now').waitFor();
    await requireAccessible(page);
    await page.keyboard.press('e');
    await page.getByText('"roles": [').first().waitFor();
    await page.keyboard.press('a');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('alertdialog', { name: /^Frank would hold/ });
    await dialog.getByText('You sign').waitFor();
    await requireAccessible(page);
    await readIt();
    await dialog.waitFor();
    assert.deepEqual((await persons().show(frank.id)).roles, [], 'whoever types ahead confirms nothing');
    await page.keyboard.press('Enter');
    await page.getByText('You confirmed it.').waitFor();
    assert.deepEqual((await persons().show(frank.id)).roles, ['approver']);
    await adas.getByText('Eva confirmed it.').waitFor();
    const [{ id } = { id: undefined }] = await stand.house.ada.operator.proposals.list({ state: 'done' });
    assert.ok(id);
    const { signature } = await stand.house.ada.operator.proposals.show(id);
    assert.ok(signature !== null && 'webauthn' in signature, 'the answer is signed by a passkey');
  },
);

browserTest('a no keeps everything as it is, and tells whoever asked', async () => {
  await adas.goto(`${stand.url}/settings/people`);
  await adas.getByRole('button', { name: 'Let one suffice' }).click();
  await waits().getByRole('link', { name: 'See the proposal' }).click();
  const { page } = eva;
  await page.goto(`${stand.url}/proposals`);
  await page.getByRole('link', { name: /One person alone could lower gates/ }).click();
  await page.getByRole('button', { name: 'Refuse…' }).waitFor();
  await page.keyboard.press('r');
  await page.getByLabel('Why not?').fill('We agreed on two.');
  await readIt();
  await page.getByRole('button', { name: 'Use passkey' }).click();
  await page.getByText('You said no.').waitFor();
  await adas.getByText('Eva said no.').waitFor();
  assert.equal(await stand.house.ada.operator.proposals.twoPersons(), true);
});

browserTest('where the device does not confirm, nothing is done, and it can be tried again', async () => {
  await askForRole('auditor');
  const { page, device } = eva;
  await page.goto(`${stand.url}/proposals`);
  await page.getByRole('link', { name: /^Frank would hold a role/ }).click();
  await page.getByRole('button', { name: 'Confirm…' }).waitFor();
  await device.confirms(false);
  await page.keyboard.press('a');
  await readIt();
  await page.keyboard.press('Enter');
  await page.getByText('Your device did not confirm. Nothing was sent. Try again').waitFor();
  await device.confirms(true);
  // Meanwhile it would change something else: what was signed is not done.
  await persons().setRoles(frank.id, []);
  await page.keyboard.press('Enter');
  await page.getByText(/Put it up anew: what it is about, or who asked for it, is not as it was shown/).waitFor();
  await page.keyboard.press('Escape');
  assert.deepEqual((await persons().show(frank.id)).roles, []);
});

browserTest(
  'a change that was asked for in a dialog waits, too; a code that came of one is shown to whoever confirmed',
  async () => {
    await adas.goto(`${stand.url}/catalog/shop/refunds.create`);
    await adas.getByRole('button', { name: /^Classify/ }).click();
    const dialog = adas.getByRole('alertdialog', { name: 'Classify refunds.create' });
    await dialog.getByLabel('Can it be undone?').selectOption('reversible');
    await adas.waitForTimeout(600);
    await dialog.getByRole('button', { name: 'Classify' }).click();
    await waits().waitFor();
    assert.equal(await dialog.count(), 0, 'there is nothing more to do in it');
    assert.equal((await stand.house.ada.operator.catalog.action('shop:refunds.create')).reversibility, 'compensable');
    await adas.getByRole('button', { name: 'Close this notice' }).click();
    await waits().waitFor({ state: 'detached' });
    await adas.goto(`${stand.url}/settings/people?person=${stand.house.bob.id}`);
    await adas.getByRole('button', { name: 'Issue a one-time code' }).click();
    await waits().waitFor();
    const { page } = eva;
    await page.goto(`${stand.url}/proposals`);
    await page.getByRole('link', { name: /could act as Bob/ }).click();
    await confirmed();
    await page.getByText('A one-time code came of it').waitFor();
    await page.reload();
    await page.getByText('You confirmed it.').waitFor();
    assert.equal(await page.getByText('A one-time code came of it').count(), 0, 'it is shown once');
  },
);

browserTest('what waits leaves no form to be sent twice, and the form comes back empty', async () => {
  const many = async () => (await stand.house.ada.operator.proposals.list({ state: 'open' })).length;
  const before = await many();
  await adas.goto(`${stand.url}/settings/people`);
  const invited = adas.getByRole('region', { name: 'Invite somebody' });
  await invited.getByLabel('Name', { exact: true }).fill('Gina');
  await invited.getByRole('checkbox', { name: /^approver/ }).check();
  await invited.getByRole('button', { name: 'Invite' }).click();
  await invited.getByText('What you asked for waits for a second person.').waitFor();
  assert.equal(await invited.getByRole('button', { name: 'Invite' }).count(), 0);
  await requireAccessible(adas);
  await invited.getByRole('button', { name: 'Ask for something else' }).click();
  assert.equal(await invited.getByLabel('Name', { exact: true }).inputValue(), '');
  assert.equal(await invited.getByRole('checkbox', { name: /^approver/ }).isChecked(), false);
  assert.equal(await many(), before + 1);
  await invited.getByLabel('Name', { exact: true }).fill('Gina');
  await invited.getByRole('checkbox', { name: /^approver/ }).check();
  await invited.getByRole('button', { name: 'Invite' }).click();
  await invited.getByRole('link', { name: 'Open the proposal' }).click();
  await adas.getByText('You asked for it, so another person with the role administrator confirms it.').waitFor();
});

browserTest('a text of rules that waits is kept, and cannot be put up again as it is', async () => {
  await adas.goto(`${stand.url}/policies`);
  const editor = adas.getByRole('textbox', { name: 'The rules, in Cedar' });
  await editor.click();
  await adas.keyboard.press('Control+End');
  await adas.keyboard.insertText('\n@id("late")\n@reason("Late orders.")\npermit (principal, action, resource);\n');
  const publish = adas.getByRole('button', { name: /^Publish…/ });
  await adas.getByText('late', { exact: true }).first().waitFor();
  await publish.click();
  const dialog = adas.getByRole('alertdialog');
  await dialog.getByText('late', { exact: true }).waitFor();
  await adas.waitForTimeout(600);
  await dialog.getByRole('button', { name: /^Publish/ }).click();
  await dialog.waitFor({ state: 'detached' });
  await adas.getByText('What you asked for waits for a second person.').waitFor();
  assert.ok(await publish.isDisabled());
  await adas.getByRole('button', { name: 'Discard the draft' }).click();
  await adas.getByText('What you asked for waits').waitFor({ state: 'detached' });
});
