// What a page says while it is read, where it could not be, and while nothing can be reached; to whom it is not for; and on the first day.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { joins } from '../../server/test/attacks/questions.ts';
import { openEmptyHouse } from '../../server/test/empty-house.ts';
import { noBrowser } from './browser.ts';
import { openStand, openStandAt, requireAccessible, type Stand } from './stand.ts';
import { type Told, tellStory } from './story.ts';
import { type Cast, walks } from './walks.ts';
import { weatherOf } from './weather.ts';

let stand: Stand;
let told: Told;
before(async () => {
  if (noBrowser === false) stand = await openStand();
});
after(() => stand?.close());

const browserTest = (name: string, play: () => Promise<void>) => test(name, { skip: noBrowser }, play);

/** Pages that read nothing stand at once. */
const readNothing = [/^\/settings\/keyboard$/];
/** One address of each page, and each tab that is all that is read there. */
const tabs = /^\/settings/;
const addresses = Object.entries(walks).flatMap(([place, all]) => (tabs.test(place) ? all : all.slice(0, 1)));

const main = (page: Page) => page.locator('main').or(page.locator('body:not(:has(main))'));
const busy = (page: Page) => page.locator('[aria-busy=true]').first();
const alertOf = (page: Page) =>
  page.getByRole('alert').filter({ has: page.getByRole('button', { name: 'Try again' }) });

/** Whatever could not be read, all at once. */
const tryAgain = "for (const one of document.querySelectorAll('[role=alert] button')) one.click()";
/** As who comes back to the page: what is heard of the plane is asked for anew. */
const comeBack = "document.dispatchEvent(new Event('visibilitychange'))";

/** As the same document goes on to another page: without reading everything anew. */
const lead = (page: Page, path: string) => page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);

/** Everything that is wrong is said at once. */
async function each(paths: readonly string[], look: (path: string) => Promise<void>): Promise<void> {
  const faults: string[] = [];
  for (const path of paths)
    await look(path).catch((error: unknown) => {
      faults.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    });
  if (faults.length > 0) assert.fail(faults.join('\n'));
}

for (const who of ['bob', 'alice', 'carol', 'ada'] as const satisfies readonly Cast[])
  browserTest(
    `${who} reads that a page is loading, why it could not be, what to do, and what was true before the line was cut`,
    async () => {
      const { page } = await stand.signIn(stand.house[who]);
      told ??= await tellStory(stand.house);
      const weather = await weatherOf(page);
      const own = addresses.filter((walk) => walk.who === who);
      const paths = [...new Set(own.map((walk) => walk.path(stand.house, told)))];
      await each(paths, async (path) => {
        await weather.become('held');
        await page.goto(stand.url + path);
        if (readNothing.some((one) => one.test(path))) return page.getByRole('heading').first().waitFor();
        await busy(page).or(page.getByText('Loading.')).first().waitFor();
        if (!path.startsWith('/start')) await page.locator('main').getByRole('heading', { level: 1 }).waitFor();
        await weather.become('failing');
        await alertOf(page).first().waitFor();
        assert.match((await alertOf(page).first().textContent()) ?? '', /could not be .*\.\s*The plane failed inside/);
        assert.equal(await page.locator('[aria-busy=true]').count(), 0, 'it goes on loading for ever');
        await weather.become('fair');
        await page.evaluate(tryAgain);
        await alertOf(page).first().waitFor({ state: 'detached' });
        await busy(page).waitFor({ state: 'detached' });
      });
      for (const path of paths) {
        await lead(page, path);
        await main(page).getByRole('heading', { level: 1 }).waitFor();
        // For its first 200 ms a page that reads shows nothing of that.
        await page.waitForTimeout(250);
        await busy(page).waitFor({ state: 'detached' });
      }
      await stand.context.setOffline(true);
      try {
        await page.evaluate(comeBack);
        await page.getByText(/^Not connected since/).waitFor();
        await each(paths, async (path) => {
          await lead(page, path);
          await main(page).getByRole('heading', { level: 1 }).waitFor();
          assert.equal(await alertOf(page).count(), 0, 'what was read before is gone');
        });
      } finally {
        await stand.context.setOffline(false);
      }
      await page.close();
    },
  );

