// Ada's catalog: an API is looked at before it is imported, classified by keys, and learns from calls that fitted nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { atWork } from '../../server/test/attacks/questions.ts';
import { noBrowser } from './browser.ts';
import { openStand, requireAccessible, type Stand } from './stand.ts';

let stand: Stand;
let page: Page;
before(async () => {
  if (noBrowser !== false) return;
  stand = await openStand();
  page = (await stand.signIn(stand.house.ada, '/catalog')).page;
});
after(() => stand?.close());

const browserTest = (name: string, run: () => Promise<void>) => test(name, { skip: noBrowser }, run);
const catalog = () => stand.house.ada.operator.catalog;
/** The dialog takes no yes for its first half second. */
const readIt = () => page.waitForTimeout(600);

const prices = (...paths: readonly string[]) =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Prices', version: '1' },
    paths: Object.fromEntries(
      paths.map((path) => [
        path,
        {
          put: {
            operationId: path.slice(1),
            summary: `Set ${path.slice(1)}`,
            responses: { 200: { description: 'ok' } },
          },
        },
      ]),
    ),
  });

browserTest('the actions of an API stand by what they do, with whose word they count by', async () => {
  await page.getByRole('heading', { name: 'shop' }).waitFor();
  await page.getByRole('row', { name: /refunds\.create.*undo: refunds\.cancel.*Write, compensable/ }).waitFor();
  await page.getByRole('row', { name: /Read one order.*text from outside.*Ada/ }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('payroll');
  await page.getByRole('row', { name: /Read one order/ }).waitFor({ state: 'detached' });
  await page.waitForURL((url) => url.searchParams.get('q') === 'payroll');
});

browserTest('what an import would change is shown before anything is changed', async () => {
  await page.getByRole('link', { name: 'Add an API…' }).click();
  await page.getByRole('heading', { name: 'Add an API' }).waitFor();
  await page.getByLabel('Name').fill('prices');
  await page.getByLabel('Where it lives').fill(stand.house.shop.url);
  await page.getByLabel(/^Description/).fill(prices('/rates', '/rebates'));
  await page.getByRole('button', { name: 'Show what would change' }).click();
  await page.getByRole('heading', { name: 'prices would have 2 actions' }).waitFor();
  assert.equal((await catalog().list()).apis.length, 1);
  await page.getByRole('button', { name: 'Import prices' }).click();
  await page.getByText('2 actions are not classified.').waitFor();
  assert.equal((await catalog().list()).apis.length, 2);
});

browserTest('`c` classifies the action that is selected, in the name of whoever did', async () => {
  await page.getByRole('row', { name: /Set rebates/ }).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('c');
  const dialog = page.getByRole('alertdialog', { name: 'Classify rebates' });
  await dialog.getByLabel('Can it be undone?').selectOption('reversible');
  await dialog.getByLabel('Whom it reaches').selectOption('internal');
  await readIt();
  await dialog.getByRole('button', { name: 'Classify' }).click();
  await page.getByRole('row', { name: /Set rebates .* Write, reversible internal .* Ada/ }).waitFor();
  await page.getByText('1 action is not classified.').waitFor();
  const action = await catalog().action('prices:rebates');
  assert.deepEqual(action.classifiedBy, { source: 'person', by: stand.house.ada.id });
});

browserTest('importing again names what could be called no more, and only looking imports nothing', async () => {
  await page.getByRole('link', { name: 'Import again…' }).click();
  await page.getByLabel(/^Description/).fill(prices('/rebates'));
  await page.getByRole('button', { name: 'Show what would change' }).click();
  await page.getByRole('heading', { name: '0 added, 0 changed, 1 removed, 1 as before' }).waitFor();
  assert.equal((await catalog().show('prices')).review.actions, 2);
  await page.getByLabel(/^Description/).fill('not a description');
  await page.getByRole('button', { name: 'Show what would change' }).click();
  await page.getByRole('alert').filter({ hasText: 'It can’t be imported like that.' }).waitFor();
});

browserTest('what a classification file would change is shown, what it lowers first, before it counts', async () => {
  await page.goto(`${stand.url}/catalog/prices`);
  await page.getByRole('link', { name: 'Classification file…' }).click();
  await page.getByRole('heading', { name: 'Classify prices by a file' }).waitFor();
  const file = page.getByLabel(/^Classification file/);
  const look = page.getByRole('button', { name: 'Show what would change' });
  await file.fill('actions: { taxes: { effect: read } }');
  await look.click();
  await page.getByRole('alert').filter({ hasText: 'prices:taxes is no action of this API.' }).waitFor();
  await file.fill('actions:\n  rates: { reach: internal, sensitivity: sensitive }\n  rebates: { reach: internal }');
  await look.click();
  await page.getByRole('heading', { name: '1 action would count otherwise' }).waitFor();
  await page.getByRole('heading', { name: 'Counts less strictly: a gate is lowered (1)' }).waitFor();
  await page.getByText('rates, whom it reaches: external → internal').waitFor();
  await page.getByText('1 action of the file counts so already.').waitFor();
  await requireAccessible(page);
  assert.equal((await catalog().action('prices:rates')).reach, 'external', 'nothing is changed by looking');
  await page.getByRole('button', { name: 'Classify so' }).click();
  await page.getByRole('row', { name: /Set rates .* internal/ }).waitFor();
  const { reach, sensitivity, sources } = await catalog().action('prices:rates');
  assert.deepEqual([reach, sensitivity, sources.reach], ['internal', 'sensitive', 'overlay']);
});

browserTest('for how long an action can be taken back is said with what takes it back', async () => {
  await page.goto(`${stand.url}/catalog/shop/refunds.create`);
  await page.getByRole('button', { name: /^Classify/ }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByLabel('For how long does that work?').selectOption({ label: '7 d after the call was done' });
  await readIt();
  await dialog.getByRole('button', { name: 'Classify' }).click();
  await dialog.waitFor({ state: 'detached' });
  const { undo, undoSeconds } = await catalog().action('shop:refunds.create');
  assert.deepEqual([undo, undoSeconds], ['shop:refunds.cancel', 604_800]);
  await page.getByRole('button', { name: /^Classify/ }).click();
  await dialog.getByLabel('Can it be undone?').selectOption('irreversible');
  assert.equal(await dialog.getByLabel('For how long does that work?').count(), 0);
  await readIt();
  await dialog.getByRole('button', { name: 'Classify' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal((await catalog().action('shop:refunds.create')).undoSeconds, null);
});

browserTest('calls that fitted no action become one, which counts by the strictest', async () => {
  const { agent, token } = await atWork(stand.house);
  assert.equal((await agent.call(token, 'POST', '/api/shop/orders/1042/archive')).status, 404);
  await page.goto(`${stand.url}/catalog/unmatched`);
  await page.getByText('/orders/{id}/archive').waitFor();
  await page.getByRole('button', { name: /Make it an action/ }).click();
  await page.getByLabel(/Its name in shop/).fill('orders.archive');
  await readIt();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Make it an action' }).click();
  await page.getByText('Every call fitted an action.').waitFor();
  await page.goto(`${stand.url}/catalog/shop/orders.archive`);
  await page.getByText('Nobody has classified it: it counts as write, irreversible, external.').waitFor();
});

browserTest('an action that its description gives no sentence is called by its name, once', async () => {
  const text = JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Notes', version: '1' },
    paths: { '/notes': { post: { operationId: 'createNote', responses: { 201: { description: 'made' } } } } },
  });
  await catalog().import({ name: 'notes', text, server: stand.house.shop.url, zone: 'default', environment: 'test' });
  await page.goto(`${stand.url}/catalog/notes`);
  const named = page.getByRole('row', { name: /POST/ }).getByRole('cell').first();
  await named.waitFor();
  assert.equal(await named.textContent(), 'createNotePOST /notes');
});

browserTest('whoever may not change the catalog sees it all the same, and who may', async () => {
  const { page: his } = await stand.signIn(stand.house.bob, '/catalog');
  await his.getByText('Only a person with the role catalog changes the catalog: Ada.').waitFor();
  await his.goto(`${stand.url}/catalog/shop/orders.archive`);
  assert.equal(await his.getByRole('button', { name: 'Classify' }).isDisabled(), true);
  await his.close();
});
