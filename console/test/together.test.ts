// Several alike questions wait: Bob reads each, answers all of them with one touch, and is told of each by itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ApprovalId, Authority } from '@ambit/protocol';
import { atWork, joins, type Working } from '../../server/test/attacks/questions.ts';
import { refund } from '../../server/test/attacks/witness.ts';
import { type Bot, type Player, registerBot } from '../../server/test/house.ts';
import { noBrowser } from './browser.ts';
import { openStand, requireAccessible, type Stand, type Visit } from './stand.ts';

const labels: Authority = [
  {
    type: 'ambit_grant',
    actions: ['shop:orders.note'],
    asks: [{ always: true, reason: 'A person looks at notes first.' }],
  },
];

const orders = { all: [{ oneOf: ['1042', '1043'] }] };
const anything = { all: [{ any: true as const }] };
const twoOrders: Authority = [
  { type: 'ambit_grant', actions: ['shop:orders.get'], where: { 'path.orderId': orders } },
  {
    type: 'ambit_grant',
    actions: ['shop:refunds.create'],
    where: { 'path.orderId': orders, 'body.amount': anything, 'body.currency': anything },
    asks: [{ over: { amount: '50.00', currency: 'USD' }, per: 'path.orderId', reason: 'A person looks at refunds.' }],
  },
];

let stand: Stand;
let bob: Visit;
let bea: Player;
let tagBot: Bot;
before(async () => {
  if (noBrowser !== false) return;
  stand = await openStand();
  bea = await joins(stand.house, 'Bea', ['approver']);
  tagBot = await registerBot(stand.house.alice, 'tag-bot');
  bob = await stand.signIn(stand.house.bob);
});
after(() => stand?.close());

const browserTest = (name: string, run: () => Promise<void>) => test(name, { skip: noBrowser }, run);
const dialog = () => bob.page.getByRole('alertdialog');
const card = () => bob.page.getByRole('article');
const show = (id: ApprovalId) => stand.house.bob.operator.approvals.show(id);
/** The dialog takes no yes for its first half second. */
const readIt = async () => {
  await dialog().waitFor();
  await bob.page.waitForTimeout(600);
};

const working = () => atWork(stand.house, { agent: tagBot.id, authority: labels }, tagBot);

/** A question about a note on each of these orders, in that order. */
async function notes({ agent, token }: Working, orders: readonly string[], text = 'Damaged.'): Promise<ApprovalId[]> {
  const ids: ApprovalId[] = [];
  for (const one of orders) {
    const body = { text: one === '1044' ? 'Sent to another address.' : text };
    const response = await agent.call(token, 'POST', `/api/shop/orders/${one}/notes`, { body });
    assert.equal(response.status, 202);
    ids.push(response.headers.get('ambit-approval') as ApprovalId);
  }
  return ids;
}

async function refundOf({ agent, token }: Working, order: string, amount: string): Promise<ApprovalId> {
  const body = { amount, currency: 'USD' };
  const response = await agent.call(token, 'POST', `/api/shop/orders/${order}/refunds`, { body });
  assert.equal(response.status, 202, await response.clone().text());
  return response.headers.get('ambit-approval') as ApprovalId;
}

async function open(id: ApprovalId | undefined): Promise<void> {
  await bob.page.goto(`${stand.url}/inbox/${id}`);
  await card().waitFor();
}

let ids: readonly ApprovalId[];

browserTest(
  'all that are alike in one task are read in one list: how many, what they come to, each exact',
  async () => {
    ids = await notes(await working(), ['1042', '1043', '1044', '1045']);
    await open(ids[0]);
    await bob.page.getByRole('region', { name: 'Alike questions' }).getByText('4 are alike.').waitFor();
    await bob.page.getByRole('button', { name: 'Approve all 4…' }).click();
    await dialog().getByText('Approve 4 with one signature').waitFor();
    await dialog().getByText('4 questions, none of which moves money').waitFor();
    const items = dialog().getByRole('list', { name: 'What you answer' }).getByRole('listitem');
    assert.equal(await items.count(), 4);
    const first = await items.first().textContent();
    assert.match(first ?? '', /Sent to another address\./, 'the odd one stands first');
    assert.match(first ?? '', /Differs: the text is/);
    for (const one of await items.allTextContents())
      assert.match(one, /([0-9a-f]{4} ){15}[0-9a-f]{4}/, 'its whole digest');
    for (const one of await items.allTextContents())
      assert.match(one, /call, not checked/, 'whose word each value is, as on its own card');
    const head = (await dialog().textContent()) ?? '';
    assert.match(head, /Asked by.*Alice.*Acts.*-bot/, 'who asked, and who acts');
    await requireAccessible(bob.page);
  },
);

