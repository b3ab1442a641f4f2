import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { joins } from '../../server/test/attacks/questions.ts';
import type { House, Player } from '../../server/test/house.ts';
import { openStand } from './stand.ts';
import { tellChain, tellStory } from './story.ts';

/** A picture of a page: who looks at it, and what they did before it is taken. */
type Shot = {
  readonly name: string;
  readonly path: string;
  readonly who: (house: House) => Player;
  /** Waits until there is something to see. */
  readonly ready: (page: Page) => Promise<unknown>;
  readonly isOnPhone?: boolean;
  /** What happens at the plane before, once whoever looks has signed in. */
  readonly before?: (house: House) => Promise<unknown>;
};

const alice = (house: House) => house.alice;
const ada = (house: House) => house.ada;
const bob = (house: House) => house.bob;
const carol = (house: House) => house.carol;
const settingsReady = async (page: Page) => {
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  await page.waitForTimeout(800);
};
async function findBot(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Runs' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('refund');
  await page.getByRole('option', { name: /^refund-bot/ }).waitFor();
  await page.waitForTimeout(800);
}
const refund = (page: Page) => page.getByRole('option', { name: /Refund 80.00/ }).click();

async function openRun(page: Page): Promise<void> {
  await page.getByRole('link', { name: /refund-bot/ }).click();
  await page.getByRole('list', { name: 'What happened' }).waitFor();
}

const entries = (page: Page) => page.getByRole('list', { name: 'Entries, newest first' }).getByRole('link');
const acting = (page: Page) => page.getByRole('list', { name: 'Tasks that act for you' }).getByRole('article');

async function proveEntry(page: Page): Promise<void> {
  await entries(page).first().click();
  await page.getByRole('button', { name: 'Verify on this page' }).click();
  await page.getByText('proven on this page').waitFor();
  await page.getByText('Why', { exact: true }).waitFor();
}

async function openAgent(page: Page): Promise<void> {
  await page.getByRole('link', { name: /refund-bot/ }).click();
  await page.getByText(/A thief could/).waitFor();
}

async function openTask(page: Page): Promise<void> {
  await page.getByRole('link', { name: /Settle the damaged order.*refund-bot/ }).click();
  await page.getByRole('list', { name: /What was done/ }).waitFor();
}

/** Eva, another administrator, asks for a role for Bob. */
async function askForRole(house: House): Promise<void> {
  const eva = await joins(house, 'Eva', ['administrator']);
  await house.ada.operator.proposals.setTwoPersons(true);
  await assert.rejects(eva.operator.persons.setRoles(house.bob.id, ['approver', 'policy']), { code: 'proposal.waits' });
}

async function openProposal(page: Page): Promise<void> {
  await page.getByRole('link', { name: /^Bob would hold/ }).click();
  await page.getByText('What opens them now').waitFor();
}

