import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApprovalId, TaskId } from '@ambit/sdk';
import { awaitPasskey } from './run/await-passkey.ts';
import { asPerson, type Cast, keyFileOf, makeCast, readCast } from './run/cast.ts';
import { type Child, endAll, runToEnd, startChild } from './run/child.ts';
import { endEarlierRuns, purposeText } from './run/earlier.ts';
import { ExampleFault, sentenceOf, UsageFault } from './run/fault.ts';
import { beginFirstStart, endFirstStart, undoUnfinished } from './run/first-start.ts';
import { damagedOrder, story } from './run/grant.ts';
import { requireFree, requirePlanePortsFree } from './run/ports.ts';
import { callsOf, type RunReport, stepsOf } from './run/report.ts';
import type { Tried } from './run/report-line.ts';
import { readSettings, type Settings, usage } from './run/settings.ts';
import { useStolenToken } from './run/thief.ts';

/**
 * The example: a plane, the shop behind it, and one run of refund-bot through the gateway. Every part is a process of
 * its own that talks over the network with its own key. `npm start` stays up afterwards; `npm start -- --exit` does not.
 */
const root = join(import.meta.dirname, '../../..');
const ambit = join(root, 'cli/bin/ambit.js');
const here = (file: string) => join(import.meta.dirname, file);

const started = performance.now();
const say = (line: string) => process.stderr.write(`${line}\n`);
const step = (line: string) => say(`· ${line} (${((performance.now() - started) / 1000).toFixed(1)} s)`);

const stopSignals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** Being told to stop, and having done what was asked, is an end like any other. */
let isUp = false;
let stopping: Promise<void> | undefined;
for (const [signal, code] of Object.entries(stopSignals)) {
  process.on(signal, () => {
    stopping ??= endAll().then(() => {
      say('Stopped.');
      process.exit(isUp ? 0 : code);
    });
  });
}

type Shop = { readonly url: string; readonly adminUrl: string; readonly apiKey: string };
type Plane = { readonly agents: string; readonly people: string };
/** What is up before the run begins. */
type Stage = { readonly asked: Settings; readonly plane: Plane; readonly shop: Shop; readonly cast: Cast };

async function main(asked: Settings): Promise<Stage> {
  const { exampleDirectory } = asked;
  await requirePlanePortsFree(process.env);
  if (undoUnfinished(asked))
    say('· a first start was interrupted here: what it had made is removed, and it begins again');
  const first = !existsSync(asked.keyFile);
  const known = first ? undefined : readCast(exampleDirectory);
  if (!first && known === undefined) {
    throw new ExampleFault(
      `${asked.keyFile} is there, but the example's cast is not: name empty places in AMBIT_DATA and AMBIT_KEYS, or remove both`,
    );
  }
  if (first) beginFirstStart(asked);
  const shop = await startShop(exampleDirectory, known);
  step(`the shop is open at ${shop.url}`);
  const env = planeEnv(asked, shop.url);
  const code = first ? await initialise(env) : undefined;
  const plane = await startPlane(env);
  step(`Ambit is up: agents at ${plane.agents}, people at ${plane.people}`);
  const cast =
    known ?? (await makeCast(exampleDirectory, plane.people, code ?? '', { ...shop, description: description() }));
  if (known === undefined) {
    endFirstStart(asked);
    step('the cast has enrolled: Ada, Alice, Bob, Carol, refund-bot, lookup-bot');
  }
  return { asked, plane, shop, cast };
}

const description = () => readFileSync(here('../openapi.json'), 'utf8');

