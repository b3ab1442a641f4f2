import { ApprovalPending, connect } from '@ambit/sdk';
import { connectOperator, enrol, newKey } from '@ambit/sdk/operator';
import type { Page } from '../../console/test/browser.ts';
import { openStandAt } from '../../console/test/stand.ts';
import { buildConsole } from '../../scripts/parts/build-console.ts';
import { startChild } from './children.ts';
import { visit } from './console-visit.ts';
import { firstLoad, hearCard } from './first-load.ts';
import { hearInteractions, type Interaction, inpOf, interactionsOf } from './inp.ts';
import { type Measure, pairs, type Setting } from './measure.ts';
import { type Row, rowOf } from './row.ts';
import { openStand, type Stand } from './stand.ts';
import { rounded } from './statistics.ts';

/** What is in the store, and how often the whole visit is made. */
const sizes = { runs: 10_000, questions: 500, rounds: pairs };
const quickSizes = { runs: 500, questions: 50, rounds: 1 };

/** What the console costs whoever looks at a plane with much in it: a real Chromium in front of it. */
export const consoleMeasure: Measure = {
  rows: ['console-interaction', 'console-first-load'],
  async run(setting) {
    const size = setting.quick ? quickSizes : sizes;
    const stand = await openFilled(size, setting);
    try {
      return await look(stand, size, setting);
    } finally {
      await stand.close();
    }
  },
};

type Size = typeof sizes;

const callsOfRun = 4;
const callsOfLongRun = 400;

/** All questions are open until the last look, on a slow machine too. */
const openSeconds = 7200;

/** Of 25 questions, an agent in sixteen asks ten that are alike, and each other agent one. */
const askedBy = (at: number) => (at % 16 === 0 ? 10 : 1);
const agentsFor = (questions: number) => (questions / 25) * 16;

async function openFilled({ runs, questions }: Size, { say }: Setting): Promise<Stand> {
  // A plane serves the console that was there when it started.
  await buildConsole();
  const agents = agentsFor(questions);
  say(`filling a store with ${agents} agents and ${runs} runs`);
  const env = { AMBIT_APPROVAL_TTL_SECONDS: String(openSeconds) };
  const stand = await openStand({ notes: true, callers: agents, tokens: 0, population: { agents }, env });
  await stand.stopPlane();
  const seed = await startChild('seed', { env: stand.settings });
  const like = stand.callers.slice(0, 16);
  await seed.ask('runs', { count: runs, like, calls: callsOfRun, callsOfNewest: callsOfLongRun });
  await seed.stop();
  await stand.startPlane();
  return stand;
}

async function look(stand: Stand, size: Size, setting: Setting): Promise<readonly Row[]> {
  const { say, wants } = setting;
  const bob = await joins(stand);
  const browser = await openStandAt(
    async () => ({
      plane: stand,
      ada: { id: stand.ada.person, key: stand.ada.key, operator: stand.operator },
      close: async () => undefined,
    }),
    { moves: true, isWhole: true },
  );
  try {
    await hearInteractions(browser.context);
    await hearCard(browser.context);
    const { page } = await browser.signIn(bob, '/inbox');
    // A passkey answers what was asked after it was made.
    say(`asking ${size.questions} questions`);
    await askAll(stand, size.questions);
    await page.goto(`${stand.people}/inbox`);
    await page.getByRole('article').waitFor();
    const loaded = await firstLoad(page);
    const rows: Row[] = [];
    if (wants('console-interaction')) rows.push(await interactions(page, size, setting));
    if (!wants('console-first-load')) return rows;
    const all = Object.values(loaded).reduce((sum, some) => sum + some, 0);
    rows.push(
      rowOf({
        name: 'console-first-load',
        unit: 'kB gzipped',
        ours: all,
        aim: { of: 'ours', side: 'at most', bound: 250, asks: '≤ 250 kB' },
        detail: Object.fromEntries(Object.entries(loaded).map(([of, some]) => [of, rounded(some)])),
      }),
    );
    return rows;
  } finally {
    await browser.close();
  }
}

/** Bob answers questions, and may read every run. */
async function joins(stand: Stand) {
  const { enrolment, id } = await stand.operator.persons.register({ name: 'Bob', roles: ['approver', 'auditor'] });
  const key = await newKey();
  const { person } = await enrol({ url: stand.people, code: enrolment.code, key });
  return { id, key, operator: await connectOperator({ url: stand.people, person, key }) };
}

const atOnce = 8;

async function askAll({ agents, callers }: Stand, questions: number): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < callers.length) {
      const at = next++;
      await askAs(agents, callers[at]!, askedBy(at));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const asked = callers.reduce((sum, _, at) => sum + askedBy(at), 0);
  if (asked !== questions) throw new Error(`${asked} questions were asked instead of ${questions}`);
}

async function askAs(url: string, { agent, key, proofKey, task }: Stand['callers'][number], many: number) {
  const held = await (await connect({ url, agent, key, dpopKey: proofKey })).accept(task);
  for (let i = 0; i < many; i++) {
    const note = { text: `Damaged on the way, says the customer of parcel ${i}.` };
    const sent = held.fetch(`/api/shop/orders/${1042 + i}/notes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(note),
      ambit: { wait: 0 },
    });
    const became = await sent.catch((error: unknown) => error);
    if (!(became instanceof ApprovalPending)) throw new Error(`nobody was asked about a note: ${String(became)}`);
  }
}

async function interactions(page: Page, { runs, questions, rounds }: Size, { quick, say }: Setting): Promise<Row> {
  const heard: Interaction[] = [];
  const worst: Record<string, number> = {};
  let count = 0;
  for (let i = 0; i < rounds; i++) {
    for (const { name, run } of visit) {
      count += await run(page);
      const some = await interactionsOf(page);
      worst[name] = Math.max(worst[name] ?? 0, ...some.map(({ ms }) => ms));
      heard.push(...some);
    }
    say(`round ${i + 1} of ${rounds}: ${inpOf(heard, count)} ms of ${count} interactions`);
  }
  return rowOf({
    name: 'console-interaction',
    unit: 'ms to the next picture',
    ours: inpOf(heard, count),
    aim: { of: 'ours', side: 'at most', bound: 100, asks: '< 100 ms' },
    leftOut: quick ? [`10000 runs and 500 questions; there were ${runs} and ${questions}`, 'four rounds of five'] : [],
    detail: { runs, questions, interactions: count, worstMs: worst },
  });
}
