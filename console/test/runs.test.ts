// Alice reads what her agents did: a run that permitted, asked and denied, with a sub-agent in it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ApprovalId, EntryId, TaskId } from '@ambit/protocol';
import type { Page } from 'playwright-core';
import { answer, handmadeUpstream } from '../../server/test/attacks/witness.ts';
import { only, order, registerBot } from '../../server/test/house.ts';
import { openNamedHouse } from '../../server/test/passkeys.ts';
import { exchangeForm, rawAgent, tokenOf } from '../../server/test/raw-agent.ts';
import { noBrowser } from './browser.ts';
import { openStandAt, requireAccessible, type Stand } from './stand.ts';

let stand: Stand;
let page: Page;
let run: TaskId;
before(async () => {
  if (noBrowser !== false) return;
  stand = await openStandAt(() => openNamedHouse({ env: { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.0/8' } }));
  run = await work();
  page = (await stand.signIn(stand.house.alice, '/runs')).page;
});
after(() => stand?.close());

const browserTest = (name: string, play: () => Promise<void>) => test(name, { skip: noBrowser }, play);

async function work(): Promise<TaskId> {
  const { house } = stand;
  const task = await house.openTask();
  const agent = await rawAgent(house, house.refundBot);
  const token = await agent.accept(task);
  const refund = (amount: string) =>
    agent.call(token, 'POST', `/api/shop/orders/${order}/refunds`, { body: { amount, currency: 'USD' } });
  assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}`)).status, 200);
  assert.equal((await refund('30.00')).status, 201);
  assert.equal((await refund('80.00')).status, 202);
  const [question] = await house.bob.operator.approvals.list();
  assert.ok(question);
  await house.bob.operator.approvals.answer(question, 'no', 'Not twice.');
  assert.equal((await refund('180.00')).status, 403);
  const lookup = await rawAgent(house, house.lookupBot);
  const less = [only('shop:shipping.get', 'path.orderId', order)];
  const child = await tokenOf(await agent.tokenRequest(exchangeForm(token, await lookup.actorToken(), less)));
  assert.equal((await lookup.call(child, 'GET', `/api/shop/orders/${order}/shipping`)).status, 200);
  return task;
}

const lines = () => page.getByRole('list', { name: 'What happened' }).getByRole('listitem');

browserTest('the list of runs says who acted for whom, how it was decided and how it stands', async () => {
  const row = page.getByRole('link', { name: /refund-bot.*Alice/ });
  await row.waitFor();
  assert.match((await row.textContent()) ?? '', /\d permitted1 asked1 denied.*Under way/);
  await row.getByText('Settle the damaged order 1042.').waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('o');
  await page.waitForURL(`${stand.url}/runs/${run}`);
});

browserTest('a run reads as one story, and what was denied was never sent', async () => {
  await page.goto(`${stand.url}/runs/${run}`);
  await lines().filter({ hasText: 'Refund 30.00\u00a0USD for order 1042' }).waitFor();
  await lines().filter({ hasText: 'said no: Not twice.' }).waitFor();
  // The read for whoever answers is no doing of the agent's.
  await lines().filter({ hasText: 'Ambit itself looks first: read order 1042' }).waitFor();
  await page.getByText('What happened', { exact: true }).waitFor();
  await lines()
    .getByRole('button', { name: /Refund 180\.00.* entry \d+$/ })
    .waitFor();
  await lines()
    .filter({ hasText: /Refund 180.00.*never sent/ })
    .waitFor();
});

browserTest('it says what exactly it touched, and what was stopped', async () => {
  const panel = page.getByRole('complementary', { name: 'About this run' });
  await panel.getByText('order/1042').first().waitFor();
  await panel.getByText('30.00\u00a0USD').first().waitFor();
  await panel.getByText('Never left Ambit').waitFor();
  await panel.getByText('A person said no').waitFor();
});

browserTest('denied lines alone are an address of their own, and a line there leads to its entry', async () => {
  await page.getByRole('radio', { name: /Deny/ }).click();
  await page.waitForURL(/decision=deny/);
  assert.equal(await lines().count(), 1);
  await page.keyboard.press('j');
  await page.waitForURL(/line=\d+&panel=line|panel=line&line=\d+/);
  const panel = page.getByRole('tabpanel', { name: 'This line' });
  await panel.getByText(/may not refund 180.00/).waitFor();
  await panel.getByText('180.00 ≤ 100.00').first().waitFor();
  await panel.getByRole('button', { name: /Copy the id of this entry/ }).waitFor();
});

browserTest('a refund that was done offers its undo: it says what would be called, and asks once', async () => {
  await page.goto(`${stand.url}/runs/${run}`);
  await lines().filter({ hasText: 'Refund 30.00' }).getByRole('button', { name: /^Undo/ }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByText('shop:refunds.cancel').first().waitFor();
  await dialog.getByText('path.refundId').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.equal(cancelled(), 0);
});

const cancelled = () => stand.house.shop.ledger().filter(({ kind }) => kind === 'cancellation').length;

/** Presses Undo at the refund, and confirms as soon as the dialog takes it. */
async function undo(): Promise<void> {
  await lines().filter({ hasText: 'Refund 30.00' }).getByRole('button', { name: /^Undo/ }).click();
  const confirm = page.getByRole('alertdialog').getByRole('button', { name: /^Undo it/ });
  await page.getByRole('alertdialog').getByText('path.refundId').waitFor();
  await page.waitForTimeout(600);
  await confirm.click();
}

browserTest('an undo that a rule forbids is refused with its reason, and sends nothing', async () => {
  const { policies } = stand.house.ada.operator;
  const [newest] = await policies.list();
  const { text } = await policies.show(newest!.number);
  await policies.publish(
    `${text}\n@id("by-hand") @reason("Nothing is undone by hand today.") forbid (principal is Agent, action, resource) when { principal.kind == "client" };`,
  );
  await undo();
  await page.getByRole('alertdialog').getByRole('alert').getByText('policy.denied').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('tabpanel').getByText('Nothing is undone by hand today.').waitFor();
  await policies.publish(text);
  assert.equal(cancelled(), 0);
});

browserTest(
  'an undo is decided like any call: another person is asked, and the line says that it was undone',
  async () => {
    const { bob } = stand.house;
    await undo();
    const panel = page.getByRole('tabpanel', { name: 'This line' });
    await panel.getByText('A person is asked first').waitFor();
    const [question] = await bob.operator.approvals.list();
    assert.ok(question);
    assert.equal(question.shown.agent, 'console of Alice');
    await bob.operator.approvals.answer(question, 'yes');
    await panel.getByText('Undone by Alice').waitFor();
    await lines().filter({ hasText: 'Undone by Alice' }).waitFor();
    assert.equal(await lines().getByRole('button', { name: /^Undo/ }).count(), 0);
    assert.equal(cancelled(), 1);
    await requireAccessible(page);
  },
);

browserTest('the chain shows who handed what to whom, also to whoever has a phone', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${stand.url}/runs/${run}`);
  await page.getByRole('button', { name: 'Chain' }).click();
  await page.getByRole('tabpanel', { name: 'Chain' }).getByText('lookup-bot').waitFor();
  const width = await page.evaluate<number>('document.documentElement.scrollWidth');
  assert.ok(width <= 390, `the page is ${width} pixels wide`);
});

browserTest('what is no run, and what is not one’s own, is said to be missing', async () => {
  await page.goto(`${stand.url}/runs/tsk_nothing`);
  await page.getByText('This is not the id of a run.').waitFor();
  await page.goto(`${stand.url}/runs/tsk_00000000000000000000`);
  await page.getByText('This run could not be loaded.').waitFor();
});

browserTest(
  'what a description calls a value, and what an API answers for it, are words of others in an undo',
  async () => {
    const { ada, alice, openTask } = stand.house;
    const upstream = await handmadeUpstream(({ socket }) => answer(socket, 200, { 'to\u202eada': 'x\u200b' }));
    const names = (all: readonly string[]) => ({
      required: all,
      properties: Object.fromEntries(all.map((one) => [one, { type: 'string' }])),
    });
    const operation = (operationId: string, all: readonly string[], undo: object) => ({
      post: {
        ...{ operationId, responses: { 200: { description: 'It.' } } },
        requestBody: { required: true, content: { 'application/json': { schema: { type: 'object', ...names(all) } } } },
        'x-ambit': { effect: 'write', reversibility: 'reversible', ...undo },
      },
    });
    const paths = {
      '/a': operation('give', ['what'], { undo: 'take' }),
      '/b': operation('take', ['to\u202eada', 'why\u202e'], {}),
    };
    const text = JSON.stringify({ openapi: '3.1.0', info: { title: 'Odd', version: '1' }, paths });
    await ada.operator.catalog.import({
      ...{ name: 'odd', text, server: upstream.url },
      ...{ zone: 'default', environment: 'test' },
    });
    await ada.operator.catalog.confirm('odd', { revision: (await ada.operator.catalog.show('odd')).revision });
    const { delegable } = await ada.operator.persons.show(alice.id);
    const odd = [...delegable, { type: 'ambit_grant' as const, actions: ['odd:give', 'odd:take'] }];
    await ada.operator.persons.setDelegable(alice.id, odd);
    const bot = await registerBot(alice, 'odd-bot', odd);
    const task = await openTask({ agent: bot.id, authority: odd.slice(-1) });
    const agent = await rawAgent(stand.house, bot);
    const given = await agent.call(await agent.accept(task), 'POST', '/api/odd/a', { body: { what: 'it' } });
    assert.equal(given.status, 200, await given.text());
    await upstream.close();
    await page.goto(`${stand.url}/runs/${task}`);
    await page.getByRole('button', { name: /^Undo/ }).first().click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText('Neither the call nor its answer says').waitFor();
    const shown = (await dialog.textContent()) ?? '';
    assert.doesNotMatch(shown, /[\u202e\u200b]/);
    for (const seen of ['body.toU+202Eada', 'xU+200B', 'body.whyU+202E'])
      assert.ok(shown.includes(seen), `${seen} in ${shown}`);
  },
);

browserTest(
  'a refusal that is no decision says what it is about, and blames no agent that did not prove itself',
  async () => {
    const { house } = stand;
    const task = await house.openTask();
    const agent = await rawAgent(house, house.refundBot);
    const token = await agent.accept(task);
    assert.equal((await agent.call(token, 'PUT', `/api/shop/orders/${order}`)).status, 404);
    const bare = await fetch(`${house.plane.agents}/api/shop/orders`, { headers: { authorization: `DPoP ${token}` } });
    assert.equal(bare.status, 401);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${stand.url}/runs/${task}?decision=deny`);
    await lines().filter({ hasText: 'takes GET and not PUT' }).click();
    const panel = page.getByRole('tabpanel', { name: 'This line' });
    await panel.getByText(/^Refused: at the path .*the API .*shop.* takes .*GET.* and not .*PUT/).waitFor();
    await lines().filter({ hasText: 'no proof came' }).click();
    const title = panel.getByRole('heading', { level: 2 });
    await title
      .getByText(
        /^A caller that did not prove who it is, with a token or key of .*refund-bot.*, was not allowed to send/,
      )
      .waitFor();
    await panel.getByRole('link', { name: 'The entry and its proof' }).click();
    await page.getByText('as the token or key says that came along').first().waitFor();
    await requireAccessible(page);
  },
);

browserTest(
  'who is kept from undoing by the question of another is led to it, and who asked can withdraw it',
  async () => {
    const { house } = stand;
    await house.ada.operator.persons.setRoles(house.bob.id, ['approver', 'auditor']);
    // A passkey that is newer than a question does not answer it.
    const { page: bobs } = await stand.signIn(house.bob, '/runs');
    const task = await house.openTask();
    const agent = await rawAgent(house, house.refundBot);
    const token = await agent.accept(task);
    const path = `/api/shop/orders/${order}/refunds`;
    const sent = await agent.call(token, 'POST', path, { body: { amount: '3.00', currency: 'USD' } });
    assert.equal(sent.status, 201);
    const began = await house.alice.operator.log.undoNow(sent.headers.get('ambit-entry') as EntryId);
    assert.ok(began.kind === 'asked');
    await bobs.goto(`${stand.url}/runs/${task}`);
    await bobs.getByRole('listitem').filter({ hasText: 'Alice asked to undo it' }).first().click();
    const panel = bobs.getByRole('tabpanel', { name: 'This line' });
    await panel.getByText('Nobody else can ask for it until that is answered or withdrawn').waitFor();
    assert.equal(await panel.getByRole('button', { name: 'Withdraw it…' }).count(), 0);
    await panel.getByRole('link', { name: 'Answer its question' }).click();
    await bobs.waitForURL(`${stand.url}/inbox/${began.approval}`);
    page = (await stand.signIn(house.alice, `/runs/${task}`)).page;
    await lines().filter({ hasText: 'Alice asked to undo it' }).first().click();
    const own = page.getByRole('tabpanel', { name: 'This line' });
    await own.getByRole('link', { name: 'Its question', exact: true }).waitFor();
    await requireAccessible(page);
    await own.getByRole('button', { name: 'Withdraw it…' }).click();
    await page.waitForTimeout(600);
    await page.getByRole('alertdialog').getByRole('button', { name: 'Withdraw it' }).click();
    await own.getByText('ended without a yes').waitFor();
    await own.getByRole('button', { name: /^Try again/ }).waitFor();
    assert.equal((await house.alice.operator.approvals.show(began.approval)).state, 'ended');
  },
);

browserTest('a question that is open says for whom it waits, until it is answered', async () => {
  const { house } = stand;
  const task = await house.openTask();
  const agent = await rawAgent(house, house.refundBot);
  const token = await agent.accept(task);
  const { headers } = await agent.call(token, 'POST', `/api/shop/orders/${order}/refunds`, {
    body: { amount: '81.00', currency: 'USD' },
  });
  const { page: hers } = await stand.signIn(house.alice, `/runs/${task}`);
  const asked = hers
    .getByRole('list', { name: 'What happened' })
    .getByRole('listitem')
    .filter({ hasText: 'Refund 81.00' });
  await asked.getByText('waits for a person with the role approver').waitFor();
  const question = await house.bob.operator.approvals.show(headers.get('ambit-approval') as ApprovalId);
  await house.bob.operator.approvals.answer(question, 'no', 'Not today.');
  await asked.getByText('said no: Not today.').waitFor();
  assert.equal(await asked.getByText('waits for').count(), 0);
  await hers.goto(`${stand.url}/runs`);
  const rows = hers.getByRole('region', { name: 'Runs, newest first' }).getByRole('link');
  await rows.nth(1).waitFor();
  // How each was decided and how it stands are columns, whatever the counts.
  const lefts = await rows.evaluateAll((all) =>
    all.map((row) => [...row.children].slice(1).map((cell) => Math.round(cell.getBoundingClientRect().left))),
  );
  assert.equal(new Set(lefts.map(String)).size, 1, JSON.stringify(lefts));
  await hers.close();
});
