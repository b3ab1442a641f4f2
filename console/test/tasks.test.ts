// Alice's tasks: opened on a page, handed on, watched while an agent works, and ended with everything under them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parseId } from '@ambit/protocol';
import { connect } from '@ambit/sdk';
import type { Page } from 'playwright-core';
import { noBrowser } from './browser.ts';
import { openStand, requireAccessible, type Stand } from './stand.ts';
import { tellChain } from './story.ts';

let stand: Stand;
let page: Page;
before(async () => {
  if (noBrowser !== false) return;
  stand = await openStand();
  await stand.house.ada.operator.tasks.defineTemplate({
    name: 'Read one order',
    purposeType: 'support',
    grants: [
      {
        type: 'ambit_grant',
        actions: ['shop:orders.get'],
        where: { 'path.orderId': { all: [{ equals: '{order}' }] } },
      },
    ],
    parameters: [{ name: 'order', says: 'The number of the order.', lengthMax: 20 }],
    ttlSecondsMax: 3600,
  });
  ({ page } = await stand.signIn(stand.house.alice, '/tasks'));
});
after(() => stand?.close());

const browserTest = (name: string, run: () => Promise<void>) => test(name, { skip: noBrowser }, run);

browserTest('a task from a template is opened with its parameters, watched and ended', async () => {
  const { house } = stand;
  await page.getByText('No task was opened yet.').waitFor();
  await page.keyboard.press('n');
  await page.getByLabel('Agent').selectOption({ label: 'lookup-bot' });
  await page.getByLabel('From').selectOption({ label: 'Read one order' });
  await page.getByLabel('What for?').fill('Look up the order.');
  await page.getByLabel('order').fill('1042');
  await page.getByRole('heading', { name: 'In words' }).waitFor();
  await requireAccessible(page);
  await page.getByRole('button', { name: 'Open the task' }).click();
  await page.getByRole('heading', { name: 'Look up the order.' }).waitFor();
  const id = parseId('task', new URL(page.url()).pathname.split('/').at(-1));
  assert.ok(id !== undefined);
  const agent = await connect({ url: house.plane.agents, agent: house.lookupBot.id, key: house.lookupBot.key });
  const task = await agent.accept(id);
  assert.ok((await task.fetch('/api/shop/orders/1042')).ok);
  await page
    .getByRole('list', { name: /What was done/ })
    .getByText(/1042/)
    .first()
    .waitFor();
  await page.keyboard.press('Shift+S');
  await page.getByRole('alertdialog').getByText('1 task, with every token of it').waitFor();
  await page.waitForTimeout(600);
  await page.keyboard.press('Enter');
  await page
    .getByRole('alert')
    .getByText(/The task is ended\. 1 task.* ended in \d+ ms\./)
    .waitFor();
  await assert.rejects(() => task.fetch('/api/shop/orders/1042'));
});

browserTest(
  'what was handed on to one agent, and by that to two, is a list inside a list, and drawn below it',
  async () => {
    await tellChain(stand.house);
    await page.goto(`${stand.url}/tasks`);
    await page
      .getByRole('link', { name: /triage-bot/ })
      .first()
      .click();
    const chain = page.getByRole('region', { name: 'Chain' });
    await chain.locator('.react-flow__node').nth(3).waitFor();
    const under = chain.locator('li li').filter({ hasText: 'lookup-bot' }).first();
    for (const name of ['stock-bot', 'carrier-bot']) await under.locator('li').filter({ hasText: name }).waitFor();
    // Whoever hears the page comes by the list first, and by the drawing never.
    const order = await chain.evaluate((one) => {
      const [list, drawing] = [one.querySelector('ul'), one.querySelector('[aria-hidden] .react-flow')];
      return list !== null && drawing !== null && (list.compareDocumentPosition(drawing) & 4) === 4;
    });
    assert.ok(order);
    await requireAccessible(page);
  },
);

browserTest('what was pasted is read before it is sent, and a manifest makes a draft', async () => {
  await page.goto(`${stand.url}/agents/new?by=manifest`);
  const manifest = {
    name: 'label-bot',
    team: 'support',
    purpose: 'Labels orders.',
    environment: 'test',
    zone: 'default',
    expiresAt: Date.now() + 86_400_000,
    ceiling: [{ type: 'ambit_grant', actions: ['shop:*'] }],
  };
  await page.getByLabel('Manifest (JSON)').fill(JSON.stringify(manifest));
  await page.getByText(/there are no wildcards/).waitFor();
  assert.ok(await page.getByRole('button', { name: 'Register it as a draft' }).isDisabled());
  const ceiling = [{ type: 'ambit_grant', actions: ['shop:orders.get'] }];
  await page.getByLabel('Manifest (JSON)').fill(JSON.stringify({ ...manifest, ceiling }));
  await requireAccessible(page);
  await page.getByRole('button', { name: 'Register it as a draft' }).click();
  await page.getByText('It has no key, so it cannot act.').first().waitFor();
  await page.getByRole('button', { name: 'Activate it' }).waitFor();
});