/** What Dan reads, who holds no role and asked for nothing. */
const notHis: readonly (readonly [path: (told: Told) => string, says: RegExp])[] = [
  [() => '/inbox', /Nothing waits for you\..*Let an agent ask one/],
  [({ question }) => `/inbox/${question}`, /could not be loaded\..*belongs to others.*To the inbox/],
  [() => '/me', /Nothing acts for you now.*Open a task/],
  [() => '/runs', /No run is here yet\..*a reviewer or an auditor sees.*Send a first call/],
  [({ task }) => `/runs/${task}`, /could not be loaded\..*belongs to others.*Show all runs/],
  [({ task }) => `/tasks/${task}`, /could not be loaded\..*belongs to others.*Show all tasks/],
  [({ denied }) => `/log/${denied}`, /could not be loaded\..*belongs to others.*Search the log/],
  [() => '/log', /What was done for you.*What you answered for others stands in the inbox; .*auditor sees all of it/],
  [() => '/agents/new', /Only a person with the role owner or administrator registers agents/],
  [() => '/catalog/new/import', /Only a person with the role catalog changes the catalog: Ada/],
  [() => '/catalog/shop/refunds.create', /Only a person with the role catalog/],
  [() => '/policies', /Only a person with the role policy checks and publishes rules: Ada/],
  [() => '/settings/people', /Only a person with the role administrator can invite/],
  [() => '/settings/credentials', /Only a person with the role administrator can see and store/],
  [() => '/settings/notifications', /Only a person with the role administrator can see and change/],
  [() => '/start/api', /shop: 13 actions/],
  [() => '/start/agent', /Only a person with the role owner can register an agent/],
];

/** What stands there, in one line. */
const saidBy = async (page: Page): Promise<string> => ((await main(page).textContent()) ?? '').replaceAll(/\s+/g, ' ');

async function requireSaid(page: Page, says: RegExp): Promise<void> {
  for (let tries = 200; tries > 0 && !says.test(await saidBy(page)); tries--) await page.waitForTimeout(100);
  assert.match(await saidBy(page), says);
  await busy(page).waitFor({ state: 'detached' });
}

browserTest('a person whom a page is not for reads who may, and where to go', async () => {
  const dan = await joins(stand.house, 'Dan', []);
  const { page } = await stand.signIn(dan);
  await main(page).getByRole('heading', { level: 1 }).waitFor();
  const rows = new Map(notHis.map(([path, says]) => [path(told), says]));
  await each([...rows.keys()], async (path) => {
    await lead(page, path);
    await requireSaid(page, rows.get(path) ?? /never/);
  });
  await page.close();
});

/** What Ada reads on the first day, and what is there to be done next. */
const firstDay: readonly (readonly [path: string, says: RegExp, next: RegExp | null])[] = [
  ['/inbox', /Nothing waits for you\./, /Let an agent ask one/],
  ['/inbox?tab=all', /Nothing waits for anybody\./, /Let an agent ask one/],
  ['/inbox?tab=answered', /Nothing was answered yet\./, /Show what waits/],
  ['/me', /No agent acts for you right now\./, /Open a task/],
  ['/runs', /No run is here yet\./, /Send a first call/],
  ['/runs/tsk_00000000000000000000', /This run could not be loaded\./, /Show all runs/],
  ['/tasks', /No task was opened yet\./, /Say what you may hand to agents/],
  ['/tasks/new', /No agent is active yet\./, /Register an agent/],
  ['/agents', /No agent is registered yet\./, /Register an agent/],
  ['/agents/new', /The catalog knows no action yet\./, /Import an API/],
  ['/agents/agt_00000000000000000000', /This agent could not be loaded\./, /Show all agents/],
  ['/catalog', /No API yet\./, /Paste an OpenAPI address/],
  ['/catalog/unmatched', /Every call fitted an action\./, /Add an API/],
  ['/catalog/shop', /There is no such API\./, /Show the catalog/],
  ['/proposals', /Nothing waits for a second person\./, /See whether they are/],
  ['/proposals?show=answered', /Nothing was answered yet\./, /Show what waits/],
  ['/log/ent_00000000000000000000', /This entry could not be loaded\./, /Search the log/],
  ['/settings/credentials', /No credential yet\./, null],
  ['/settings/notifications', /No channel yet\./, null],
];

browserTest('on the first day every page says that it is empty, and leads on to what fills it', async () => {
  const empty = await openStandAt(openEmptyHouse);
  try {
    const { page } = await empty.signIn(empty.house.ada);
    await main(page).getByRole('heading', { level: 1 }).waitFor();
    const rows = new Map(firstDay.map(([path, ...row]) => [path, row]));
    await each([...rows.keys()], async (path) => {
      const [says, next] = rows.get(path) ?? [/never/, null];
      await lead(page, path);
      await requireSaid(page, says);
      if (next !== null) await main(page).getByRole('link', { name: next }).first().waitFor();
      await requireAccessible(page);
    });
    for (const step of ['api', 'agent', 'call', 'yes']) {
      await lead(page, `/start/${step}`);
      await page.getByText(/^Step \d of 5/).waitFor();
      await requireAccessible(page);
    }
    await page.close();
  } finally {
    await empty.close();
  }
});
