// Alice sees what acts for her, and ends one of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { asked, atWork, type Waiting, type Working } from '../../server/test/attacks/questions.ts';
import { refund } from '../../server/test/attacks/witness.ts';
import { only, order } from '../../server/test/house.ts';
import { exchangeForm, rawAgent, tokenOf } from '../../server/test/raw-agent.ts';
import { noBrowser } from './browser.ts';
import { openStand, type Stand } from './stand.ts';

let stand: Stand;
let page: Page;
let working: Working;
let waiting: Waiting;
before(async () => {
  if (noBrowser !== false) return;
  stand = await openStand();
  const { house } = stand;
  page = (await stand.signIn(house.alice, '/me')).page;
});
after(() => stand?.close());

const browserTest = (name: string, play: () => Promise<void>) => test(name, { skip: noBrowser }, play);
const tasks = () => page.getByRole('list', { name: 'Tasks that act for you' }).getByRole('article');
const readIt = () => page.waitForTimeout(600);

browserTest('where nothing acts for somebody, it says so', async () => {
  await page.getByText('No agent acts for you right now.').waitFor();
});

browserTest('each task says which agent, what for, what is left and until when', async () => {
  const { house } = stand;
  working = await atWork(house);
  const { agent, token } = working;
  assert.equal((await refund(agent, token, '30.00')).status, 201);
  waiting = await asked(house, working, '80.00');
  const lookup = await rawAgent(house, house.lookupBot);
  const less = [only('shop:shipping.get', 'path.orderId', order)];
  await tokenOf(await agent.tokenRequest(exchangeForm(token, await lookup.actorToken(), less)));
  const one = tasks().filter({ hasText: 'refund-bot acts for you' });
  await one.getByText('220.00\u00a0USD left of 250.00\u00a0USD').waitFor();
  await one.getByText('1 question waiting').waitFor();
  await one.getByText(/left, until \d\d:\d\d/).waitFor();
  await tasks().filter({ hasText: 'Handed on by refund-bot' }).waitFor();
  await page.getByRole('heading', { level: 1, name: '2 agents act for you now, on 2 tasks' }).waitFor();
});

browserTest('the end of a task lists what ends, begins on the way back, and takes no key pressed ahead', async () => {
  await page.getByRole('button', { name: 'End… the task of refund-bot' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'End what refund-bot does for you?' });
  await dialog.getByText(working.task).waitFor();
  await dialog.getByText('1 question: nothing that was asked is sent').waitFor();
  await dialog.getByText('the task of lookup-bot').waitFor();
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  assert.equal((await stand.house.alice.operator.acting()).tasks.length, 2);
});

browserTest('what was ended acts no more, and the page says what died', async () => {
  await page.getByRole('button', { name: 'End… the task of refund-bot' }).click();
  await page.getByLabel(/Why\?/).fill('The customer called.');
  await readIt();
  await page.getByRole('button', { name: /End it now/ }).click();
  await page.getByText(/^Ended: 2 tasks, \d+ tokens?,? and 1 question, in/).waitFor();
  await page.getByText('No agent acts for you right now.').waitFor();
  assert.ok((await refund(working.agent, working.token, '10.00')).status >= 400);
  assert.notEqual((await stand.house.bob.operator.approvals.show(waiting.question.id)).state, 'parked');
});

browserTest('it fits a narrow phone, and an error says what is safe', async () => {
  await atWork(stand.house);
  await page.setViewportSize({ width: 320, height: 700 });
  await tasks().first().waitFor();
  const width = await page.evaluate<number>('document.documentElement.scrollWidth');
  assert.ok(width <= 320, `the page is ${width} pixels wide`);
  await page.route('**/v1/me/acting', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        type: 'about:blank',
        title: 'Busy',
        status: 503,
        code: 'plane.busy',
        detail: 'Try later.',
      }),
    }),
  );
  await page.goto(`${stand.url}/me`);
  await page.getByText('What acts for you could not be loaded.').waitFor();
});
