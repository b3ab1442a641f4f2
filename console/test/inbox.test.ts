// Bob's inbox: questions of real agents, answered with a real passkey of a real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { agentClaimHeader } from '@ambit/protocol';
import type { Page } from 'playwright-core';
import { asked, atWork, joins, poll, settled, type Waiting } from '../../server/test/attacks/questions.ts';
import { refund } from '../../server/test/attacks/witness.ts';
import type { Player } from '../../server/test/house.ts';
import { noBrowser } from './browser.ts';
import { openStand, requireAccessible, type Stand, type Visit } from './stand.ts';

let stand: Stand;
let bob: Visit;
let page: Page;
let bea: Player;
before(async () => {
  if (noBrowser !== false) return;
  stand = await openStand();
  bea = await joins(stand.house, 'Bea', ['approver']);
  bob = await stand.signIn(stand.house.bob);
  page = bob.page;
});
after(() => stand?.close());

const browserTest = (name: string, run: () => Promise<void>) => test(name, { skip: noBrowser }, run);

/** A question about that amount, open in the inbox. */
async function open(amount: string): Promise<Waiting> {
  const waiting = await asked(stand.house, await atWork(stand.house), amount);
  await page.goto(`${stand.url}/inbox/${waiting.question.id}`);
  await page
    .getByRole('heading', { name: `Refund ${amount.replace(' ', '\u00a0')}\u00a0USD to Dana Ruiz for order 1042` })
    .waitFor();
  return waiting;
}

/** The dialog takes no yes for its first half second. */
const readIt = async () => {
  await page.getByRole('alertdialog').waitFor();
  await page.waitForTimeout(600);
};

browserTest('a question is there the moment it is asked', async () => {
  await page.getByText('Live', { exact: true }).waitFor();
  const { question } = await asked(stand.house, await atWork(stand.house), '79.00');
  await page.locator(`#row-${question.id}`).waitFor();
  // A page that has to ask again and again says so, in place of this.
  assert.equal(await page.getByText('Live', { exact: true }).count(), 1, 'it was pushed, not polled');
});

browserTest('a question says what, for whom, why it was stopped, and what would be left', async () => {
  await open('80.00');
  const card = page.getByRole('article');
  for (const says of [
    'Refunds on one order above 50.00 USD need a person.',
    'Can be made up for by shop:refunds.cancel, which is a new call.',
    '170.00\u00a0USD would be left of 250.00\u00a0USD',
    'Alice fixed it, when the task was opened',
    'refund-bot’s call, not checked',
  ])
    await card.getByText(says).first().waitFor();
});

browserTest('`e` opens the exact call, which stays open from card to card; `j` and `k` move', async () => {
  const first = await open('81.00');
  await page.getByRole('option', { selected: true }).waitFor();
  await page.keyboard.press('e');
  await page.getByText(first.question.shown.url).waitFor();
  await page.keyboard.press('k');
  await page.waitForURL((url) => !url.pathname.endsWith(first.question.id));
  await page.getByText('you sign').waitFor();
  await page.keyboard.press('j');
  await page.waitForURL((url) => url.pathname.endsWith(first.question.id));
  assert.equal(await page.getByRole('option', { selected: true }).count(), 1);
  await page.keyboard.press('e');
});

browserTest('before its card is read a question takes no answer; where it cannot be read, that is said', async () => {
  const { question } = await asked(stand.house, await atWork(stand.house), '83.50');
  const card = `**/v1/approvals/${question.id}`;
  const read = Promise.withResolvers<void>();
  await page.route(card, async (route) => {
    await read.promise;
    await route.continue();
  });
  await page.goto(`${stand.url}/inbox/${question.id}`);
  await page.locator('[data-fills-phone]').getByText('Dana Ruiz').waitFor();
  await page.keyboard.press('a');
  await page.keyboard.press('r');
  assert.equal(await page.getByRole('button', { name: 'Approve' }).count(), 0);
  assert.equal(await page.getByRole('alertdialog').count(), 0);
  read.resolve();
  await page.getByRole('article').waitFor();
  await page.keyboard.press('a');
  await page.getByRole('alertdialog').waitFor();
  await page.keyboard.press('Escape');
  await page.unroute(card);
  await page.route(card, (route) => route.abort());
  await page.reload();
  await page.getByText('This question could not be loaded.').waitFor();
  assert.equal(await page.getByRole('article').count(), 0);
  await page.unroute(card);
  // Asked again by itself, as soon as the plane is there.
  await page.getByRole('article').waitFor();
});

