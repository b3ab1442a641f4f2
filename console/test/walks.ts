import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { joins } from '../../server/test/attacks/questions.ts';
import type { House } from '../../server/test/house.ts';
import type { Told } from './story.ts';

export type Cast = 'ada' | 'alice' | 'bob' | 'carol';

/** An address where there is something to see once the story is told. */
export type Walk = {
  /** What its pictures are called. */
  readonly name: string;
  readonly path: (house: House, told: Told) => string;
  /** Who looks; null for whoever is not signed in. */
  readonly who: Cast | null;
  /** What happens at the plane before, once whoever looks has signed in. */
  readonly before?: (house: House) => Promise<unknown>;
  /** Waits until it can be read, and does what leads to it. */
  readonly ready: (page: Page) => Promise<unknown>;
  /** Which of its pictures a reader of the documents wants to see; the others are for whoever works on it. */
  readonly shownOn?: 'desk' | 'both';
};

const text = (says: string | RegExp) => (page: Page) => page.getByText(says).first().waitFor();
const heading = (name: string | RegExp) => (page: Page) => page.getByRole('heading', { name }).first().waitFor();
const row = (name: RegExp) => (page: Page) => page.getByRole('link', { name }).first().waitFor();
const fixed = (path: string) => () => path;

async function proven(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Verify on this page' }).click();
  await page.getByText('proven on this page').waitFor();
  await page.getByText('Why', { exact: true }).waitFor();
}

const agentTab = (tab: string, ready: Walk['ready']): Walk => ({
  name: tab === 'may' ? 'agent' : `agent-${tab}`,
  path: ({ refundBot, lookupBot }) => `/agents/${tab === 'grants' ? lookupBot.id : refundBot.id}/${tab}`,
  who: 'alice',
  ready,
  ...(tab === 'may' && { shownOn: 'both' as const }),
});
const settings = (tab: string, ready: Walk['ready']): Walk => ({
  name: `settings-${tab}`,
  path: fixed(`/settings/${tab}`),
  who: 'ada',
  ready,
  ...(['people', 'keys'].includes(tab) && { shownOn: 'desk' as const }),
});
const start = (step: string, ready: Walk['ready']): Walk => ({
  name: `start-${step}`,
  path: fixed(`/start/${step}`),
  who: step === 'passkey' || step === 'api' ? 'ada' : 'alice',
  ready,
  ...(step === 'api' && { shownOn: 'desk' as const }),
});

/** Eva, another administrator, asks for a role for Bob. */
async function askForRole(house: House): Promise<void> {
  const eva = await joins(house, 'Eva', ['administrator']);
  await house.ada.operator.proposals.setTwoPersons(true);
  await assert.rejects(eva.operator.persons.setRoles(house.bob.id, ['approver', 'policy']), { code: 'proposal.waits' });
}

const preview = {
  openapi: '3.1.0',
  info: { title: 'Prices', version: '2' },
  paths: {
    '/rebates': {
      put: { operationId: 'rebates', summary: 'Set all rebates', responses: { 200: { description: 'ok' } } },
    },
    '/taxes': { get: { operationId: 'taxes', summary: 'Read the taxes', responses: { 200: { description: 'ok' } } } },
  },
};

