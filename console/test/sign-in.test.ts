// Signing in through a real OpenID provider, in a real browser, by a plane that is opened at an address.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildConsole } from '../../scripts/parts/build-console.ts';
import { type OidcHouse, openOidcHouse } from '../../server/test/oidc-house.ts';
import { noBrowser, openBrowser } from './browser.ts';
import { requireAccessible } from './stand.ts';

let at: OidcHouse;
let browser: Awaited<ReturnType<typeof openBrowser>>;
before(async () => {
  if (noBrowser !== false) return;
  await buildConsole();
  at = await openOidcHouse();
  await at.house.ada.operator.persons.register({ name: 'Dana', email: 'dana@acme.example', roles: ['owner'] });
  at.accounts.set('dana', { email: 'dana@acme.example', email_verified: true, name: 'Dana' });
  // From here on it is Dana who sits at the provider.
  await at.signIn('dana');
  browser = await openBrowser({ ignoreHTTPSErrors: true });
});
after(async () => {
  await browser?.close();
  await at?.close();
});

test('a person goes to the provider and comes back to the page that they wanted', { skip: noBrowser }, async () => {
  const page = await browser.context.newPage();
  const people = at.house.plane.people;
  await page.goto(`${people}/sign-in?provider=${at.provider}&next=${encodeURIComponent('/settings/keys')}`);
  await page.getByText('Passkeys belong to a name').waitFor();
  await requireAccessible(page);
  await page.getByRole('button', { name: 'Go to the provider' }).click();
  // Whoever wrote the link chose where it leads: nobody goes there unseen.
  const { host } = new URL(at.issuer);
  await page.getByText(`This link leads to ${host}.`).waitFor();
  await requireAccessible(page);
  assert.ok(page.url().startsWith(`${people}/sign-in?`));
  await page.getByRole('button', { name: `Go to ${host}` }).click();
  await page.waitForURL(`${people}/settings/keys`);
  await page.getByText('You have no key yet.').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to Ambit' }).waitFor();
  // The way by which they came is offered again, without its address.
  await page.goto(`${people}/sign-in`);
  await page.getByRole('button', { name: 'Go to the provider' }).waitFor();
});

test('where the provider says no, nobody is signed in', { skip: noBrowser }, async () => {
  const page = await browser.context.newPage();
  await page.goto(`${at.house.plane.people}/sign-in?provider=${at.provider}`);
  const [request] = await Promise.all([
    page.waitForRequest((one) => one.url().startsWith(`${at.issuer}/auth`)),
    page.route(`${at.issuer}/**`, (route) => route.fulfill({ status: 204 })),
    page.getByRole('button', { name: 'Go to the provider' }).click(),
  ]);
  const state = new URL(request.url()).searchParams.get('state') ?? '';
  await page.goto(
    `${at.house.plane.people}/sign-in/callback?error=access_denied&state=${encodeURIComponent(state)}&iss=${encodeURIComponent(at.issuer)}`,
  );
  await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
  await page.getByRole('link', { name: 'Begin again' }).waitFor();
  assert.equal(await page.getByRole('navigation', { name: 'Pages' }).count(), 0);
});

test('where people open another origin than the plane’s own, the page says which, and what to set, before anybody tries', {
  skip: noBrowser,
}, async () => {
  const { people, agents } = at.house.plane;
  const page = await browser.context.newPage();
  await page.goto(`${people.replace('127.0.0.1', 'localhost')}/sign-in`);
  await page.getByText(`Passkeys belong to a name, and Ambit was told that people open it by an address`).waitFor();
  await page.getByText(`http://localhost:${new URL(people).port}`, { exact: true }).waitFor();
  assert.equal(await page.getByRole('button', { name: /passkey|one-time code|provider/ }).count(), 0);
  // Agents, who may ask their own listener, are not told where people are.
  assert.equal('people' in ((await (await fetch(`${agents}/health`)).json()) as object), false);
});

test('where something before the plane answers for it, the page goes by its own origin instead of waiting', {
  skip: noBrowser,
}, async () => {
  const page = await browser.context.newPage();
  const answer = { status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' };
  await page.route('**/health', (route) => route.fulfill(answer));
  await page.goto(`${at.house.plane.people}/sign-in`);
  await page.getByText('Passkeys belong to a name').waitFor();
});