/** A page is added to the pictures by a row. */
const shots: readonly Shot[] = [
  { name: 'inbox', path: '/inbox', who: bob, ready: refund },
  {
    name: 'inbox-confirm',
    path: '/inbox',
    who: bob,
    async ready(page) {
      await refund(page);
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'inbox-call',
    path: '/inbox',
    who: bob,
    async ready(page) {
      await refund(page);
      await page.getByRole('button', { name: /The exact call/ }).click();
      await page.getByText('you sign').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'run',
    path: '/runs',
    who: (house) => house.alice,
    ready: openRun,
  },
  {
    name: 'run-undo',
    path: '/runs',
    who: (house) => house.alice,
    async ready(page) {
      await openRun(page);
      await page
        .getByRole('button', { name: /^Undo…/ })
        .first()
        .click();
      await page.getByText('path.refundId').waitFor();
    },
  },
  {
    name: 'run-chain',
    path: '/runs',
    who: alice,
    async ready(page) {
      await page.getByRole('link', { name: /triage-bot/ }).click();
      await page.getByRole('tab', { name: 'Chain' }).click();
      await page.getByRole('tabpanel').getByText('carrier-bot').waitFor();
    },
  },
  {
    name: 'task-chain',
    path: '/tasks',
    who: alice,
    async ready(page) {
      await page
        .getByRole('link', { name: /triage-bot/ })
        .first()
        .click();
      await page.locator('.react-flow__node').nth(3).waitFor();
      await page.locator('.react-flow').scrollIntoViewIfNeeded();
      await page.waitForTimeout(300);
    },
  },
  { name: 'run-phone', path: '/runs', who: (house) => house.alice, ready: openRun, isOnPhone: true },
  {
    name: 'runs',
    path: '/runs',
    who: (house) => house.alice,
    ready: (page) => page.getByRole('link', { name: /tag-bot/ }).waitFor(),
  },
  { name: 'agent', path: '/agents', who: (house) => house.alice, ready: openAgent },
  { name: 'agent-phone', path: '/agents', who: (house) => house.alice, ready: openAgent, isOnPhone: true },
  { name: 'task', path: '/tasks', who: (house) => house.alice, ready: openTask },
  { name: 'task-phone', path: '/tasks', who: (house) => house.alice, ready: openTask, isOnPhone: true },
  {
    name: 'agents',
    path: '/agents',
    who: (house) => house.alice,
    ready: (page) => page.getByRole('link', { name: /refund-bot/ }).waitFor(),
  },
  {
    name: 'tasks',
    path: '/tasks',
    who: (house) => house.alice,
    ready: (page) => page.getByRole('link', { name: /refund-bot/ }).waitFor(),
  },
  {
    name: 'start-api',
    path: '/start/api',
    who: ({ ada }) => ada,
    ready: (page) => page.getByText('to classify').waitFor(),
  },
  ...(['people', 'credentials', 'keys', 'notifications', 'keyboard'] as const).flatMap((tab): Shot[] => [
    { name: `settings-${tab}`, path: `/settings/${tab}`, who: ada, ready: settingsReady },
    { name: `settings-${tab}-phone`, path: `/settings/${tab}`, who: ada, ready: settingsReady, isOnPhone: true },
  ]),
  { name: 'find', path: '/runs', who: alice, ready: findBot },
  { name: 'find-phone', path: '/runs', who: alice, ready: findBot, isOnPhone: true },
  { name: 'inbox-phone', path: '/inbox', who: bob, ready: refund, isOnPhone: true },
  { name: 'log', path: '/log', who: carol, ready: (page) => entries(page).first().waitFor() },
  {
    name: 'log-phone',
    path: '/log?q=ask',
    who: carol,
    ready: (page) => entries(page).first().waitFor(),
    isOnPhone: true,
  },
  { name: 'entry', path: '/log?q=ask+shop:refunds.create', who: carol, ready: proveEntry },
  { name: 'entry-phone', path: '/log?q=ask+shop:refunds.create', who: carol, ready: proveEntry, isOnPhone: true },
  { name: 'me', path: '/me', who: alice, ready: (page) => acting(page).first().waitFor() },
  { name: 'me-phone', path: '/me', who: alice, ready: (page) => acting(page).first().waitFor(), isOnPhone: true },
  {
    name: 'me-end',
    path: '/me',
    who: alice,
    async ready(page) {
      await page.getByRole('button', { name: 'End… the task of refund-bot' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  { name: 'catalog', path: '/catalog', who: ada, ready: (page) => page.getByRole('row').nth(5).waitFor() },
  {
    name: 'catalog-phone',
    path: '/catalog',
    who: ada,
    ready: (page) => page.getByRole('row').nth(5).waitFor(),
    isOnPhone: true,
  },
  { name: 'policies', path: '/policies', who: ada, ready: (page) => page.getByText('task-covers').waitFor() },
  {
    name: 'policies-phone',
    path: '/policies',
    who: ada,
    ready: (page) => page.getByText('task-covers').waitFor(),
    isOnPhone: true,
  },
  // The last ones: from here on two persons are wanted for a code, too.
  { name: 'proposal', path: '/proposals', who: ada, before: askForRole, ready: openProposal },
  { name: 'proposal-phone', path: '/proposals', who: ada, ready: openProposal, isOnPhone: true },
];

const desk = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

/** Plays the story in a house of its own, and takes every picture in both themes. */
export async function takeShots(folder: string, only: string): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true });
  const stand = await openStand({ viewport: desk });
  const taken: string[] = [];
  try {
    let at: { readonly page: Page; readonly who: Player } | undefined;
    let isTold = false;
    let isChainTold = false;
    for (const shot of shots.filter(({ name }) => name.includes(only))) {
      const who = shot.who(stand.house);
      // Whose passkey is newer than a question cannot answer it: people come first, then the agents.
      if (at?.who !== who) at = { page: (await stand.signIn(who)).page, who };
      if (!isTold) await tellStory(stand.house);
      if (shot.name.endsWith('-chain') && !isChainTold) await tellChain(stand.house);
      isChainTold ||= shot.name.endsWith('-chain');
      isTold = true;
      await at.page.setViewportSize(shot.isOnPhone ? phone : desk);
      await shot.before?.(stand.house);
      await at.page.goto(stand.url + shot.path);
      await shot.ready(at.page);
      for (const colorScheme of ['light', 'dark'] as const) {
        await at.page.emulateMedia({ colorScheme });
        await at.page.mouse.move(0, 0);
        const file = join(folder, `${shot.name}-${colorScheme}.png`);
        await at.page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
        taken.push(file);
      }
    }
  } finally {
    await stand.close();
  }
  return taken;
}
