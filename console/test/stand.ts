import assert from 'node:assert/strict';
import axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { buildConsole } from '../../scripts/parts/build-console.ts';
import type { House, Player } from '../../server/test/house.ts';
import { openNamedHouse } from '../../server/test/passkeys.ts';
import { type Authenticator, addAuthenticator } from './authenticator.ts';
import { type Look, openBrowser } from './browser.ts';

/** A page on which somebody is signed in, with the device that holds their passkey. */
export type Visit = { readonly page: Page; readonly device: Authenticator };

/** What a stand needs of the plane behind it: where people find it, and who hands out codes there. */
type Plane = { readonly plane: { readonly people: string }; readonly ada: Player; close(): Promise<void> };

/** A whole plane with its console, and a browser in front of it. */
export type Stand<At extends Plane = House> = {
  readonly house: At;
  /** Origin of the console. */
  readonly url: string;
  readonly context: BrowserContext;
  /** A page on which this person signs in with a passkey, at that address. Whoever else was signed in is signed out first. */
  signIn(person: Player, path?: string): Promise<Visit>;
  /** The same in another browser, which knows nothing of this one: for two people at once. */
  signInElsewhere(person: Player, path?: string): Promise<Visit>;
  /** Closes everything, and finds that no page broke or was refused anything by its own policy. */
  close(): Promise<void>;
};

export const openStand = (look: Look = {}): Promise<Stand> => openStandAt(openNamedHouse, look);

/** The same before another plane. */
export async function openStandAt<At extends Plane>(open: () => Promise<At>, look: Look = {}): Promise<Stand<At>> {
  await buildConsole();
  const house = await open();
  const url = house.plane.people;
  const complaints: string[] = [];
  const browsers: Awaited<ReturnType<typeof openBrowser>>[] = [];
  const openAnother = async () => {
    const browser = await openBrowser(look);
    browsers.push(browser);
    browser.context.on('page', (page) => listenTo(page, complaints));
    return browser;
  };
  const { context } = await openAnother();
  return {
    house,
    url,
    context,
    signIn: (person, path = '/inbox') => signInAt(context, house, person, path),
    signInElsewhere: async (person, path = '/inbox') => signInAt((await openAnother()).context, house, person, path),
    async close() {
      for (const browser of browsers) await browser.close();
      await house.close();
      assert.deepEqual(complaints, [], 'a page complained');
    },
  };
}

async function signInAt(context: BrowserContext, house: Plane, person: Player, path: string): Promise<Visit> {
  const url = house.plane.people;
  const door = `${url}/sign-in?next=${encodeURIComponent(path)}`;
  const page = await context.newPage();
  const device = await addAuthenticator(context, page);
  const issued = await house.ada.operator.persons.issueCode(person.id);
  await page.goto(door);
  const signOut = page.getByRole('button', { name: 'Sign out' });
  const code = page.getByRole('button', { name: 'I have a one-time code' });
  await code.or(signOut).waitFor();
  if (await signOut.isVisible()) {
    // What the browser kept is taken away first, and the plane told last: who leaves the page before breaks that off.
    const told = page.waitForResponse((response) => response.url().endsWith('/v1/sessions/current'));
    await signOut.click();
    await told;
    await page.goto(door);
  }
  await code.click();
  await page.getByLabel('One-time code').fill(issued.code);
  await page.getByRole('button', { name: 'Make a passkey' }).click();
  await page.waitForURL(url + path);
  return { page, device };
}

const wcag = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];

/** No violation of WCAG 2.2 AA that a machine can see, in either theme. Of the themes, only colours tell. */
export async function requireAccessible(page: Page): Promise<void> {
  await bringAxe(page);
  await page.emulateMedia({ colorScheme: 'light' });
  requireNone(await violationsOf(page, { type: 'tag', values: wcag }), page.url(), 'light');
  await page.emulateMedia({ colorScheme: 'dark' });
  requireNone(await violationsOf(page, { type: 'rule', values: ['color-contrast'] }), page.url(), 'dark');
  await page.emulateMedia({ colorScheme: 'light' });
}

/** As a script of its own, which the browser compiles once and knows again in the next document. */
async function bringAxe(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { exceptionDetails } = await session.send('Runtime.evaluate', { expression: axe.source });
  assert.equal(exceptionDetails, undefined);
  // It ends with the page: whoever detaches it takes the virtual device of the page along.
}

type Violations = axe.AxeResults['violations'];

const violationsOf = (page: Page, runOnly: axe.RunOnly): Promise<Violations> =>
  page.evaluate(async (only) => {
    const { axe: here } = globalThis as unknown as { axe: typeof axe };
    return (await here.run({ runOnly: only, resultTypes: ['violations'] })).violations;
  }, runOnly);

function requireNone(violations: Violations, url: string, theme: string): void {
  const said = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
  );
  if (said.length > 0) assert.fail(`${theme}, ${url}:\n${said.join('\n')}`);
}

function listenTo(page: Page, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.stack || `${error.name} ${error.message}`}`));
  // A refusal of the API is an answer, which the browser prints too.
  page.on('console', (message) => {
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isAnswer)
      complaints.push(`${page.url()}: ${message.text()} at ${JSON.stringify(message.location())}`);
  });
}
