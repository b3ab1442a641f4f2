// Bob says yes once for a few more of the same, sees what that let through, and takes it back: all in the browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asked, atWork, poll, settled, type Waiting } from '../../server/test/attacks/questions.ts';
import { refund } from '../../server/test/attacks/witness.ts';
import { noBrowser } from './browser.ts';
import { openStand, requireAccessible, type Stand, type Visit } from './stand.ts';

let stand: Stand;
let bob: Visit;
before(async () => {
  if (noBrowser !== false) return;
  stand = await openStand();
  bob = await stand.signIn(stand.house.bob);
});
after(() => stand?.close());

const browserTest = (name: string, run: () => Promise<void>) => test(name, { skip: noBrowser }, run);
const dialog = () => bob.page.getByRole('alertdialog');
/** The dialog takes no yes for its first half second. */
const readIt = async () => {
  await dialog().waitFor();
  await bob.page.waitForTimeout(600);
};
const stateOf = async ({ question }: Waiting) => (await stand.house.bob.operator.approvals.show(question.id)).state;

/** A question about that amount, open in the inbox. */
async function open(amount: string): Promise<Waiting> {
  const waiting = await asked(stand.house, await atWork(stand.house), amount);
  await bob.page.goto(`${stand.url}/inbox/${waiting.question.id}`);
  await bob.page.getByRole('button', { name: /^Approve and remember/ }).waitFor();
  return waiting;
}

let waiting: Waiting;

browserTest(
  '`⇧A` opens the bounds, narrowed to this call already, and says in one sentence what they let through',
  async () => {
    waiting = await open('60.00');
    await bob.page.keyboard.press('Shift+A');
    await dialog().getByText('once, exactly as shown').waitFor();
    await dialog().getByText('This one runs', { exact: true }).waitFor();
    // Not 5 times 60.00: the task has no more than that left after this one.
    const says = dialog().getByRole('status');
    await says
      .getByText(
        /The same action with the same values, up to 60.00\sUSD each: at most 5 more calls, at most 190.00\sUSD in all, until \d\d:\d\d or/,
      )
      .waitFor();
    await dialog().getByLabel('Then how many more').fill('3');
    await dialog().getByLabel('Each at most').fill('40.00');
    await dialog().getByLabel('In all at most').fill('70.00');
    await dialog().getByLabel('Until').selectOption({ index: 1 });
    await says.getByText(/up to 40.00\sUSD each: at most 3 more calls, at most 70.00\sUSD in all/).waitFor();
  },
);

browserTest('what is wider than what was asked about says so, and no passkey is asked for it', async () => {
  for (const [field, wide, says] of [
    ['Each at most', '60.01', /Each may move at most 60.00 USD, as was asked/],
    ['In all at most', '120.01', /3 of them move at most 120.00 USD in all/],
    ['Then how many more', '21', /Remember it for 1 to 20 more calls/],
    ['Each at most', '4o', /with digits and a point/],
  ] as const) {
    const input = dialog().getByLabel(field);
    const before = await input.inputValue();
    await input.fill(wide);
    await dialog().getByRole('status').getByText(says).waitFor();
    await readIt();
    await dialog().getByRole('button', { name: 'Use passkey' }).click({ force: true });
    assert.equal(await dialog().getByRole('button', { name: 'Asking your passkey' }).count(), 0);
    await input.fill(before);
  }
  assert.equal(await stateOf(waiting), 'parked');
});

browserTest('the passkey signs the bounds with the answer, and the card says what is remembered', async () => {
  await dialog().getByRole('button', { name: 'Use passkey' }).click();
  const card = bob.page.getByRole('article');
  await card.getByText(/You said yes at \d\d:\d\d:\d\d\./).waitFor();
  await card.getByText('This yes is remembered for calls to come:').waitFor();
  await card.getByText(/up to 40.00\sUSD each: at most 3 more calls, at most 70.00\sUSD in all/).waitFor();
  assert.equal((await poll(waiting)).status, 201);
  const { answers, state } = await settled(stand.house, waiting);
  assert.equal(state, 'done');
  const [answer] = answers;
  assert.ok(answer && 'webauthn' in answer.signature, 'the answer is signed by a passkey');
  assert.deepEqual(answer.remember?.grant.limits, [{ calls: 3 }, { sum: { max: '70.00', currency: 'USD' } }]);
  await requireAccessible(bob.page);
});