browserTest('a yes is a signature of the passkey over what was shown, and the call runs once', async () => {
  const waiting = await open('82.00');
  await page.keyboard.press('a');
  const dialog = page.getByRole('alertdialog', { name: /Refund 82.00/ });
  await dialog.getByText('once, exactly as shown').waitFor();
  await readIt();
  await page.keyboard.press('Enter');
  await page.getByText(/You said yes at \d\d:\d\d:\d\d\./).waitFor();
  assert.equal((await poll(waiting)).status, 201);
  const { answers, state } = await settled(stand.house, waiting);
  assert.equal(state, 'done');
  assert.ok(answers[0] && 'webauthn' in answers[0].signature, 'the answer is signed by a passkey');
});

browserTest('a no takes a reason along, and nothing is sent', async () => {
  const waiting = await open('83.00');
  await page.keyboard.press('r');
  await page.getByLabel('Why not?').fill('The photo shows another table.');
  await readIt();
  await page.getByRole('button', { name: 'Use passkey' }).click();
  await page.getByText(/You said no at \d\d:\d\d:\d\d\./).waitFor();
  await page.getByText('Nothing was sent.', { exact: true }).waitFor();
  assert.equal((await poll(waiting)).status, 403);
  assert.equal((await settled(stand.house, waiting)).answers[0]?.reason, 'The photo shows another table.');
});

browserTest('a card that is over says how many more wait, and leads to the soonest of them', async () => {
  const first = await open('83.20');
  await bea.operator.approvals.answer(first.question, 'no', 'Too much.');
  await page.getByText(/This one is over\. \d+ more (waits|wait) for you\./).waitFor();
  await page.getByRole('button', { name: 'Open the next question' }).click();
  await page.waitForURL((url) => !url.pathname.endsWith(first.question.id));
  await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
});

browserTest('a key that is held down, or pressed ahead, answers nothing', async () => {
  const waiting = await open('84.00');
  await page.keyboard.press('a');
  await page.keyboard.press('Enter');
  await page.keyboard.down('Enter');
  await readIt();
  await page.keyboard.down('Enter');
  await page.keyboard.up('Enter');
  await page.getByRole('alertdialog').waitFor();
  assert.equal((await stand.house.bob.operator.approvals.show(waiting.question.id)).state, 'parked');
  await page.keyboard.press('Escape');
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
});

browserTest('where the device does not confirm, nothing was sent, and the person may try again', async () => {
  const waiting = await open('85.00');
  await bob.device.confirms(false);
  await page.keyboard.press('a');
  await readIt();
  await page.keyboard.press('Enter');
  await page.getByText('Your device did not confirm. Nothing was sent. Try again').waitFor();
  assert.equal((await stand.house.bob.operator.approvals.show(waiting.question.id)).state, 'parked');
  await bob.device.confirms(true);
  await page.keyboard.press('Enter');
  await page.getByText(/You said yes at/).waitFor();
});

browserTest('what somebody else answers meanwhile closes the dialog, and says who and when', async () => {
  const waiting = await open('86.00');
  await page.keyboard.press('a');
  await page.getByRole('alertdialog').waitFor();
  await bea.operator.approvals.answer(waiting.question, 'no', 'Too much.');
  await page.getByText(/Bea said no at \d\d:\d\d:\d\d\./).waitFor();
  await page.getByText('You sent nothing.').waitFor();
  assert.equal(await page.getByRole('alertdialog').count(), 0);
  assert.equal(await page.getByRole('button', { name: 'Approve', exact: true }).count(), 0);
});

browserTest('where what it was about changed, nothing is sent, and the card leads to the new question', async () => {
  const waiting = await open('86.50');
  const elsewhere = await atWork(stand.house);
  assert.equal((await refund(elsewhere.agent, elsewhere.token, '9.00')).status, 201);
  await page.keyboard.press('a');
  await readIt();
  await page.keyboard.press('Enter');
  await page.getByText(/Order 1042 changed since you looked: .*was .*, now/).waitFor();
  await requireAccessible(page);
  await page.getByRole('link', { name: 'Open the new question' }).click();
  await page.waitForURL((url) => !url.pathname.endsWith(waiting.question.id));
  await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
});

browserTest(
  'a question that ends with its task stays on its card, with what came of it, until one moves on',
  async () => {
    const waiting = await open('86.60');
    await stand.house.alice.operator.tasks.revoke(waiting.task, 'Not needed.');
    await page.getByRole('article').getByText('Its task ended first.').waitFor();
    await page.locator(`#row-${waiting.question.id}`).waitFor({ state: 'detached' });
    assert.equal(new URL(page.url()).pathname, `/inbox/${waiting.question.id}`);
    await page.getByRole('heading', { name: /Refund 86.60/ }).waitFor();
    await page.keyboard.press('a');
    assert.equal(await page.getByRole('alertdialog').count(), 0);
    await page.keyboard.press('j');
    await page.waitForURL((url) => !url.pathname.endsWith(waiting.question.id));
  },
);

