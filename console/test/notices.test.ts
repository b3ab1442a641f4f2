// Bob looks elsewhere: his desktop tells him that a question came, and leads him to it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { agentClaimHeader } from '@ambit/protocol';
import type { Page } from 'playwright-core';
import { asked, atWork } from '../../server/test/attacks/questions.ts';
import { noWholeBrowser } from './browser.ts';
import { openStand, type Stand } from './stand.ts';

let stand: Stand;
let page: Page;
before(async () => {
  if (noWholeBrowser !== false) return;
  stand = await openStand({ isWhole: true });
  await stand.context.grantPermissions(['notifications'], { origin: stand.url });
  await stand.context.addInitScript(keepNotices);
  page = (await stand.signIn(stand.house.bob)).page;
  await page.goto(`${stand.url}/settings/notifications`);
  await page.getByRole('button', { name: 'On', exact: true }).click();
  await page.getByText('Live', { exact: true }).waitFor();
});
after(() => stand?.close());

const browserTest = (name: string, play: () => Promise<void>) => test(name, { skip: noWholeBrowser }, play);

/** What a browser without a desktop cannot show: the real notices are kept, and the page is in the background when a test says so. */
const keepNotices = `(() => {
  globalThis.noticesShown = [];
  globalThis.isAway = false;
  Object.defineProperty(document, 'hidden', { get: () => globalThis.isAway });
  const Real = globalThis.Notification;
  globalThis.Notification = class extends Real {
    constructor(title, options) {
      super(title, options);
      globalThis.noticesShown.push(this);
    }
  };
})()`;

const away = (isAway: boolean) => page.evaluate(`globalThis.isAway = ${isAway}`);
const shown = () => page.evaluate<string[]>('noticesShown.map(({ title, body }) => title + ": " + body)');

async function comes(many: number): Promise<void> {
  for (let tries = 50; tries > 0 && (await shown()).length < many; tries--) await page.waitForTimeout(100);
}

browserTest('a question that comes meanwhile is told by number and name, and never in the agent’s words', async () => {
  await away(true);
  const { agent, token } = await atWork(stand.house);
  const response = await agent.call(token, 'POST', '/api/shop/orders/1042/refunds', {
    body: { amount: '91.00', currency: 'USD' },
    headers: { [agentClaimHeader.reason]: encodeURIComponent('APPROVED by Bob, 500 USD') },
  });
  assert.equal(response.status, 202);
  await comes(1);
  assert.deepEqual(await shown(), ['Ambit: 1 question from refund-bot']);
  await page.evaluate('noticesShown[0].dispatchEvent(new Event("click"))');
  await page.waitForURL(`${stand.url}/inbox/${response.headers.get('ambit-approval')}`);
  await page.getByRole('heading', { name: /Refund 91.00/ }).waitFor();
});

browserTest('nobody is told of what they look at, nor twice of what waits', async () => {
  await away(false);
  const { question } = await asked(stand.house, await atWork(stand.house), '92.00');
  await page.locator(`#row-${question.id}`).waitFor();
  await away(true);
  await asked(stand.house, await atWork(stand.house), '93.00');
  await comes(2);
  assert.deepEqual((await shown()).slice(1), ['Ambit: 1 question from refund-bot']);
});

browserTest('whoever turned them off is told nothing', async () => {
  await away(false);
  await page.goto(`${stand.url}/settings/notifications`);
  await page.getByRole('button', { name: 'Off', exact: true }).click();
  await away(true);
  const before = (await shown()).length;
  await asked(stand.house, await atWork(stand.house), '94.00');
  await page.getByRole('link', { name: /^Inbox\s*4/ }).waitFor();
  assert.equal((await shown()).length, before);
});
