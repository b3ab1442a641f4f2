// Settings, as an administrator and as somebody who is none would use them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { until } from '../../server/test/attacks/witness.ts';
import { noBrowser } from './browser.ts';
import { openStand, requireAccessible, type Stand } from './stand.ts';

let stand: Stand;
let page: Page;
before(async () => {
  if (noBrowser !== false) return;
  stand = await openStand();
  page = (await stand.signIn(stand.house.ada, '/settings/people')).page;
});
after(() => stand?.close());

const browserTest = (name: string, run: () => Promise<void>) => test(name, { skip: noBrowser }, run);

const press = (name: string | RegExp) => page.getByRole('button', { name, exact: true }).click();
const open = (tab: string) => page.goto(`${stand.url}/settings/${tab}`);
/** What ends something takes no yes for its first half second. */
async function confirm(name: string): Promise<void> {
  await page.waitForTimeout(600);
  await page
    .getByRole('alertdialog')
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .click();
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
}

browserTest('an administrator invites somebody with a code that is shown once', async () => {
  await page.getByLabel('Name', { exact: true }).fill('Dana');
  await page
    .getByRole('checkbox', { name: /^approver/ })
    .last()
    .check();
  await press('Invite');
  await page.getByText('A one-time code for Dana').waitFor();
  await requireAccessible(page);
  await page.reload();
  await page.getByRole('listitem').filter({ hasText: 'Dana' }).getByText('approver').waitFor();
  assert.equal(await page.getByText('A one-time code for').count(), 0);
});

browserTest('roles are set by another person only, and whoever is disabled sees what ends first', async () => {
  const dana = (await stand.house.ada.operator.persons.list()).find(({ name }) => name === 'Dana');
  assert.ok(dana);
  await page.goto(`${stand.url}/settings/people?person=${stand.house.ada.id}`);
  await page.getByText(/^Nobody gives roles to themselves: another administrator does\./).waitFor();
  assert.ok(await page.getByRole('button', { name: 'Set these roles' }).isDisabled());
  await page.goto(`${stand.url}/settings/people?person=${dana.id}`);
  // The form for somebody new is there before the list is, with boxes of the same names.
  await page.getByRole('button', { name: 'Set these roles' }).waitFor();
  await page
    .getByRole('checkbox', { name: /^reviewer/ })
    .first()
    .check();
  await press('Set these roles');
  await page.getByText('approver, reviewer').waitFor();
  await press('Disable…');
  await page.getByRole('alertdialog').getByText('0 agents that they own').waitFor();
  await page.getByLabel('Why?').fill('Left.');
  await confirm('Disable them');
  await page.getByText(/Dana is disabled\. 0 tasks, 0 tokens and 0 questions ended/).waitFor();
});

browserTest('what somebody may hand to agents is put together in a form, and said in words', async () => {
  const { bob, ada } = stand.house;
  await page.goto(`${stand.url}/settings/people?person=${bob.id}`);
  const form = page.getByRole('region', { name: 'What they may hand to agents' });
  const set = page.getByRole('button', { name: 'Set what they may hand over' });
  await form.getByText('Everything else').waitFor();
  assert.ok(await set.isDisabled());
  await form.getByLabel('Find among them').fill('refunds');
  await form.getByRole('checkbox', { name: /^shop:refunds\.create/ }).check();
  assert.equal(await form.getByRole('checkbox', { name: /payroll/ }).count(), 0);
  await form.getByLabel('Most money').fill('1000');
  await form.getByLabel('Currency').fill('USD');
  await page.getByText('A grant is filled in and not added yet.').waitFor();
  assert.ok(await set.isDisabled());
  await form.getByRole('button', { name: 'Add this grant' }).click();
  await form.getByText('Up to 1,000.00\u00a0USD over all its tasks').waitFor();
  await requireAccessible(page);
  await set.click();
  const grants = [
    { type: 'ambit_grant', actions: ['shop:refunds.create'], limits: [{ sum: { max: '1000', currency: 'USD' } }] },
  ];
  await until('Bob may hand it over', async () => {
    const { delegable } = await ada.operator.persons.show(bob.id);
    if (delegable.length > 0) assert.deepEqual(delegable, grants);
    return delegable.length > 0 ? true : undefined;
  });
  await page.reload();
  await form.getByRole('button', { name: 'Take away grant 1' }).click();
  await set.click();
  await until('Bob may hand over nothing', async () =>
    (await ada.operator.persons.show(bob.id)).delegable.length === 0 ? true : undefined,
  );
});