/** The shop keeps its port between starts: its credential is bound to its origin. */
async function startShop(directory: string, known: Cast | undefined): Promise<Shop> {
  const keyFile = join(directory, 'shop-api-key.txt');
  if (!existsSync(keyFile)) writeFileSync(keyFile, `shop_${crypto.randomUUID().replaceAll('-', '')}`, { mode: 0o600 });
  const apiKey = readFileSync(keyFile, 'utf8');
  const port = known === undefined ? '0' : new URL(known.shopOrigin).port;
  await requireFree({ port: Number(port), host: '127.0.0.1', what: 'where the example shop was first started' });
  const child = startChild(here('main.ts'), ['--port', port, '--data-file', join(directory, 'shop.jsonl')], {
    SHOP_API_KEY: apiKey,
  });
  const ready = (await child.next()) as Omit<Shop, 'apiKey'> | undefined;
  if (ready === undefined) throw new ExampleFault(`the shop did not start: ${child.complaint()}`);
  return { ...ready, apiKey };
}

type Env = Readonly<Record<string, string | undefined>>;

function planeEnv(asked: Settings, shopOrigin: string): Env {
  return {
    AMBIT_DATA: asked.dataDirectory,
    AMBIT_KEYS: asked.keyFile,
    AMBIT_OUTBOUND_PRIVATE_ALLOWED: shopOrigin,
    AMBIT_CHECKPOINT_FILE: asked.checkpointFile,
    ...namedForPeople(process.env),
  };
}

/** A browser makes passkeys for a name, never for an address. Where the port is not known yet, there is no name to give. */
function namedForPeople({ AMBIT_PEOPLE_ORIGIN: origin, AMBIT_PEOPLE_PORT: port = '8421', AMBIT_HOST: host }: Env): Env {
  return origin !== undefined || host !== undefined || port === '0'
    ? {}
    : { AMBIT_PEOPLE_ORIGIN: `http://localhost:${port}` };
}

async function initialise(env: Env): Promise<string> {
  const text = await runToEnd(ambit, ['init', '--name', 'Example Retail', '--admin', 'Ada Novak', '--json'], env);
  step('a new plane was made, with its own keys');
  return (JSON.parse(text) as { readonly code: string }).code;
}

async function startPlane(env: Env): Promise<Plane> {
  const child = startChild(ambit, ['serve', '--json'], env);
  const ready = (await child.next()) as Plane | undefined;
  if (ready === undefined)
    throw new ExampleFault(child.complaint() || 'Ambit did not start, and said nothing about it');
  return ready;
}

/** The whole run. Undefined where it was broken off, because Bob has a passkey now: it is younger than what was asked. */
async function play({ asked, plane, shop, cast }: Stage, broken?: AbortSignal): Promise<RunReport | undefined> {
  const { exampleDirectory: directory } = asked;
  const alice = await asPerson(directory, cast, 'alice', plane.people);
  const carol = await asPerson(directory, cast, 'carol', plane.people);
  const left = await endEarlierRuns(alice, cast.agents['refund-bot']);
  if (left.tasks > 0) {
    step(`left open by earlier runs and ended now: ${left.tasks} of their tasks, ${left.questions} open questions`);
  }
  const task = await alice.tasks.open({
    agent: cast.agents['refund-bot'],
    purpose: { type: 'support', text: purposeText },
    ttlSeconds: 3600,
    authority: damagedOrder(),
  });
  step(`Alice opened task ${task.id} for refund-bot`);
  const bob = asked.exit ? startBob(plane, directory, cast) : undefined;
  const sayHow = (approval: ApprovalId) => bob === undefined && sayHowToAnswer(plane, directory, cast, approval);
  const heard = await perform(plane, directory, cast, task.id, { sayHow, broken });
  await bob?.stop();
  if (heard === undefined) return undefined;

  const run = await carol.runs.show(task.id);
  const lastEntry = stepsOf(run.tasks).find((one) => one.kind === 'task.ended')?.index ?? Number.POSITIVE_INFINITY;
  const seen = await tracesSeen(shop);
  const names = Object.fromEntries(Object.entries(cast.agents).map(([name, id]) => [id, name]));
  const calls = callsOf(run, { ...heard, seen, names }, lastEntry);
  await printTrace(plane, directory, cast, task.id);
  const log = await verifyLog(asked, plane, cast);
  const refunds = await refundsOf(shop, heard.tried);
  return {
    run: task.id,
    calls,
    shop: { refunds },
    ended: { what: heard.ending.ended, milliseconds: heard.ending.milliseconds },
    log,
  };
}