/** Every address of `places.ts`, by its path there. Whoever adds a page adds a row: it is looked at and measured from then on. */
export const walks: Readonly<Record<string, readonly Walk[]>> = {
  '/inbox/{-$approval}': [
    {
      name: 'inbox',
      path: (_house, { question }) => `/inbox/${question}`,
      who: 'bob',
      ready: heading(/Refund 80.00/),
      shownOn: 'both',
    },
    {
      name: 'inbox-list',
      path: fixed('/inbox'),
      who: 'bob',
      ready: (page) => page.getByRole('option').first().waitFor(),
    },
    {
      name: 'inbox-answered',
      path: (_house, { answered }) => `/inbox/${answered}`,
      who: 'bob',
      ready: text(/Nothing was sent/),
    },
    {
      name: 'inbox-confirm',
      path: (_house, { question }) => `/inbox/${question}`,
      who: 'bob',
      async ready(page) {
        await page.getByRole('button', { name: 'Approve', exact: true }).click();
        await page.getByRole('alertdialog').waitFor();
      },
      shownOn: 'desk',
    },
    {
      name: 'inbox-remember',
      path: (_house, { question }) => `/inbox/${question}`,
      who: 'bob',
      async ready(page) {
        await page.getByRole('button', { name: /^Approve and remember/ }).click();
        await page.getByText(/^Then, without asking/).waitFor();
      },
      shownOn: 'both',
    },
    {
      name: 'inbox-together',
      path: (_house, { alike }) => `/inbox/${alike}`,
      who: 'bob',
      async ready(page) {
        await page.getByRole('button', { name: /^Approve all 4/ }).click();
        await page.getByRole('list', { name: 'What you answer' }).waitFor();
      },
      shownOn: 'desk',
    },
    {
      name: 'inbox-remembered',
      path: (_house, { remembered }) => `/inbox/${remembered}`,
      who: 'bob',
      ready: text(/Used: 1 of 3 calls/),
    },
    {
      name: 'inbox-call',
      path: (_house, { question }) => `/inbox/${question}`,
      who: 'bob',
      async ready(page) {
        await page.getByRole('button', { name: /The exact call/ }).click();
        await page.getByText('you sign').scrollIntoViewIfNeeded();
      },
    },
    {
      name: 'inbox-others',
      path: (_house, { question }) => `/inbox/${question}`,
      who: 'alice',
      ready: heading(/Refund 80.00/),
    },
  ],
  '/me': [
    { name: 'me', path: fixed('/me'), who: 'alice', ready: text('acts for you'), shownOn: 'desk' },
    {
      name: 'me-end',
      path: fixed('/me'),
      who: 'alice',
      async ready(page) {
        await page.getByRole('button', { name: 'End… the task of refund-bot' }).click();
        await page.getByRole('alertdialog').waitFor();
      },
    },
    { name: 'me-remembered', path: fixed('/me'), who: 'bob', ready: text(/Used: 1 of 3 calls/) },
  ],
  '/runs': [
    { name: 'runs', path: fixed('/runs'), who: 'alice', ready: row(/tag-bot/), shownOn: 'desk' },
    {
      name: 'find',
      path: fixed('/runs'),
      who: 'alice',
      async ready(page) {
        await page.getByRole('heading', { name: 'Runs' }).waitFor();
        await page.keyboard.press('Control+k');
        await page.getByRole('combobox').fill('refund');
        await page.getByRole('option', { name: /^refund-bot/ }).waitFor();
      },
      shownOn: 'desk',
    },
  ],
  '/runs/$task': [
    {
      name: 'run',
      path: (_house, { task }) => `/runs/${task}`,
      who: 'alice',
      ready: (page) => page.getByRole('list', { name: 'What happened' }).getByText('180.00').first().waitFor(),
      shownOn: 'both',
    },
    {
      name: 'run-undo',
      path: (_house, { task }) => `/runs/${task}`,
      who: 'alice',
      async ready(page) {
        await page
          .getByRole('button', { name: /^Undo…/ })
          .first()
          .click();
        await page.getByText('path.refundId').waitFor();
      },
      shownOn: 'desk',
    },
    {
      name: 'run-line',
      path: (_house, { task }) => `/runs/${task}?decision=deny`,
      who: 'alice',
      async ready(page) {
        await page.getByRole('list', { name: 'What happened' }).waitFor();
        await page.keyboard.press('j');
        await page.getByRole('button', { name: /Copy the id of this entry/ }).waitFor();
      },
    },
    {
      name: 'run-chain',
      path: (_house, { chain }) => `/runs/${chain}?panel=chain`,
      who: 'alice',
      ready: (page) => page.getByRole('tabpanel').getByText('carrier-bot').waitFor(),
      shownOn: 'desk',
    },
    {
      name: 'run-raw',
      path: (_house, { task }) => `/runs/${task}?panel=raw`,
      who: 'alice',
      ready: text('as the API tells it'),
    },
  ],
  '/tasks': [{ name: 'tasks', path: fixed('/tasks'), who: 'alice', ready: row(/refund-bot/), shownOn: 'desk' }],
  '/tasks/new': [
    { name: 'new-task', path: fixed('/tasks/new'), who: 'alice', ready: heading(/task/i), shownOn: 'desk' },
  ],
  '/tasks/$task': [
    {
      name: 'task',
      path: (_house, { task }) => `/tasks/${task}`,
      who: 'alice',
      ready: (page) => page.getByRole('list', { name: /What was done/ }).waitFor(),
      shownOn: 'desk',
    },
    {
      name: 'task-remembered',
      path: (_house, { rememberedFor }) => `/tasks/${rememberedFor}`,
      who: 'alice',
      async ready(page) {
        await page.getByText(/Used: 1 of 3 calls/).scrollIntoViewIfNeeded();
      },
    },
    {
      name: 'task-chain',
      path: (_house, { chain }) => `/tasks/${chain}`,
      who: 'alice',
      async ready(page) {
        await page.getByText('carrier-bot').first().waitFor();
        // A phone has the list of it alone.
        if ((page.viewportSize()?.width ?? 0) < 640) return;
        await page.locator('.react-flow__node').nth(3).waitFor();
        await page.locator('.react-flow').scrollIntoViewIfNeeded();
      },
      shownOn: 'desk',
    },
  ],
  '/agents': [
    { name: 'agents', path: fixed('/agents'), who: 'alice', ready: row(/refund-bot/), shownOn: 'desk' },
    { name: 'agents-unused', path: fixed('/agents?show=unused'), who: 'carol', ready: text('no call yet') },
  ],
  '/agents/new': [
    { name: 'new-agent', path: fixed('/agents/new'), who: 'alice', ready: heading(/agent/i), shownOn: 'desk' },
    { name: 'new-agent-manifest', path: fixed('/agents/new?by=manifest'), who: 'alice', ready: text(/Manifest/) },
  ],
  '/agents/$agent/{-$tab}': [
    agentTab('may', text(/A thief could/)),
    {
      ...agentTab('may', text(/A thief could/)),
      name: 'agent-open',
      async ready(page) {
        await page.getByText('Show what is open').click();
        await page.getByText('Up to 250.00').first().waitFor();
      },
      shownOn: 'desk',
    },
    agentTab('runs', row(/./)),
    agentTab('keys', text(/Public key/)),
    agentTab('grants', text(/shipping/)),
    agentTab('users', text('usr_4711')),
    agentTab('history', (page) => page.getByRole('list').nth(1).waitFor()),
  ],
  '/catalog': [{ name: 'catalog-unclassified', path: fixed('/catalog'), who: 'ada', ready: heading('prices') }],
  '/catalog/unmatched': [
    {
      name: 'unmatched',
      path: fixed('/catalog/unmatched'),
      who: 'ada',
      ready: text('/orders/{id}/archive'),
      shownOn: 'desk',
    },
  ],
  '/catalog/$api/import': [
    { name: 'import', path: fixed('/catalog/new/import'), who: 'ada', ready: heading('Add an API') },
    {
      name: 'import-preview',
      path: fixed('/catalog/prices/import'),
      who: 'ada',
      async ready(page) {
        await page.getByLabel(/^Description/).fill(JSON.stringify(preview));
        await page.getByRole('button', { name: 'Show what would change' }).click();
        await page.getByRole('heading', { name: /added/ }).waitFor();
      },
      shownOn: 'desk',
    },
    {
      name: 'classification-file',
      path: fixed('/catalog/prices/import?by=file'),
      who: 'ada',
      async ready(page) {
        await page
          .getByLabel(/^Classification file/)
          .fill('actions: { rates: { reach: internal, sensitivity: sensitive } }');
        await page.getByRole('button', { name: 'Show what would change' }).click();
        await page.getByRole('heading', { name: '1 action would count otherwise' }).waitFor();
      },
      shownOn: 'desk',
    },
  ],
  '/catalog/$api/{-$action}': [
    {
      name: 'catalog',
      path: fixed('/catalog/shop'),
      who: 'ada',
      ready: (page) => page.getByRole('row').nth(5).waitFor(),
      shownOn: 'desk',
    },
    {
      name: 'action',
      path: fixed('/catalog/shop/refunds.create'),
      who: 'ada',
      ready: heading('What it takes'),
      shownOn: 'desk',
    },
    {
      name: 'classify',
      path: fixed('/catalog/prices/rates'),
      who: 'ada',
      async ready(page) {
        await page
          .getByRole('button', { name: /^Classify/ })
          .first()
          .click();
        await page.getByRole('alertdialog').waitFor();
      },
    },
  ],
  '/policies': [
    { name: 'policies', path: fixed('/policies'), who: 'ada', ready: text('task-covers'), shownOn: 'desk' },
  ],
  '/policies/$versions': [
    { name: 'policy', path: fixed('/policies/1'), who: 'ada', ready: text('task-covers') },
    {
      name: 'policy-diff',
      path: fixed('/policies/1..2'),
      who: 'ada',
      ready: text('payroll-is-for-people'),
      shownOn: 'desk',
    },
  ],
  '/log': [
    {
      name: 'log',
      path: fixed('/log'),
      who: 'carol',
      ready: (page) => page.getByRole('list', { name: 'Entries, newest first' }).getByRole('link').first().waitFor(),
      shownOn: 'desk',
    },
  ],
  '/log/$entry': [
    { name: 'entry', path: (_house, { denied }) => `/log/${denied}`, who: 'carol', ready: proven, shownOn: 'desk' },
  ],
  '/settings/{-$tab}': [
    settings('people', text('Dana Ruiz')),
    {
      ...settings('people', text('Dana Ruiz')),
      name: 'settings-groups',
      async ready(page) {
        await page.getByRole('button', { name: /^Groups/ }).click();
        await page.getByRole('button', { name: 'Change…', exact: true }).click();
        await page.getByText('What its members may hand to agents').scrollIntoViewIfNeeded();
        await page.getByText('Read order 1042').last().waitFor();
      },
      shownOn: 'desk',
    },
    settings('credentials', text('version 1')),
    settings('keys', text(/passkey of/)),
    settings('notifications', text('desk of support')),
    settings('keyboard', text('All keys')),
  ],
  '/start/{-$step}': [
    start('passkey', heading(/passkey/)),
    start('api', text('to classify')),
    start('agent', heading(/agent/)),
    start('call', heading(/call/)),
    start('yes', heading(/waits/)),
  ],
  '/sign-in': [
    { name: 'sign-in', path: fixed('/sign-in'), who: null, ready: heading('Sign in to Ambit'), shownOn: 'desk' },
    {
      name: 'sign-in-code',
      path: fixed('/sign-in'),
      who: null,
      async ready(page) {
        await page.getByRole('button', { name: 'I have a one-time code' }).click();
        await page.getByLabel('One-time code').waitFor();
      },
    },
  ],
  '/sign-in/callback': [
    {
      name: 'sign-in-callback',
      path: fixed('/sign-in/callback?state=forged&code=forged'),
      who: null,
      ready: heading('You are not signed in'),
    },
  ],
  // The last ones: from here on two persons are wanted for a code, too.
  '/proposals/{-$proposal}': [
    {
      name: 'proposal',
      path: fixed('/proposals'),
      who: 'ada',
      before: askForRole,
      async ready(page) {
        await page.getByRole('link', { name: /^Bob would hold/ }).click();
        await page.getByText('What opens them now').waitFor();
      },
      shownOn: 'both',
    },
    { name: 'proposals', path: fixed('/proposals'), who: 'ada', ready: row(/^Bob would hold/) },
  ],
};