browserTest('groups of a provider give roles and what may be handed over, once their claim is named', async () => {
  const { signInProviders } = stand.house.ada.operator;
  const { id } = await signInProviders.set({
    name: 'Acme ID',
    issuer: 'https://login.acme.example',
    clientId: 'ambit',
  });
  await open('people');
  await page.getByRole('button', { name: /^Groups/ }).click();
  await page.getByLabel('Claim that lists groups').fill('memberOf');
  await press('Read groups from it');
  await page.getByRole('button', { name: 'Say what a group gives…' }).click();
  await page.getByLabel('Group', { exact: true }).fill('support-leads');
  const form = page.getByRole('listitem').filter({ hasText: 'What groups of Acme ID give' });
  assert.equal(await form.getByRole('checkbox', { name: /^administrator/ }).count(), 0);
  await form.getByRole('checkbox', { name: /^approver/ }).check();
  await form.getByRole('checkbox', { name: /^shop:orders\.get/ }).check();
  await press('Add this grant');
  await requireAccessible(page);
  await press('Set what the group gives');
  const row = page.getByRole('list', { name: 'Groups' }).getByRole('listitem').filter({ hasText: 'support-leads' });
  await row.getByText('1 grant to hand to agents').click();
  await row.getByText('Read any order').waitFor();
  const { groups, groupsClaim } = await signInProviders.show(id);
  assert.equal(groupsClaim, 'memberOf');
  assert.deepEqual(groups[0]?.roles, ['approver']);
  assert.deepEqual(groups[0]?.delegable, [{ type: 'ambit_grant', actions: ['shop:orders.get'] }]);
  await row.getByRole('button', { name: 'Take away…' }).click();
  await confirm('Take it away');
  await row.waitFor({ state: 'detached' });
  assert.deepEqual((await signInProviders.show(id)).groups, []);
  await signInProviders.remove(id);
});

browserTest('a person whose name looks like another’s is told from them', async () => {
  const { enrolment: _, ...made } = await stand.house.ada.operator.persons.register({ name: '\u0410lice' });
  await open('people');
  const says = (name: string) => page.getByText(`Looks like the name of another person: ${name}`, { exact: false });
  await says('Alice').waitFor();
  await page.getByText('A word mixes scripts: letter 1 is Cyrillic, U+0410.').waitFor();
  await says('\u0410lice').waitFor();
  await requireAccessible(page);
  await stand.house.ada.operator.persons.disable(made.id, 'A trial.');
  await open('people');
  await page.getByText('disabled').first().waitFor();
  await page.getByText('Looks like the name of').first().waitFor();
  assert.equal(await page.getByText('Looks like the name of').count(), 1, 'only the one that is disabled says so');
});

browserTest('a secret goes in and never comes out', async () => {
  await open('credentials');
  // An address has one credential: the first has to go.
  const first = page.getByRole('listitem').filter({ hasText: 'API shop' });
  await first.getByRole('button', { name: 'Disable…' }).click();
  await page.getByLabel('Why?').fill('A trial.');
  await confirm('Disable it');
  await first.getByText('Disabled').waitFor();
  await page.getByLabel('What it is called').fill('second');
  await page.getByLabel('The secret').fill('sk-planted-4711');
  await press('Store it in the vault');
  const row = page.getByRole('listitem').filter({ hasText: 'second' });
  await row.getByText('version 1').waitFor();
  await row.getByRole('button', { name: 'Rotate…' }).click();
  await page.getByLabel('The new secret').fill('sk-planted-4712');
  await press('Replace the secret');
  await row.getByText('version 2').waitFor();
  assert.doesNotMatch(await page.content(), /sk-planted/);
});

