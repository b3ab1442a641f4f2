import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApprovalId, type Authority, type EntryId, parseShortReceipt, type TaskId } from '@ambit/protocol';
import { answer, handmadeUpstream, refund, refused, type Upstream, until } from '../attacks/witness.ts';
import { type Bot, customer, type House, only, openHouse, order, registerBot } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';
import { inAProcess, type PlaneProcess } from './in-a-process.ts';
import { type LoggedEntry, logSoFar, verifiedLog } from './log-read.ts';
import { type Random, randomFrom } from './random.ts';

export type KillPlan = {
  readonly seed: number;
  readonly kills: number;
  /** More settings of the house and its plane, e.g. another store. */
  readonly env?: Readonly<Record<string, string>>;
  /** Told after each kill that was looked into. */
  readonly progress?: ((killed: number, when: string) => void) | undefined;
};

/** What the load was, so that a run that proved nothing can be told from one that did. */
export type Tally = { kills: number; told: number; permits: number; asks: number; denials: number } & {
  sent: number;
  unknown: number;
  cutShort: number;
  answered: number;
};

const budget = '120.00';
const refundsOf = (asks: boolean): Authority => [
  only('shop:orders.get', 'path.orderId', order),
  only('shop:customers.get', 'path.customerId', customer),
  {
    type: 'ambit_grant',
    actions: ['shop:refunds.create'],
    where: {
      'path.orderId': { all: [{ equals: order }] },
      'body.amount': { all: [{ range: { min: '0.01', max: '1000.00' } }] },
      'body.currency': { all: [{ equals: 'USD' }] },
      'body.reason': { all: [{ maxLength: 200 }], optional: true },
    },
    limits: [{ sum: { max: budget, currency: 'USD' } }],
    ...(asks ? { asks: [{ always: true, reason: 'Every refund needs a person.' }] } : {}),
  },
];

/** An answer of the plane that arrived, at least its head. What it says is a promise from then on. */
type Told = {
  readonly label: string;
  readonly status: number;
  readonly entry: string;
  readonly receipt: string | null;
  readonly approval: string | null;
  readonly source: string | null;
};

type Task = { readonly id: TaskId; readonly agent: RawAgent; readonly token: string };
type Upstreams = { readonly upstream: Upstream; readonly saidNo: ReadonlySet<string> };
type Stage = Upstreams & { readonly house: House; readonly plane: PlaneProcess };

/**
 * Kills the plane at points that the seed chooses, while agents call and a person answers, and looks after each start
 * whether everything that was promised holds. The seed fixes the load and the points; which call is where at that
 * instant is the machine's.
 */
export async function killUnderLoad({ seed, kills, env = {}, progress }: KillPlan): Promise<Tally> {
  const saidNo = new Set<string>();
  const upstream = await slowShop(randomFrom(seed + 1), saidNo);
  const settings = { AMBIT_AGENT_CALLS_PER_SECOND: '1000', ...env };
  const house = await openHouse({ upstream: upstream.url, env: settings });
  const plane = await inAProcess(house, { env: settings });
  try {
    return await play({ house, plane, upstream, saidNo }, { seed, kills, progress });
  } finally {
    try {
      await house.close();
    } finally {
      await plane.kill();
      await upstream.close();
    }
  }
}

/** A shop that takes its time, and sometimes says no: its own list of what it was asked is the witness. */
function slowShop(random: Random, saidNo: Set<string>): Promise<Upstream> {
  return handmadeUpstream(({ line, body, socket }) => {
    const isRead = line.startsWith('GET');
    if (!isRead && random() < 0.05) {
      saidNo.add(labelOf(body));
      answer(socket, 422, { error: 'no' });
      return;
    }
    setTimeout(() => answer(socket, isRead ? 200 : 201, { id: 'any' }), random.whole(0, isRead ? 3 : 25));
  });
}

const labelOf = (body: string) => (JSON.parse(body) as { reason: string }).reason;

