/**
 * node scripts/check-run.mjs <output of the run> [<output of the run before it>]
 *
 * Holds what `npm start --silent -- --exit --json` printed against the story it plays: every call with its decision,
 * what the shop's own ledger says, what died with the task, and that the log proves itself. With an earlier run on the
 * same data it also checks that this one went on from there. Plain JavaScript: any Node reads it.
 */
import { readFileSync } from 'node:fs';

const [file, fileBefore] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('usage: node scripts/check-run.mjs <output.json> [<output of the run before it>]\n');
  process.exit(2);
}

/** The whole output must be one JSON object: a stray line on standard output makes this throw. */
function read(path) {
  const text = readFileSync(path, 'utf8');
  try {
    const run = JSON.parse(text);
    if (run !== null && typeof run === 'object' && !Array.isArray(run)) return run;
  } catch (error) {
    process.stderr.write(`${path} is not one JSON object (${error.message}); it begins: ${text.slice(0, 300)}\n`);
    process.exit(1);
  }
  process.stderr.write(`${path} holds JSON, but not an object\n`);
  process.exit(1);
}

const run = read(file);
const before = fileBefore === undefined ? undefined : read(fileBefore);
const calls = Array.isArray(run.calls) ? run.calls : [];
const refunds = Array.isArray(run.shop?.refunds) ? run.shop.refunds : [];

/**
 * The story, in order: who, what was decided first, what a person answered, whether the shop saw it. Step 3 tries
 * 180.00, another customer's order, payroll and an id written as ../payroll; step 4 is lookup-bot's.
 */
const story = [
  ['refund-bot', 'permit', undefined, true, 'reads the order'],
  ['refund-bot', 'permit', undefined, true, 'refunds 30.00'],
  ['refund-bot', 'ask', 'yes', true, 'refunds 80.00, to which Bob says yes'],
  ['refund-bot', 'ask', 'no', false, 'refunds another 30.00, to which Bob says no'],
  ['refund-bot', 'deny', undefined, false, 'refunds 180.00'],
  ['refund-bot', 'deny', undefined, false, 'reads another customer’s order'],
  ['refund-bot', 'deny', undefined, false, 'reads payroll'],
  ['refund-bot', 'deny', undefined, false, 'reads ../payroll'],
  ['lookup-bot', 'permit', undefined, true, 'reads the shipping state'],
  ['lookup-bot', 'deny', undefined, false, 'refunds'],
  ['lookup-bot', 'deny', undefined, false, 'widens its authority'],
  [undefined, 'deny', undefined, false, 'the stolen token'],
  ['refund-bot', 'ask', undefined, false, 'refunds 60.00, which nobody answers'],
];

const tells = (call, [agent, decision, answered, upstream]) =>
  (agent === undefined || call.agent === agent) &&
  call.decision === decision &&
  (call.answered ?? undefined) === answered &&
  call.upstream === upstream;

/** The first step of the story that the calls do not tell, in order; other calls in between are let be. */
function untold() {
  let position = 0;
  for (const step of story) {
    while (position < calls.length && !tells(calls[position], step)) position += 1;
    if (position === calls.length)
      return `${step[0] ?? 'someone'}: ${step[4]} (${step[1]}${step[2] ? `, ${step[2]}` : ''})`;
    position += 1;
  }
  return undefined;
}

const count = (test) => calls.filter(test).length;
const listed = (wrong) => (wrong.length === 0 ? undefined : JSON.stringify(wrong));
const isStatus = (status) => Number.isInteger(status) && status >= 200 && status < 600;
const isText = (value) => typeof value === 'string' && value.trim() !== '';
const endings = Array.isArray(run.ended?.what) ? run.ended.what.map((each) => JSON.stringify(each)) : [];

/** Each row: the fact, and what is wrong with it (undefined where it holds). */
const facts = [
  ['the calls tell the story in order', untold()],
  [
    'three questions were asked',
    count((call) => call.decision === 'ask') === 3 ? undefined : `${count((call) => call.decision === 'ask')}`,
  ],
  [
    'seven calls were denied',
    count((call) => call.decision === 'deny') === 7 ? undefined : `${count((call) => call.decision === 'deny')}`,
  ],
  [
    'every call names its agent and action, decision, reason and status',
    listed(
      calls.filter(
        ({ agent, action, decision, reason, upstream, status }) =>
          !isText(agent) ||
          !isText(action) ||
          !['permit', 'ask', 'deny'].includes(decision) ||
          !isText(reason) ||
          typeof upstream !== 'boolean' ||
          !(isStatus(status) || (status === null && !upstream)),
      ),
    ),
  ],
  [
    'the shop never saw what was denied',
    listed(calls.filter(({ decision, upstream }) => decision === 'deny' && upstream)),
  ],
  [
    'the shop saw what was asked only after a yes',
    listed(calls.filter(({ decision, answered, upstream }) => decision === 'ask' && upstream !== (answered === 'yes'))),
  ],
  [
    'what was permitted succeeded',
    listed(calls.filter(({ decision, status }) => decision === 'permit' && status >= 300)),
  ],
  [
    'what was denied was refused',
    listed(calls.filter(({ decision, status }) => decision === 'deny' && status !== null && status < 400)),
  ],
  [
    'the shop’s ledger holds 30.00 and 80.00 of this run, once each, on one order',
    refunds.map(({ amount }) => Number(amount)).join(' ') === '30 80' &&
    new Set(refunds.map(({ order }) => order)).size === 1 &&
    isText(String(refunds[0]?.order ?? ''))
      ? undefined
      : JSON.stringify(run.shop?.refunds),
  ],
  [
    'both tokens and the parked call died with the task',
    endings.filter((each) => /token|tok_/i.test(each)).length >= 2 &&
    endings.some((each) => /call|approval|apr_|parked/i.test(each))
      ? undefined
      : JSON.stringify(run.ended?.what),
  ],
  [
    'they died within a second',
    Number.isFinite(run.ended?.milliseconds) && run.ended.milliseconds >= 0 && run.ended.milliseconds <= 1000
      ? undefined
      : JSON.stringify(run.ended?.milliseconds),
  ],
  ['the log proves itself', run.log?.verified === true ? undefined : JSON.stringify(run.log)],
  [
    'the log holds every call',
    run.log?.entries >= calls.length && calls.length > 0
      ? undefined
      : `${run.log?.entries} entries, ${calls.length} calls`,
  ],
];
if (before !== undefined) {
  const entries = [before.log?.entries, run.log?.entries];
  facts.push([
    'the second run found the data of the first',
    entries[1] > entries[0] ? undefined : `entries: ${entries.join(', then ')}`,
  ]);
}

for (const [fact, wrong] of facts) process.stdout.write(wrong === undefined ? `✓ ${fact}\n` : `✗ ${fact}: ${wrong}\n`);
process.exitCode = facts.every(([, wrong]) => wrong === undefined) ? 0 : 1;