browserTest('one sees one’s own keys and the key of the log', async () => {
  await open('keys');
  await page.getByText('passkey of one device').first().waitFor();
  await page.getByText((await stand.house.ada.operator.log.checkpoint()).key).waitFor();
  await requireAccessible(page);
  const row = page.getByRole('listitem').filter({ hasText: 'key of the command line' });
  await row.getByRole('button', { name: 'Revoke…' }).click();
  await page.getByRole('alertdialog').getByText('What it signed stays signed.').waitFor();
  await page.keyboard.press('Escape');
});

browserTest('a channel comes with a secret that is shown once, and goes again', async () => {
  await open('notifications');
  await page.getByText('No channel yet.').waitFor();
  await page.getByLabel('What it is called').fill('our hook');
  await page.getByLabel('Where to post').fill('https://hooks.example/ambit');
  await press('Add the channel');
  await page.getByText(/^whsec_/).waitFor();
  await press('Once an hour');
  await page.getByRole('button', { name: 'Once an hour', pressed: true }).waitFor();
  assert.equal(await stand.house.ada.operator.channels.mailWish(), 'digest');
  await press('Remove…');
  await confirm('Remove it');
  await page.getByText('No channel yet.').waitFor();
});

browserTest('where no answer came, nobody is told that nothing was done', async () => {
  await open('people');
  await page.getByLabel('Name', { exact: true }).fill('Erin');
  await page.route('**/v1/persons', (route) =>
    route.request().method() === 'POST' ? route.abort() : route.continue(),
  );
  await press('Invite');
  await page.getByRole('alert').filter({ hasText: 'It is not known to have been done.' }).waitFor();
  assert.equal(await page.getByText('Nobody was invited.').count(), 0);
  await page.unroute('**/v1/persons');
  await open('keys');
  const row = page.getByRole('listitem').filter({ hasText: 'key of the command line' });
  await row.getByRole('button', { name: 'Revoke…' }).click();
  await page.route('**/v1/person-keys/**', (route) =>
    route.request().method() === 'GET' ? route.continue() : route.abort(),
  );
  await page.waitForTimeout(600);
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('button', { name: /^Revoke it/ }).click();
  await dialog.getByText('Whether it was done is not known: look again.').waitFor();
  await page.unroute('**/v1/person-keys/**');
  await page.keyboard.press('Escape');
  await row.getByRole('button', { name: 'Revoke…' }).click();
  assert.equal(await dialog.getByText('Whether it was done').count(), 0, 'it is begun anew');
  await page.keyboard.press('Escape');
});

browserTest('single keys can be moved and switched off, and what is printed on buttons follows', async () => {
  await open('keyboard');
  await page.getByLabel('Key for: All keys').fill('x');
  await page.getByRole('heading', { name: 'Settings' }).click();
  await page.keyboard.press('x');
  await page.getByRole('dialog', { name: 'Keys on this page' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Off', exact: true }).click();
  await page.getByRole('heading', { name: 'Settings' }).click();
  await page.keyboard.press('x');
  await page.waitForTimeout(100);
  assert.equal(await page.getByRole('dialog').count(), 0);
  await press('As they were at first');
  await page.getByLabel('Key for: Something new').fill('y');
  await page.goto(`${stand.url}/agents`);
  const register = page.getByRole('link', { name: 'Register an agent' });
  await register.getByText('Y', { exact: true }).waitFor();
  await page.getByRole('heading', { name: 'Agents' }).click();
  await page.keyboard.press('n');
  await page.keyboard.press('y');
  await page.waitForURL(`${stand.url}/agents/new`);
  await page.evaluate(() => localStorage.removeItem('ambit-keys'));
});

browserTest('whoever is no administrator sees why not', async () => {
  const { page: his } = await stand.signIn(stand.house.bob, '/settings/credentials');
  await his.getByText('Only a person with the role administrator can see and store credentials: Ada.').waitFor();
  await his.close();
});
