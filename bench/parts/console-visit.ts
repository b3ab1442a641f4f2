import type { Page } from '../../console/test/browser.ts';

/** One thing that a person does there, again and again; it answers how many interactions that were. */
export type Doing = { readonly name: string; readonly run: (page: Page) => Promise<number> };

const pauseMs = 80;

async function press(page: Page, keys: readonly string[]): Promise<number> {
  for (const key of keys) {
    await page.keyboard.press(key);
    await page.waitForTimeout(pauseMs);
  }
  return keys.length;
}

async function choose(page: Page, role: 'button' | 'radio', names: readonly string[]): Promise<number> {
  for (const name of names) {
    await page
      .locator('main')
      .getByRole(role, { name: new RegExp(`^${name}`) })
      .click();
    await page.waitForTimeout(pauseMs);
  }
  return names.length;
}

const times = (key: string, many: number) => Array.from({ length: many }, () => key);
const runs = (page: Page) => page.getByRole('region', { name: 'Runs, newest first' });
const rows = (page: Page) => runs(page).getByRole('listitem');

/** What people do at the console, as they go from the inbox to the runs and to the settings: one after the other, on one page. */
export const visit: readonly Doing[] = [
  {
    name: 'go to the inbox',
    async run(page) {
      const keys = await press(page, ['g', 'i']);
      await page.getByRole('article').waitFor();
      return keys;
    },
  },
  { name: 'j and k in the inbox', run: (page) => press(page, [...times('j', 12), ...times('k', 4)]) },
  {
    name: 'open a card',
    async run(page) {
      const options = page.getByRole('option');
      for (const at of [3, 1, 5]) {
        await options.nth(at).click();
        await page.waitForTimeout(pauseMs);
      }
      return 3;
    },
  },
  { name: 'the exact call', run: (page) => press(page, ['e', 'e']) },
  {
    name: 'everyone’s questions',
    async run(page) {
      return choose(page, 'button', ['Everyone', 'For you']);
    },
  },
  {
    name: 'find',
    async run(page) {
      const opened = await press(page, ['Control+k']);
      await page.getByRole('combobox').waitFor();
      const typed = await press(page, [
        ...'damaged',
        ...times('Backspace', 7),
        ...'seeded-2',
        ...times('ArrowDown', 3),
      ]);
      return opened + typed + (await press(page, ['Escape']));
    },
  },
  {
    name: 'go to the runs',
    async run(page) {
      const keys = await press(page, ['g', 'r']);
      await rows(page).first().waitFor();
      return keys;
    },
  },
  {
    name: 'filter runs',
    async run(page) {
      return choose(page, 'button', ['With denials', 'With questions', 'All']);
    },
  },
  {
    name: 'scroll the runs by keys',
    async run(page) {
      await runs(page).focus();
      return press(page, [...times('PageDown', 4), 'End', 'Home', ...times('j', 6)]);
    },
  },
  {
    name: 'older runs',
    async run(page) {
      const shown = page.getByText((await page.getByText(/are shown\.$/).textContent()) ?? '', { exact: true });
      await page.getByRole('button', { name: 'Show older runs' }).click();
      await shown.waitFor({ state: 'detached' });
      return 1;
    },
  },
  {
    name: 'open a run',
    async run(page) {
      await runs(page).focus();
      await page.keyboard.press('Home');
      await rows(page).first().getByRole('link').click();
      const lines = page.getByRole('list', { name: 'What happened' });
      await lines.waitFor();
      await lines.getByRole('button').nth(4).click();
      await page.waitForTimeout(pauseMs);
      return 3 + (await press(page, [...times('j', 8), 'Escape']));
    },
  },
  {
    name: 'filter lines of a run',
    async run(page) {
      return choose(page, 'radio', ['Deny', 'All']);
    },
  },
  {
    name: 'change the theme',
    async run(page) {
      await page.getByRole('link', { name: 'Settings' }).click();
      await page.getByRole('link', { name: 'Keyboard' }).click();
      return 2 + (await choose(page, 'button', ['Dark', 'Light', 'As the system']));
    },
  },
];
