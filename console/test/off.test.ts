// Bob finds what he may not begin: off, with who may, by mouse, keyboard and screen reader; and nothing happens when he presses it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { noBrowser } from './browser.ts';
import { openStand, requireAccessible, type Stand } from './stand.ts';

let stand: Stand;
let page: Page;
/** What the page asked to be changed. */
const changes: string[] = [];
before(async () => {
  if (noBrowser !== false) return;
  stand = await openStand();
  page = (await stand.signIn(stand.house.bob, '/inbox')).page;
  page.on('request', (request) => request.method() !== 'GET' && changes.push(request.url()));
});
after(() => stand?.close());

const browserTest = (name: string, play: () => Promise<void>) => test(name, { skip: noBrowser }, play);

const catalog = /^Only a person with the role catalog changes the catalog: Ada\.$/;
const noTask = /^You may hand nothing to agents, so that no task can be opened in your name\./;
const agent = () => `/agents/${stand.house.refundBot.id}`;
const cases: readonly (readonly [where: string, path: () => string, name: string, why: RegExp])[] = [
  [
    'the agents',
    () => '/agents',
    'Register an agent',
    /^Only a person with the role owner or administrator registers agents\./,
  ],
  ['a new task', () => '/tasks/new', 'Open the task', noTask],
  [
    'two persons',
    () => '/settings/people',
    'Want two persons',
    /^Only a person with the role administrator changes this\.$/,
  ],
  ['the tasks', () => '/tasks', 'Open a task', noTask],
  ['an agent', agent, 'Open a task', noTask],
  ['an agent', agent, 'Suspend now', /^Only its owner or an administrator can suspend it\. Its owner is Alice\.$/],
  ['an agent', agent, 'Transfer ownership…', /^Only an administrator can give it another owner\./],
  [
    'its keys',
    () => `${agent()}/keys`,
    'Issue an enrolment code',
    /^Only its owner or an administrator can change its keys\./,
  ],
  [
    'its users',
    () => `${agent()}/users`,
    'Link it',
    /^Only its owner or an administrator can change its agent users\./,
  ],
  ['its grants', () => `${agent()}/grants`, 'Let it work unasked…', /^Only its owner can sign/],
  ['the catalog', () => '/catalog', 'Add an API…', catalog],
  ['the catalog', () => '/catalog', 'Import again…', catalog],
  ['what matched nothing', () => '/catalog/unmatched', 'Add an API…', catalog],
  ['an import', () => '/catalog/new/import', 'Show what would change', catalog],
  ['an action', () => '/catalog/shop/orders.get', 'Classify…', catalog],
  [
    'the rules',
    () => '/policies',
    'Publish…',
    /^Only a person with the role policy checks and publishes rules: Ada\.$/,
  ],
  ['the log', () => '/log', 'Export the log', /^For a person with the role auditor\.$/],
  [
    'one’s own keys',
    () => '/settings/keys',
    'Issue a one-time code',
    /^Only a person with the role administrator issues codes/,
  ],
];

for (const [where, path, name, why] of cases)
  browserTest(`“${name}” is off at ${where}, says why, and does nothing`, async () => {
    await page.goto(stand.url + path());
    const button = page.getByRole('button', { name, disabled: true }).first();
    await button.waitFor();
    const described = await button.getAttribute('aria-describedby');
    assert.ok(described, 'a screen reader is led to the reason');
    const reason = page.locator(`[id="${described}"]`);
    assert.match((await reason.textContent()) ?? '', why);
    assert.ok(await reason.isVisible(), 'the reason is seen');
    assert.equal(await reason.count(), 1);
    await button.focus();
    assert.equal(await button.evaluate((one) => one.matches(':focus')), true, 'a keyboard comes to it');
    const [at, asked] = [page.url(), changes.length];
    await page.keyboard.press('Enter');
    await button.click({ force: true });
    await page.keyboard.press('n');
    await page.waitForTimeout(100);
    assert.equal(page.url(), at);
    assert.equal(await page.getByRole('alertdialog').count(), 0);
    assert.deepEqual(changes.slice(asked), [], 'nothing was asked of the plane');
  });

browserTest('a field that is sent by the enter key sends nothing either', async () => {
  await page.goto(`${stand.url}${agent()}/users`);
  const asked = changes.length;
  const field = page.getByRole('textbox').first();
  await field.fill('somebody@shop.example');
  await field.press('Enter');
  await page.waitForTimeout(300);
  assert.deepEqual(changes.slice(asked), [], 'the plane was not even asked');
});

browserTest('pages with what is off are accessible in both themes', async () => {
  for (const path of ['/agents', '/tasks', '/catalog', agent()]) {
    await page.goto(stand.url + path);
    await page.getByRole('button', { disabled: true }).first().waitFor();
    await requireAccessible(page);
  }
});