function startBob(plane: Plane, directory: string, cast: Cast): Child {
  const child = startChild(here('run/bob.ts'), [
    JSON.stringify({ url: plane.people, person: cast.people.bob, keyFile: keyFileOf(directory, 'bob') }),
  ]);
  return child;
}

/** The console, for Bob. The signal comes once he has made a passkey there. */
async function inviteToBrowser({ asked, plane, cast }: Stage): Promise<AbortSignal> {
  const ada = await asPerson(asked.exampleDirectory, cast, 'ada', plane.people);
  const { code } = await ada.persons.issueCode(cast.people.bob);
  say(`\n  In a browser: ${plane.people}, “I have a one-time code”. With this one Bob makes a passkey:`);
  say(`    ${code}`);
  say('  Then the run begins again, and he answers there. Who made one at an earlier start signs in with it.\n');
  return awaitPasskey(ada, cast.people.bob, (error) => void giveUp(error));
}

function sayHowToAnswer(plane: Plane, directory: string, cast: Cast, approval: ApprovalId): void {
  const as = `--url ${plane.people} --person ${cast.people.bob} --key ${inShell(keyFileOf(directory, 'bob'))}`;
  say('\n  Answer as Bob, in the browser or in another terminal (--no in the place of --yes refuses):');
  say(`    ${inShell(node)} ${inShell(ambit)} approval answer ${approval} --yes ${as}\n`);
}

/** The Node of the checkout, where that is what runs this: the reader's own is too old then. */
const node = process.execPath.startsWith(join(root, '.node')) ? process.execPath : 'node';

const inShell = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

type Asked = { readonly what: string; readonly approval: ApprovalId; readonly expiresAt: number | null };

const untilThen = ({ expiresAt }: Asked) =>
  expiresAt === null ? '' : ` (${Math.max(1, Math.round((expiresAt - Date.now()) / 60_000))} min left)`;

type Performance = {
  readonly tried: readonly Tried[];
  readonly theft: Awaited<ReturnType<typeof useStolenToken>>;
  readonly ending: { readonly ended: readonly unknown[]; readonly milliseconds: number };
};

/** The agent's process plays its part; when its token lies open, Mallory takes a copy and uses it. */
async function perform(
  plane: Plane,
  directory: string,
  cast: Cast,
  task: TaskId,
  { sayHow, broken }: { readonly sayHow: (approval: ApprovalId) => void; readonly broken: AbortSignal | undefined },
): Promise<Performance | undefined> {
  const agent = startChild(here('run/refund-bot.ts'), [
    JSON.stringify({
      url: plane.agents,
      agent: cast.agents['refund-bot'],
      keyFile: keyFileOf(directory, 'refund-bot'),
      task,
      order: story.order,
      otherOrder: story.otherOrder,
      lookup: { agent: cast.agents['lookup-bot'], keyFile: keyFileOf(directory, 'lookup-bot') },
    }),
  ]);
  const stop = () => void agent.stop();
  broken?.addEventListener('abort', stop, { once: true });
  if (broken?.aborted) stop();
  const tried: Tried[] = [];
  let theft: Performance['theft'] | undefined;
  let ending: Performance['ending'] | undefined;
  for await (const line of agent.lines) {
    const told = line as { readonly kind: string };
    if (told.kind === 'tried') {
      const one = told as Tried;
      tried.push(one);
      step(`${one.what}: ${one.status ?? '-'} ${one.says}`);
    }
    if (told.kind === 'asked') {
      const asked = told as unknown as Asked;
      say(`· ${asked.what}: waits for Bob${untilThen(asked)}`);
      sayHow(asked.approval);
    }
    if (told.kind === 'token') {
      theft = await useStolenToken(
        { url: plane.agents, agent: cast.agents['refund-bot'] },
        { taskId: task, token: (told as unknown as { token: string }).token, tokenExpiresAt: Date.now() + 60_000 },
        `/api/shop/orders/${story.order}`,
      );
      step(`Mallory uses a copy of the token without its key: ${theft.status} ${theft.says}`);
      agent.send({ goOn: true });
    }
    if (told.kind === 'completed') ending = told as unknown as Performance['ending'];
  }
  broken?.removeEventListener('abort', stop);
  if (theft === undefined || ending === undefined) {
    if (broken?.aborted) return undefined;
    const why = agent.complaint();
    throw new ExampleFault(`refund-bot ended before its part was over${why === '' ? '' : `: ${why}`}`);
  }
  step(`the task is complete: ${ending.ended.length} things ended with it in ${ending.milliseconds} ms`);
  return { tried, theft, ending };
}