browserTest(
  'what somebody answers meanwhile is marked, and not signed; nothing new is added to what is read',
  async () => {
    const [, second] = ids;
    await bea.operator.approvals.answer(await show(second as ApprovalId), 'no', 'Not this one.');
    await dialog().getByText('It ended, or was answered, meanwhile: you do not sign it.').waitFor();
    await dialog().getByText('Approve 3 with one signature').waitFor();
    await readIt();
  },
);

browserTest('one touch of the passkey answers all of them, and the card says of each what became of it', async () => {
  await dialog().getByRole('button', { name: 'Use passkey' }).click();
  await card().getByText('One signature was over these 3. What became of each:').waitFor();
  const list = card().getByRole('region', { name: 'Answered together' }).getByRole('listitem');
  await list.filter({ hasText: 'The call was sent, once, exactly as shown.' }).nth(2).waitFor();
  const all = await Promise.all(ids.map(show));
  assert.deepEqual(
    all.map(({ state }) => state),
    ['done', 'refused', 'done', 'done'],
  );
  const signatures = all.filter(({ state }) => state === 'done').map(({ answers }) => answers[0]?.signature);
  assert.equal(new Set(signatures.map((one) => JSON.stringify(one))).size, 1, 'by one signature');
  assert.ok(signatures[0] && 'webauthn' in signatures[0]);
  await requireAccessible(bob.page);
});

browserTest(
  'each is looked at once more: what changed since goes no further, and leads to its new question',
  async () => {
    const at = await atWork(stand.house, { authority: twoOrders });
    const [one, other] = [await refundOf(at, '1042', '60.00'), await refundOf(at, '1043', '61.00')];
    await open(one);
    await bob.page.getByRole('button', { name: 'Approve all 2…' }).click();
    await dialog().getByText('121.00\u00a0USD').waitFor();
    const elsewhere = await atWork(stand.house);
    assert.equal((await refund(elsewhere.agent, elsewhere.token, '9.00')).status, 201);
    await readIt();
    await bob.page.keyboard.press('Enter');
    await card().getByText('One signature was over these 2.').waitFor();
    const list = card().getByRole('region', { name: 'Answered together' }).getByRole('listitem');
    await list
      .filter({ hasText: 'order 1042' })
      .getByText(/Order 1042 changed since you looked/)
      .waitFor();
    await list.filter({ hasText: 'order 1043' }).getByText('The call was sent, once, exactly as shown.').waitFor();
    assert.deepEqual([(await show(one)).state, (await show(other)).state], ['moved', 'done']);
    await list.getByRole('link', { name: 'Open the new question' }).click();
    await bob.page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
  },
);

browserTest('where the device does not confirm nothing is answered; all are refused with one reason', async () => {
  const many = await notes(await working(), ['1050', '1051'], 'Late.');
  await open(many[0]);
  await bob.page.getByRole('button', { name: 'Refuse all 2…' }).click();
  await dialog().getByLabel('Why not?').fill('Nobody reads these.');
  await bob.device.confirms(false);
  await readIt();
  await dialog().getByRole('button', { name: 'Use passkey' }).click();
  await dialog().getByText('Your device did not confirm. Nothing was sent. Try again').waitFor();
  for (const one of many) assert.equal((await show(one)).state, 'parked');
  await bob.device.confirms(true);
  await dialog().getByRole('button', { name: 'Use passkey' }).click();
  await card().getByText('One signature was over these 2.').waitFor();
  for (const one of await Promise.all(many.map(show)))
    assert.deepEqual([one.state, one.answers[0]?.reason], ['refused', 'Nobody reads these.']);
});

browserTest('what one signature may not answer says why, and who may not answer is offered nothing', async () => {
  const [one] = await notes(await working(), ['1060'], 'Twice.');
  await notes(await working(), ['1061'], 'Twice.');
  await open(one);
  const bar = bob.page.getByRole('region', { name: 'Alike questions' });
  await bar.getByText(/each is answered by itself\. They are of different tasks/).waitFor();
  assert.equal(await bar.getByRole('button').count(), 0);
  const { page } = await stand.signInElsewhere(stand.house.alice, `/inbox/${one}`);
  await page.getByRole('article').waitFor();
  assert.equal(await page.getByRole('region', { name: 'Alike questions' }).count(), 0);
});