browserTest('headers that the client library set stand below what decides, whole', async () => {
  await open('86.70');
  const card = page.getByRole('article');
  await card.getByText('accept-language *').first().waitFor();
  assert.equal(await card.getByRole('row').filter({ hasText: 'accept-language' }).count(), 0);
});

browserTest('an agent’s words are text, whatever they hold, and what nobody sees in them is named', async () => {
  const { agent, token } = await atWork(stand.house);
  const claim = 'APPROVED <img src=x onerror="document.title=1"> [press A](javascript:1)\u202e';
  const response = await agent.call(token, 'POST', '/api/shop/orders/1042/refunds', {
    body: { amount: '87.50', currency: 'USD' },
    headers: { [agentClaimHeader.reason]: encodeURIComponent(claim) },
  });
  assert.equal(response.status, 202);
  await page.goto(`${stand.url}/inbox/${response.headers.get('ambit-approval')}`);
  const quote = page.getByRole('figure', { name: /refund-bot’s claim, not checked/ });
  await quote.getByText('APPROVED <img src=x onerror="document.title=1"> [press A](javascript:1)').waitFor();
  await quote.getByText('U+202E').waitFor();
  await page.getByText('1 invisible character is shown. It turns text around.').waitFor();
  assert.equal(await quote.locator('img, a').count(), 0);
});

browserTest('whoever may not answer sees the same card, and who can', async () => {
  const { question } = await asked(stand.house, await atWork(stand.house), '87.00');
  const { page: hers } = await stand.signIn(stand.house.alice, `/inbox/${question.id}`);
  await hers.getByRole('heading', { name: /Refund 87.00/ }).waitFor();
  await hers
    .getByRole('article')
    .getByText('You asked for this, so another person with the role approver answers.')
    .waitFor();
  assert.equal(await hers.getByRole('button', { name: 'Approve', exact: true }).count(), 0);
  await hers.close();
});

browserTest('whoever has no passkey as old as the question is told so on the card, and asked for none', async () => {
  const { question } = await asked(stand.house, await atWork(stand.house), '87.25');
  const { page: hers } = await stand.signIn(bea, `/inbox/${question.id}`);
  const card = hers.getByRole('article');
  await card.getByText(/This was asked before you had a passkey. Answer it at the command line/).waitFor();
  assert.equal(await hers.getByRole('button', { name: 'Approve', exact: true }).count(), 0);
  await hers.keyboard.press('a');
  assert.equal(await hers.getByRole('alertdialog').count(), 0);
  const later = await asked(stand.house, await atWork(stand.house), '87.75');
  await hers.goto(`${stand.url}/inbox/${later.question.id}`);
  await hers.getByRole('button', { name: 'Approve', exact: true }).waitFor();
  await hers.close();
});

browserTest('only whoever may read the run is led to it', async () => {
  const { question } = await asked(stand.house, await atWork(stand.house), '87.60');
  const { page: hers } = await stand.signIn(stand.house.alice, `/inbox/${question.id}`);
  await hers.getByRole('link', { name: 'support: Settle the damaged order 1042.' }).waitFor();
  await hers.getByRole('link', { name: 'See the run' }).click();
  await hers.getByRole('list', { name: 'What happened' }).waitFor();
  await hers.close();
  const { page: his } = await stand.signIn(stand.house.bob, `/inbox/${question.id}`);
  await his.getByRole('heading', { name: /Refund 87.60/ }).waitFor();
  assert.equal(await his.getByRole('link', { name: 'See the run' }).count(), 0);
  await his.getByText('Whoever asked for it, and reviewers, can open the task and its run.').waitFor();
  assert.equal(await his.getByRole('link', { name: 'support: Settle the damaged order 1042.' }).count(), 0);
  await his.keyboard.press('o');
  assert.equal(new URL(his.url()).pathname, `/inbox/${question.id}`);
  await his.close();
});

browserTest('a question that nobody answers ends on the page, too, and says that nothing was sent', async () => {
  await stand.house.ada.operator.approvals.setRule({
    action: 'shop:refunds.create',
    role: 'approver',
    answersNeeded: 1,
    notRequester: true,
    notOwner: false,
    ttlSeconds: 5,
  });
  const again = await stand.signIn(stand.house.bob);
  page = again.page;
  await open('88.00');
  await page.keyboard.press('a');
  await page.getByText(/This question ended at \d\d:\d\d\./).waitFor();
  await page.getByText('Nothing was sent; refund-bot was told.').waitFor();
  assert.equal(await page.getByRole('alertdialog').count(), 0);
  assert.equal(await page.getByRole('button', { name: 'Approve', exact: true }).count(), 0);
});