async function tracesSeen({ adminUrl }: Shop): Promise<Set<string>> {
  const { requests } = (await (await fetch(`${adminUrl}/requests`)).json()) as {
    readonly requests: readonly { readonly headers: Readonly<Record<string, string>> }[];
  };
  return new Set(requests.flatMap(({ headers }) => headers.traceparent ?? []));
}

/** Refunds of this run, by the shop's own ledger. */
async function refundsOf({ adminUrl }: Shop, tried: readonly Tried[]) {
  const { ledger } = (await (await fetch(`${adminUrl}/ledger`)).json()) as {
    readonly ledger: readonly {
      readonly kind: string;
      readonly order: string;
      readonly amount: string;
      readonly run?: string;
    }[];
  };
  const traces = new Set(tried.map((one) => one.traceparent?.split('-')[1]));
  return ledger
    .filter((line) => line.kind === 'refund' && line.run !== undefined && traces.has(line.run))
    .map(({ order, amount }) => ({ order, amount }));
}

const asCarol = (plane: Plane, directory: string, cast: Cast) => [
  '--url',
  plane.people,
  '--person',
  cast.people.carol,
  '--key',
  keyFileOf(directory, 'carol'),
];

async function printTrace(plane: Plane, directory: string, cast: Cast, task: string): Promise<void> {
  say(`\n${await runToEnd(ambit, ['run', 'show', task, ...asCarol(plane, directory, cast)])}`);
}

async function verifyLog(asked: Settings, plane: Plane, cast: Cast): Promise<RunReport['log']> {
  const { exampleDirectory: directory, checkpointFile: anchor } = asked;
  const carol = await asPerson(directory, cast, 'carol', plane.people);
  // A checkpoint over everything so far, which the second place gets before anyone else.
  await carol.log.checkpoint();
  const text = await runToEnd(ambit, [
    'audit',
    'verify',
    '--anchor',
    anchor,
    '--json',
    ...asCarol(plane, directory, cast),
  ]);
  const verdict = JSON.parse(text) as { readonly ok: boolean; readonly size: number; readonly says: string };
  say(verdict.says);
  return { entries: verdict.size, verified: verdict.ok };
}

async function start(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const asked = readSettings(args, process.env);
  const stage = await main(asked);
  const passkey = asked.exit ? undefined : await inviteToBrowser(stage);
  const report = (await play(stage, passkey)) ?? (await playForBrowser(stage));
  if (asked.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  if (asked.exit) return endAll();
  isUp = true;
  say('\nEverything stays up. Stop it with Ctrl-C.');
  passkey?.addEventListener('abort', () => void playForBrowser(stage).catch(giveUp), { once: true });
}

function playForBrowser(stage: Stage): Promise<RunReport | undefined> {
  step('Bob has a passkey in a browser: the run begins again, and what it asks waits for him there');
  return play(stage);
}

async function giveUp(error: unknown): Promise<void> {
  // What breaks while everything ends is no news; whoever said stop decides how this process ends.
  if (stopping !== undefined) return;
  say(`ambit: ${sentenceOf(error)}`);
  await endAll();
  process.exitCode = error instanceof UsageFault ? 2 : 1;
}

try {
  await start(process.argv.slice(2));
} catch (error) {
  await giveUp(error);
}