browserTest(
  'the next call within the bounds passes unasked, a larger one asks, and the list counts what was used',
  async () => {
    const { agent, token } = waiting;
    assert.equal((await refund(agent, token, '40.00')).status, 201, 'nobody was asked');
    assert.equal((await refund(agent, token, '40.01')).status, 202, 'it is more than was said yes to');
    await bob.page.goto(`${stand.url}/me`);
    const own = bob.page.getByRole('list', { name: 'Remembered yeses' }).getByRole('listitem');
    await own.getByText(/^Used: 1 of 3 calls, 40.00\sUSD of 70.00\sUSD$/).waitFor();
    await own.getByText(/left, until \d\d:\d\d/).waitFor();
  },
);

browserTest('who asked for the task sees whose yes it is on its page, with what hangs on it', async () => {
  const { page } = await stand.signInElsewhere(stand.house.alice, `/tasks/${waiting.task}`);
  const list = page.getByRole('list', { name: 'Remembered yeses' });
  await list.getByText(/^Yes of Bob/).waitFor();
  await list.getByText(/^Used: 1 of 3 calls/).waitFor();
  assert.ok(await list.getByRole('button', { name: /^End…/ }).isEnabled());
  await page.getByRole('button', { name: /^End it…/ }).click();
  await page
    .getByRole('alertdialog')
    .getByText(/1 task and 1 remembered yes, with every token/)
    .waitFor();
  await page.goto(`${stand.url}/me`);
  await page.getByRole('link', { name: '1 remembered yes' }).waitFor();
  await page.close();
});

browserTest('the end of it says what ends, and such calls are asked about again', async () => {
  await bob.page.getByRole('button', { name: /^End… the remembered yes: Refund 60.00/ }).click();
  await dialog().getByText('Such calls are asked about again, from now on.').waitFor();
  await dialog()
    .getByLabel(/^Why\?/)
    .fill('It is settled.');
  await readIt();
  await dialog().getByRole('button', { name: 'End it now' }).click();
  await dialog().waitFor({ state: 'detached' });
  await bob.page.getByRole('list', { name: 'Remembered yeses' }).waitFor({ state: 'detached' });
  assert.equal((await refund(waiting.agent, waiting.token, '10.00')).status, 202);
  await bob.page.goto(`${stand.url}/inbox/${waiting.question.id}`);
  await bob.page
    .getByRole('article')
    .getByText(/^Ended \d\d:\d\d$/)
    .waitFor();
});

browserTest('where the device does not confirm, nothing is remembered and nothing was sent', async () => {
  const other = await open('61.00');
  await bob.device.confirms(false);
  await bob.page.getByRole('button', { name: /^Approve and remember/ }).click();
  await readIt();
  await dialog().getByRole('button', { name: 'Use passkey' }).click();
  await bob.page.getByText('Your device did not confirm. Nothing was sent. Try again').waitFor();
  assert.equal(await stateOf(other), 'parked');
  assert.deepEqual((await stand.house.bob.operator.approvals.remembered()).remembered, []);
  await bob.device.confirms(true);
  await bob.page.keyboard.press('Escape');
});

browserTest('a key that was moved opens it from where it is now, and `?` shows it there', async () => {
  await open('62.00');
  await bob.page.evaluate(`localStorage.setItem('ambit-keys', JSON.stringify({ isOff: false, instead: { a: 'y' } }))`);
  await bob.page.reload();
  await bob.page.getByRole('button', { name: /^Approve and remember/ }).waitFor();
  await bob.page.keyboard.press('?');
  const keys = bob.page.getByRole('dialog', { name: 'Keys on this page' });
  await keys.getByText('Approve and remember…').waitFor();
  await keys.getByText('⇧Y').waitFor();
  await bob.page.keyboard.press('Escape');
  await keys.waitFor({ state: 'detached' });
  await bob.page.keyboard.press('Shift+A');
  assert.equal(await dialog().count(), 0);
  await bob.page.keyboard.press('Shift+Y');
  await dialog().getByLabel('Then how many more').waitFor();
  await bob.page.keyboard.press('Escape');
  await bob.page.evaluate(`localStorage.removeItem('ambit-keys')`);
});

browserTest('what may not be remembered has the button off, with the reason, and the key does nothing', async () => {
  const { catalog } = stand.house.ada.operator;
  await catalog.set('shop:refunds.create', { reversibility: 'irreversible' });
  await open('63.00');
  const button = bob.page.getByRole('button', { name: /^Approve and remember/ });
  assert.ok(await button.isDisabled());
  await bob.page.getByText('Not remembered: What can’t be undone is asked about each time.').waitFor();
  await bob.page.keyboard.press('Shift+A');
  assert.equal(await dialog().count(), 0);
  await requireAccessible(bob.page);
  await bob.page.keyboard.press('a');
  await bob.page.getByRole('alertdialog', { name: /Refund 63.00/ }).waitFor();
});
