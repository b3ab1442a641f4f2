// From nothing to a first decided call: an administrator, the person she invites, and a real agent at the real shop.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { addAuthenticator } from './authenticator.ts';
import { noBrowser } from './browser.ts';
import { openStand, requireAccessible, type Stand } from './stand.ts';

let stand: Stand;
let page: Page;
/** Where the agent runs: a folder with the SDK, and nothing else. */
let home: string;
before(async () => {
  if (noBrowser !== false) return;
  home = mkdtempSync(join(tmpdir(), 'ambit-agent-'));
  symlinkSync(new URL('../../node_modules', import.meta.url).pathname, join(home, 'node_modules'));
  stand = await openStand();
});
after(async () => {
  await stand?.close();
  if (home !== undefined) rmSync(home, { recursive: true, force: true });
});

const browserTest = (name: string, run: () => Promise<void>) => test(name, { skip: noBrowser }, run);

/** Runs what the page shows, as the agent does. */
async function runShown(file: string): Promise<string> {
  const shown = page.getByRole('figure', { name: `${file}, to be run where the agent runs` }).locator('pre');
  writeFileSync(join(home, file), (await shown.textContent()) ?? '');
  const run = promisify(execFile)(process.execPath, ['--conditions=ambit-source', file], { cwd: home });
  return (await run).stdout;
}

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

browserTest(
  'an administrator imports an API by its address, sees what is unclassified first, and invites an owner',
  async () => {
    page = (await stand.signIn(stand.house.ada, '/start/api')).page;
    await press('Import another API');
    await page.getByLabel('Address of the description').fill(`${stand.house.shop.url}/openapi.json`);
    await page.getByLabel('What agents call it').fill('boutique');
    await requireAccessible(page);
    await press('Read the description');
    await page.getByRole('heading', { name: /^boutique: \d+ actions, \d+ only read, \d+ to classify$/ }).waitFor();
    await page.getByText('not classified').first().waitFor();
    await requireAccessible(page);
    await page.getByRole('button', { name: /^Confirm \d+ as proposed$/ }).click();
    await page.getByRole('heading', { name: /0 to classify$/ }).waitFor();
    await page.getByLabel('The secret').fill(stand.house.shopKey);
    await press('Store it in the vault');
    await page.getByText('Agents never see it, and neither do you again.').waitFor();
    assert.equal(await page.getByText(stand.house.shopKey).count(), 0);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('nobody gives roles to themselves').waitFor();
    // Whoever owns an agent already needs no invitation, and nothing is to be run before there is something to run.
    const here = page.getByRole('region', { name: 'Agents are here already' });
    await here
      .getByRole('listitem')
      .filter({ hasText: /refund-bot\s*of.*Alice/ })
      .waitFor();
    await here.getByText(`${stand.url}/start/call`).waitFor();
    assert.equal(await page.getByText(/^Run this/).count(), 0);
    await requireAccessible(page);
    await page.getByLabel('Name of the person').fill('Olga');
    await press('Invite');
    await page.getByRole('heading', { name: 'A one-time code for Olga' }).waitFor();
  },
);

browserTest('the person invited goes on, and their agent brings a key that it made itself', async () => {
  const code = await page
    .getByRole('button', { name: /^Copy the code/ })
    .locator('span')
    .nth(1)
    .textContent();
  await press('Sign out, and go on here as that person');
  await page.getByRole('heading', { name: 'Sign in to Ambit' }).waitFor();
  const hers = await stand.context.newPage();
  await addAuthenticator(stand.context, hers);
  await hers.goto(page.url());
  await page.close();
  page = hers;
  await press('I have a one-time code');
  await page.getByLabel('One-time code').fill(code ?? '');
  await press('Make a passkey');
  await page.getByLabel('What it is called').fill('olga-bot');
  await press('Register and activate it');
  await press('Make a one-time code');
  await page.getByText('Waiting for its key.').waitFor();
  await requireAccessible(page);
  assert.match(await runShown('enrol.mjs'), /^Enrolled\./);
  await page.getByText('has a key of its own. It proves itself by it from now on.').waitFor();
});

browserTest('the first call is shown as it is decided', async () => {
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('What the agent may do').selectOption('boutique:orders.get');
  await page.getByLabel('orderId').fill('1042');
  await press('Open the task');
  await page.getByText('Waiting for the first call of').waitFor();
  assert.match(await runShown('call.mjs'), /^200 /);
  const card = page.getByRole('article', { name: 'Your first call was decided: permit' });
  await card.getByText('lent by the vault').waitFor();
  await requireAccessible(page);
  await page.reload();
  await card.waitFor();
});
