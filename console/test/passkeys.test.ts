// Bob has a new device: he brings its passkey, and takes back the one of the old.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addAuthenticator } from './authenticator.ts';
import { noBrowser, openBrowser } from './browser.ts';
import { openStand, requireAccessible, type Stand } from './stand.ts';

let stand: Stand;
before(async () => {
  if (noBrowser === false) stand = await openStand();
});
after(() => stand?.close());

/** A device that is asked for is in the hand only after a while. */
const takesTime = `(() => {
  const get = navigator.credentials.get.bind(navigator.credentials);
  navigator.credentials.get = async (options) => {
    while (globalThis.isAtHand !== true) await new Promise((soon) => setTimeout(soon, 20));
    return get(options);
  };
})()`;

test('a second passkey is added and the first removed, and only the second opens the console', {
  skip: noBrowser,
}, async () => {
  const { page, device } = await stand.signIn(stand.house.bob, '/settings/keys');
  const passkeys = page.getByRole('listitem').filter({ hasText: 'passkey of one device' });
  await passkeys.waitFor();
  // Bob touches the new device, and then the old one, which says that the new passkey is his.
  const phone = await addAuthenticator(stand.context, page, 'usb');
  await device.isTouched(false);
  await page.evaluate(takesTime);
  await page.getByLabel('What the passkey is called').fill('New phone');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  while ((await phone.passkeys()) === 0) await page.waitForTimeout(50);
  await phone.isTouched(false);
  await device.isTouched(true);
  await page.evaluate('globalThis.isAtHand = true');
  await passkeys.filter({ hasText: 'New phone' }).waitFor();
  assert.equal(await passkeys.count(), 2);

  await passkeys.filter({ hasNotText: 'New phone' }).getByRole('button', { name: 'Revoke…' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByText('Sessions that it opened end, this one among them if it did.').waitFor();
  assert.equal(await dialog.getByText('It is your last key.').count(), 0);
  await page.waitForTimeout(600);
  await dialog.getByRole('button', { name: /^Revoke it/ }).click();

  // The session was the first one's: it ended with it, and what was open is where the next one leads.
  await page.getByRole('heading', { name: 'Sign in to Ambit' }).waitFor();
  await device.remove();
  await phone.isTouched(true);
  await page.getByRole('button', { name: 'Use passkey' }).click();
  await page.waitForURL(`${stand.url}/settings/keys`);
  await passkeys.filter({ hasText: 'New phone' }).waitFor();
  assert.equal(await passkeys.count(), 1);
});

test('nobody is offered a sign-in at an origin that the plane does not take it from; a link leads to the right one', {
  skip: noBrowser,
}, async () => {
  const { context, close } = await openBrowser();
  const page = await context.newPage();
  await page.goto(`${stand.url.replace('localhost', '127.0.0.1')}/sign-in?next=%2Fruns`);
  await page.getByText(/Nobody can sign in at http:\/\/127\.0\.0\.1:\d+: people open this Ambit at/).waitFor();
  await requireAccessible(page);
  assert.equal(await page.getByRole('button').count(), 0);
  await page.getByRole('link', { name: stand.url }).click();
  await page.getByRole('button', { name: 'Use passkey' }).waitFor();
  assert.equal(page.url(), `${stand.url}/sign-in?next=%2Fruns`);
  await close();
});

test('the filled button is the passkey’s, until somebody has a code to make one', { skip: noBrowser }, async () => {
  const { context, close } = await openBrowser();
  const page = await context.newPage();
  await page.goto(`${stand.url}/sign-in`);
  const filled = page.locator('button.bg-accent-fill');
  await page.getByRole('button', { name: 'Use passkey' }).waitFor();
  assert.deepEqual(await filled.allInnerTexts(), ['Use passkey']);
  await page.getByRole('button', { name: 'I have a one-time code' }).click();
  await page.getByLabel('One-time code').waitFor();
  assert.deepEqual(await filled.allInnerTexts(), ['Make a passkey']);
  await close();
});
