import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { addAuthenticator } from './authenticator.ts';
import { noBrowser } from './browser.ts';
import { openStand, type Stand } from './stand.ts';

/** Of script alone, packed. */
const scriptKilobytesMax = 190;

let stand: Stand;
before(async () => {
  if (noBrowser === false) stand = await openStand();
});
after(() => stand?.close());

const browserTest = (name: string, run: () => Promise<void>) => test(name, { skip: noBrowser }, run);

browserTest('whoever is not signed in is led to the way in, whatever they opened', async () => {
  const page = await stand.context.newPage();
  await page.goto(`${stand.url}/inbox`);
  await page.getByRole('heading', { name: 'Sign in to Ambit' }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get('next'), '/inbox');
  await page.close();
});

browserTest('a wrong code signs nobody in, and says what to do', async () => {
  const page = await stand.context.newPage();
  await page.goto(`${stand.url}/sign-in`);
  await page.getByRole('button', { name: 'I have a one-time code' }).click();
  await page.getByLabel('One-time code').fill('not-a-code');
  await page.getByRole('button', { name: 'Make a passkey' }).click();
  await page.getByRole('alert').filter({ hasText: 'No passkey was enrolled.' }).waitFor();
  await page.close();
});

browserTest('a device without a passkey of this place signs nobody in', async () => {
  const page = await stand.context.newPage();
  await addAuthenticator(stand.context, page);
  await page.goto(`${stand.url}/sign-in`);
  await page.getByRole('button', { name: 'Use passkey' }).click();
  await page.getByText('Your device did not confirm. Nothing was sent. Try again.').waitFor();
  await page.close();
});

browserTest('who comes back from a provider without having gone there is told to begin again', async () => {
  const page = await stand.context.newPage();
  await page.goto(`${stand.url}/sign-in/callback?state=forged&code=forged`);
  await page.getByText('This browser did not begin to sign in here').waitFor();
  await page.getByRole('link', { name: 'Begin again' }).click();
  await page.getByRole('heading', { name: 'Sign in to Ambit' }).waitFor();
  await page.close();
});

browserTest('a person who makes a passkey is led to where they wanted to go, and found again later', async () => {
  const { page } = await stand.signIn(stand.house.bob, '/inbox');
  await page.getByText('Nothing waits for you.').waitFor();
  assert.equal(await page.title(), 'Inbox · Ambit');
  await page.reload();
  await page.getByText('Nothing waits for you.').waitFor();
  await page.close();
});

browserTest('the first load of the inbox is small', async () => {
  const { page } = await stand.signIn(stand.house.bob, '/inbox');
  const taken: Promise<readonly [string, number]>[] = [];
  page.on('response', (response) => {
    const name = new URL(response.url()).pathname;
    // What is packed already is as large as it is.
    const sizeOf = (body: Buffer) => (name.endsWith('.woff2') ? body.length : gzipSync(body).length);
    if (name.startsWith('/assets/')) taken.push(response.body().then((body) => [name, sizeOf(body)] as const));
  });
  const client = await stand.context.newCDPSession(page);
  await client.send('Network.setCacheDisabled', { cacheDisabled: true });
  await page.reload();
  await page.getByText('Nothing waits for you.').waitFor();
  await page.evaluate('document.fonts.ready.then(() => null)');
  const sizes = [...new Map(await Promise.all(taken))];
  const kilobytes = (end: string) =>
    sizes.filter(([name]) => name.endsWith(end)).reduce((sum, [, size]) => sum + size, 0) / 1000;
  const all = `${kilobytes('.js')} kB of script, ${kilobytes('.css')} of style, ${kilobytes('.woff2')} of fonts: ${sizes.map(String).join(' ')}`;
  assert.ok(kilobytes('.js') > 100, all);
  assert.ok(kilobytes('') <= 250, all);
  assert.ok(kilobytes('.js') <= scriptKilobytesMax, all);
  await page.close();
});

browserTest('whoever signs out while the plane is not reached is signed out here, and stays so', async () => {
  const { page } = await stand.signIn(stand.house.bob, '/inbox');
  await page.getByText('Nothing waits for you.').waitFor();
  await page.route('**/v1/**', (route) => route.abort());
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to Ambit' }).waitFor();
  await page.unroute('**/v1/**');
  await page.goto(`${stand.url}/inbox`);
  await page.getByRole('heading', { name: 'Sign in to Ambit' }).waitFor();
  await page.close();
});

browserTest('`?` lists the keys of the page in a dialog that gives the focus back', async () => {
  const { page } = await stand.signIn(stand.house.bob, '/inbox');
  await page.getByText('Nothing waits for you.').waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys on this page' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.close();
});

browserTest(
  'what has a page is found by its name or its id from anywhere, and nothing that is written does anything',
  async () => {
    const { house } = stand;
    const task = await house.openTask();
    const { page } = await stand.signIn(house.alice, '/settings/people');
    const looking = async (text: string) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: /^Find tasks/ }).fill(text);
    };
    const dialog = page.getByRole('dialog', { name: 'Find' });
    const active = () => dialog.getByRole('option', { selected: true });
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await page.keyboard.press('Control+k');
    await dialog.getByRole('option', { name: 'Runs', exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    await looking('look bot');
    await dialog.getByRole('option', { name: /^lookup-bot/ }).waitFor();
    assert.match((await active().textContent()) ?? '', /^lookup-bot/);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${stand.url}/agents/${house.lookupBot.id}`);
    await page.getByRole('heading', { name: 'What it may do' }).waitFor();

    await looking('damaged order');
    await dialog.getByRole('group', { name: 'Tasks' }).getByRole('option').first().waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`${stand.url}/tasks/${task}`);

    await looking('refunds.create');
    await dialog.getByRole('option', { name: /^shop:refunds.create/ }).click();
    await page.waitForURL(`${stand.url}/catalog/shop/refunds.create`);

    await looking(` ${task} `);
    await dialog.getByRole('option', { name: /^Its run/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    assert.match((await active().textContent()) ?? '', /^Its run/);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${stand.url}/runs/${task}`);

    await looking('javascript:alert(1) //evil.example');
    await dialog.getByText('1 page found.').waitFor();
    assert.deepEqual(await dialog.getByRole('option').allTextContents(), [
      'Search the logjavascript:alert(1) //evil.example',
    ]);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname === '/log');
    await page.getByText(/looks like none of the fields/).waitFor();
    await page.close();
  },
);

browserTest('an address of nobody says so, inside of the console too', async () => {
  const page = await stand.context.newPage();
  await page.goto(`${stand.url}/inbox/one/two/three`);
  await page.getByText('Nothing is at this address.').waitFor();
  await page.close();
});

browserTest('where a plane cannot be reached, a bar says so until it can', async () => {
  const { page } = await stand.signIn(stand.house.bob, '/inbox');
  await page.getByText('Nothing waits for you.').waitFor();
  await stand.context.setOffline(true);
  await page.getByText(/Not connected since \d\d:\d\d\./).waitFor();
  await stand.context.setOffline(false);
  await page.getByText('Live again. What you see is as it is now.').waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await page.close();
});
