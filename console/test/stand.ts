import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { PersonId } from '@ambit/protocol';
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, Page } from 'playwright-core';
import { buildConsole } from '../../scripts/parts/build-console.ts';
import { type House, openHouse, type Player } from '../../server/test/house.ts';
import { type Look, openBrowser } from './browser.ts';

/** A whole plane with its console, and a browser in front of it. */
export type Stand = {
  readonly house: House;
  /** Origin of the console. */
  readonly url: string;
  readonly context: BrowserContext;
  /** A page on which this person has signed in, at that address. Whatever the page complains about fails the test that closes it. */
  signIn(person: Player, path?: string): Promise<Page>;
  /** Closes everything, and finds that no page broke or was refused anything by its own policy. */
  close(): Promise<void>;
};

export async function openStand(look: Look = {}): Promise<Stand> {
  await buildConsole();
  // By its name: a browser makes passkeys for names, never for addresses.
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const house = await openHouse({ env: { AMBIT_PEOPLE_PORT: String(port), AMBIT_PEOPLE_ORIGIN: url } });
  const browser = await openBrowser(look);
  const complaints: string[] = [];
  let signedIn: PersonId | null = null;
  browser.context.on('page', (page) => listenTo(page, complaints));
  return {
    house,
    url,
    context: browser.context,
    async signIn(person, path = '/inbox') {
      const page = await browser.context.newPage();
      if (signedIn === person.id) {
        await page.goto(url + path);
        return page;
      }
      if (signedIn !== null) {
        await page.goto(url);
        await page.getByRole('button', { name: 'Sign out' }).click();
      }
      const { code } = await house.ada.operator.persons.issueCode(person.id);
      await page.goto(`${url}/sign-in?next=${encodeURIComponent(path)}`);
      await page.getByLabel('One-time code').fill(code);
      await page.getByRole('button', { name: 'Enrol this browser' }).click();
      await page.waitForURL(url + path);
      signedIn = person.id;
      return page;
    },
    async close() {
      await browser.close();
      await house.close();
      assert.deepEqual(complaints, [], 'a page complained');
    },
  };
}

/** No violation of WCAG 2.2 AA that a machine can see, in either theme. */
export async function requireAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
    const said = found.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
    assert.deepEqual(said, [], `${colorScheme}, ${page.url()}`);
  }
}

function listenTo(page: Page, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  // A refusal of the API is an answer, which the browser prints too.
  page.on('console', (message) => {
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isAnswer) complaints.push(message.text());
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}