async function play(stage: Stage, { seed, kills, progress }: Pick<KillPlan, 'seed' | 'kills' | 'progress'>) {
  const random = randomFrom(seed);
  const tally: Tally = {
    kills: 0,
    told: 0,
    permits: 0,
    asks: 0,
    denials: 0,
    sent: 0,
    unknown: 0,
    cutShort: 0,
    answered: 0,
  };
  const bots = await Promise.all(['kill-a', 'kill-b', 'kill-c'].map((name) => registerBot(stage.house.alice, name)));
  let load = await startingLoad(stage, bots, random);
  while (tally.kills < kills) {
    // New tasks from time to time; in between budgets have to hold across several deaths.
    if (tally.kills % 4 === 3) load = await startingLoad(stage, bots, random);
    const when = await load.runUntilKilled();
    await stage.plane.start();
    tally.kills++;
    try {
      await load.holds(tally);
    } catch (error) {
      throw new Error(`kill ${tally.kills}, ${when}, seed ${seed}`, { cause: error });
    }
    progress?.(tally.kills, when);
  }
  assert.equal(faultsIn(stage.plane.written()), '', 'a start after a kill was not the ordinary start');
  return tally;
}

/** All that an ordinary start says is where it listens. */
const faultsIn = (written: string) =>
  written
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{"agents"'))
    .join('\n');

async function startingLoad(stage: Stage, bots: readonly Bot[], random: Random) {
  const { house } = stage;
  const tasks: Task[] = [];
  for (const bot of bots) {
    const agent = await rawAgent(house, bot);
    for (const asks of [false, true]) {
      const id = await house.openTask({ agent: bot.id, authority: refundsOf(asks) });
      tasks.push({ id, agent, token: await agent.accept(id) });
    }
  }
  return createLoad(stage, tasks, random);
}

function createLoad(stage: Stage, tasks: readonly Task[], random: Random) {
  const { house, plane, upstream } = stage;
  const told: Told[] = [];
  const answers = new Map<string, 'yes' | 'no'>();
  let isDying = false;
  let cutShort = 0;
  let number = 0;

  async function tell(label: string, calling: Promise<Response>): Promise<void> {
    try {
      const response = await calling;
      const entry = response.headers.get('ambit-entry');
      if (entry === null)
        assert.fail(`${label} was answered ${response.status} without an entry: ${await response.text()}`);
      const { status, headers } = response;
      const [receipt, approval] = [headers.get('ambit-receipt'), headers.get('ambit-approval')];
      told.push({ label, status, entry, receipt, approval, source: headers.get('ambit-source') });
      await response.arrayBuffer();
    } catch (error) {
      if (!isDying || error instanceof assert.AssertionError) throw error;
      cutShort++;
    }
  }

  function one({ id, agent, token }: Task): Promise<void> {
    const chance = random();
    const label = `${id}-${number++}`;
    const amount = `${random.whole(1, 9)}.${random.whole(10, 99)}`;
    if (chance < 0.6) return tell(label, refund(agent, token, amount, { rawBody: bodyOf(amount, label) }));
    if (chance < 0.8) return tell(label, agent.call(token, 'GET', `/api/shop/orders/${order}`));
    if (chance < 0.9) return tell(label, agent.call(token, 'GET', `/api/shop/customers/${customer}`));
    return tell(label, agent.call(token, 'GET', '/api/shop/orders/9999'));
  }

  async function calls(task: Task): Promise<void> {
    while (!isDying) await one(task);
  }

  /** Bob, who answers whatever he finds, mostly with a yes. */
  async function bobAnswers(): Promise<void> {
    while (!isDying) {
      try {
        for (const question of await house.bob.operator.approvals.list()) {
          const said = random() < 0.8 ? ('yes' as const) : ('no' as const);
          await house.bob.operator.approvals.answer(question, said);
          answers.set(question.id, said);
        }
      } catch (error) {
        if (!isDying) throw error;
      }
      await sleep(5);
    }
  }

  return {
    /** Answers when it was killed, in words. */
    async runUntilKilled(): Promise<string> {
      isDying = false;
      const point = pointOfDeath(random, upstream, () => told.length);
      const at = point.reached();
      const load = Promise.all([...tasks.flatMap((task) => [calls(task), calls(task)]), bobAnswers()]);
      await Promise.race([at, load]);
      isDying = true;
      await plane.kill();
      await load;
      return point.says;
    },
    async holds(tally: Tally): Promise<void> {
      const log = await closedLog(house);
      const seen = requireTold(log, told);
      requireAnswers(log, told, answers);
      requireOnce(stage, log);
      tally.told += told.length;
      for (const name of ['permits', 'asks', 'denials'] as const) tally[name] += seen[name];
      for (const task of tasks) await requireBudget(stage, task, log);
      tally.unknown = log.filter(({ header }) => header.kind === 'call.outcome' && header.code === 'unknown').length;
      tally.sent = upstream.writes().length;
      tally.cutShort += cutShort;
      tally.answered += answers.size;
      // Looked at once; the log that they are in is looked at again after every kill.
      told.length = 0;
      answers.clear();
      cutShort = 0;
    },
  };
}

const bodyOf = (amount: string, reason: string) => JSON.stringify({ amount, currency: 'USD', reason });

/** When the plane dies: after a while, when the upstream has just been asked something, or when an answer was told. */
function pointOfDeath(random: Random, upstream: Upstream, told: () => number) {
  const kind = random.one(['time', 'upstream', 'answer'] as const);
  const [milliseconds, more] = [random.whole(1, 500), random.whole(1, 40)];
  const heard = kind === 'upstream' ? () => upstream.heard.length : told;
  const before = heard();
  return {
    says: kind === 'time' ? `${milliseconds} ms under load` : `at ${kind} ${more} of the load`,
    async reached(): Promise<void> {
      if (kind === 'time') return sleep(milliseconds);
      // Where budgets are used up, the upstream hears little: the load never runs longer than two seconds.
      for (let waited = 0; waited < 2000 && heard() < before + more; waited++) await sleep(1);
    },
  };
}

/** The log once nothing is open in it any more: what a death left open is taken up by the ordinary upkeep, without help. */
async function closedLog(house: House): Promise<LoggedEntry[]> {
  const { log, approvals } = house.carol.operator;
  // Upkeep takes its time, and all of the log is a lot to read: what is open is looked at by itself.
  const isOver = async ({ calls, questions }: Open) => {
    const { entries } = await log.search({ kind: 'call.outcome', limit: 200 });
    const told = new Set(entries.map(({ header }) => header.about));
    const shown = await Promise.all(questions.map((id) => approvals.show(id)));
    return calls.every((id) => told.has(id)) && shown.every(({ state }) => !['approved', 'claimed'].includes(state));
  };
  await until('the end of every call that was let out and every question that was answered', async () => {
    const open = openIn(await logSoFar(house));
    if (open.calls.length + open.questions.length === 0) return true;
    await until('an end of what is open', async () => (await isOver(open)) || sleep(100));
    return undefined;
  });
  const verified = await verifiedLog(house);
  assert.deepEqual(openIn(verified), { calls: [], questions: [] }, 'what was closed is open');
  return verified;
}

type Open = { readonly calls: readonly EntryId[]; readonly questions: readonly ApprovalId[] };

/** Calls that were let out and not told of yet, and questions with a yes that came to no end: of tasks before these, too. */
function openIn(log: readonly LoggedEntry[]): Open {
  const of = (kind: (name: string) => boolean) => log.filter(({ header }) => kind(header.kind));
  const told = new Set(of((kind) => kind === 'call.outcome').map(({ header }) => header.about));
  const ended = new Set(of((kind) => endsQuestion.has(kind)).map(({ detail }) => detail.approval));
  const yeses = of((kind) => kind === 'approval.answered').filter((one) => answerIn(one) === 'yes');
  return {
    calls: permitsIn(log)
      .map(({ header }) => header.id)
      .filter((id) => !told.has(id)),
    questions: yeses.map(({ detail }) => detail.approval as ApprovalId).filter((id) => !ended.has(id)),
  };
}

const endsQuestion = new Set(['approval.done', 'approval.unknown', 'approval.denied']);
const answerIn = ({ detail }: LoggedEntry) => (detail.document as { readonly answer: string }).answer;

/** An answer that was taken is in the log; a question that was told of is one that a person can still find. */
function requireAnswers(
  log: readonly LoggedEntry[],
  told: readonly Told[],
  answers: ReadonlyMap<string, 'yes' | 'no'>,
): void {
  const given = new Map(
    log.filter(({ header }) => header.kind === 'approval.answered').map((one) => [one.detail.approval, answerIn(one)]),
  );
  for (const [id, said] of answers) assert.equal(given.get(id), said, `the ${said} to ${id} that was taken is gone`);
  const asked = new Map(log.map(({ header }) => [header.id as string, header.decision]));
  for (const { approval, entry, label } of told) {
    if (approval !== null) assert.equal(asked.get(entry), 'ask', `the question ${approval} of ${label} is gone`);
  }
}

const permitsIn = (log: readonly LoggedEntry[]) =>
  log.filter(({ header }) => header.kind === 'call.decided' && header.decision === 'permit');

/** Every answer that arrived is in the log with that decision, at the place and with the leaf that its receipt names. */
function requireTold(log: readonly LoggedEntry[], told: readonly Told[]) {
  const byId = new Map(log.map((one) => [one.header.id as string, one]));
  const seen = { permits: 0, asks: 0, denials: 0 };
  for (const one of told) {
    const found = byId.get(one.entry);
    assert.ok(found, `the entry ${one.entry} of ${one.label}, answered ${one.status}, is not in the log`);
    const { decision } = found.header;
    const isPassedOn = one.source === 'upstream' || one.status === 200 || one.status === 201 || one.status === 422;
    const expected = isPassedOn ? 'permit' : one.status === 202 ? 'ask' : 'deny';
    assert.equal(decision, expected, `${one.label} was answered ${one.status}`);
    seen[decision === 'permit' ? 'permits' : decision === 'ask' ? 'asks' : 'denials']++;
    const receipt = parseShortReceipt(one.receipt ?? '');
    assert.ok(receipt, `${one.label} came without a receipt`);
    assert.deepEqual([receipt.index, receipt.leaf], [found.index, found.leaf]);
  }
  return seen;
}

const reasonOf = ({ detail }: LoggedEntry) =>
  (detail.arguments as Readonly<Record<string, string>> | undefined)?.['body.reason'];

/** Nothing ran twice, and nothing reached the upstream that was not let out. */
function requireOnce({ upstream }: Stage, log: readonly LoggedEntry[]): void {
  const permits = new Map<string, number>();
  for (const one of permitsIn(log)) {
    const label = reasonOf(one);
    if (label !== undefined) permits.set(label, (permits.get(label) ?? 0) + 1);
  }
  const heard = new Map<string, number>();
  for (const { body } of upstream.writes()) heard.set(labelOf(body), (heard.get(labelOf(body)) ?? 0) + 1);
  for (const [label, times] of heard) {
    assert.equal(times, 1, `${label} reached the upstream ${times} times`);
    assert.equal(permits.get(label), 1, `${label} reached the upstream with ${permits.get(label) ?? 'no'} permits`);
  }
  for (const [label, times] of permits) assert.equal(times, 1, `${label} was permitted ${times} times`);
}

const cents = (amount: string) => Math.round(Number(amount) * 100);

/** Money that moved fits into what was granted, and the counter holds exactly what the log let out. */
async function requireBudget(stage: Stage, task: Task, log: readonly LoggedEntry[]): Promise<void> {
  const { upstream, saidNo } = stage;
  const own = log.filter(({ header }) => header.task === task.id);
  const outcomes = new Map(
    own
      .filter(({ header }) => header.kind === 'call.outcome')
      .map(({ header }) => [header.about as string, header.code]),
  );
  const heard = new Set(upstream.writes().map(({ body }) => labelOf(body)));
  let [moved, spent] = [0, 0];
  for (const one of permitsIn(own)) {
    const label = reasonOf(one);
    if (label === undefined) continue;
    const amount = cents((one.detail.arguments as Readonly<Record<string, string>>)['body.amount'] ?? '');
    const outcome = outcomes.get(one.header.id);
    const isPaid = heard.has(label) && !saidNo.has(label);
    if (outcome === 'done') assert.ok(isPaid, `${label} is said to be done`);
    if (outcome === 'failed') assert.ok(!isPaid, `${label} is said to have failed, and was paid`);
    if (isPaid) moved += amount;
    if (outcome !== 'failed') spent += amount;
  }
  assert.ok(moved <= spent && spent <= cents(budget), `${moved} moved, ${spent} spent of ${cents(budget)} cents`);
  assert.equal(await counterOf(stage.house, task), spent, `the counter of ${task.id} is not what the log let out`);
}

const probeReason = 'more than the budget ever was';

type Charge = { readonly counter: string; readonly used: string };

/** A call that can never fit: the entry of its denial says what stands on the task's own counter. */
async function counterOf(house: House, { agent, token }: Task): Promise<number> {
  const response = await refund(agent, token, '999.00', { rawBody: bodyOf('999.00', probeReason) });
  const told = await refused(response, 'limits.sum_exceeded');
  const { detail } = await house.carol.operator.log.entry(told.entry as EntryId);
  const { charges } = (detail as { readonly detail: { readonly charges: readonly Charge[] } }).detail;
  return cents(charges.find(({ counter }) => counter.startsWith('sum|USD|task:'))?.used ?? 'none');
}
