// Bob has `ambit approval watch` open: a question comes, he reads the card and types his answer, and it counts once.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import { printKey } from '@ambit/sdk/operator';
import { runIn } from '../../../cli/src/main.ts';
import { asked, atWork, poll } from '../attacks/questions.ts';
import { refused, until } from '../attacks/witness.ts';
import { type House, openHouse, type Player } from '../house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

/** The command line of that person, at a terminal or not. */
function watching({ id, key }: Player, isTTY: boolean, ...flags: readonly string[]) {
  const file = join(house.directory, `${id}.key`);
  writeFileSync(file, printKey(key), { mode: 0o600 });
  const stream = () => Object.assign(new PassThrough(), { isTTY });
  const [stdin, stdout, stderr] = [stream(), stream(), stream()];
  let out = '';
  const { promise: stopped, resolve } = Promise.withResolvers<string>();
  stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  let prompts = 0;
  stderr.setEncoding('utf8').on('data', (text: string) => {
    prompts += text.split('Type yes or no').length - 1;
  });
  const env = { AMBIT_URL: house.plane.people, AMBIT_PERSON: id, AMBIT_PERSON_KEY: file, NO_COLOR: '1' };
  const world = { env, clock: Date.now, stdin, stdout, stderr, stopped: () => stopped };
  const code = runIn(world, ['approval', 'watch', ...flags]);
  return {
    code,
    stop: () => resolve('SIGINT'),
    out: () => out,
    prompts: () => prompts,
    type: (text: string) => stdin.write(`${text}\n`),
    leave: () => stdin.end(),
  };
}

test('each question is shown once, with its card, and a typed yes or no is his signed answer', async () => {
  const terminal = watching(house.bob, true);
  const first = await asked(house, await atWork(house));
  await until('the prompt', () => terminal.prompts() === 1 || undefined);
  assert.ok(terminal.out().includes(first.question.digest));
  terminal.type('yes');
  assert.equal((await poll(first)).status, 201);
  const second = await asked(house, await atWork(house), '81.00');
  await until('the second prompt', () => terminal.prompts() === 2 || undefined);
  terminal.type('no');
  await refused(await poll(second), 'approval.refused');
  const third = await asked(house, await atWork(house), '82.00');
  await until('the third prompt', () => terminal.prompts() === 3 || undefined);
  terminal.leave();
  assert.equal(await terminal.code, 0, 'who leaves a question ends it');
  assert.equal((await house.bob.operator.approvals.show(third.question.id)).state, 'parked', 'and answers nothing');
  assert.match(terminal.out(), /You said yes\. It runs once/);
  assert.match(terminal.out(), /You said no\. It was never sent/);
});

test('without a terminal nothing is asked and nothing signed: lines, or JSON, until it is stopped', async () => {
  const waiting = await asked(house, await atWork(house), '83.00');
  const watcher = watching(house.bob, false, '--json');
  const found = await until('the question', () =>
    watcher
      .out()
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => JSON.parse(text) as { id: string })
      .find(({ id }) => id === waiting.question.id),
  );
  assert.ok(found);
  watcher.stop();
  assert.equal(await watcher.code, 0);
  assert.equal(watcher.prompts(), 0);
});

test('told to stop, or left without input, it goes also while a question waits for an answer', async () => {
  const { question } = await asked(house, await atWork(house), '83.50');
  for (const goes of ['stop', 'leave'] as const) {
    const terminal = watching(house.bob, true);
    await until('the prompt', () => terminal.prompts() > 0 || undefined);
    terminal[goes]();
    assert.equal(await terminal.code, 0, goes);
  }
  const gone = watching(house.bob, true);
  gone.leave();
  assert.equal(await gone.code, 0, 'input that ended before anything was asked');
  assert.equal((await house.bob.operator.approvals.show(question.id)).state, 'parked');
});

test('who asked for the task sees no question to answer', async () => {
  const watcher = watching(house.alice, false);
  watcher.stop();
  assert.equal(await watcher.code, 0);
  assert.equal(watcher.out(), '');
});

test('a question that wants a passkey is shown, and nobody is asked to sign what would not count', async () => {
  const rule = { role: 'approver', answersNeeded: 1, notRequester: true, notOwner: false, ttlSeconds: 600 } as const;
  const action = 'shop:refunds.create';
  await house.ada.operator.approvals.setRule({ ...rule, action, keys: ['passkey'] });
  const { question } = await asked(house, await atWork(house), '84.00');
  const terminal = watching(house.bob, true);
  const told = `It wants a passkey, which answers in the console: /inbox/${question.id}`;
  await until('the word on it', async () => {
    // Others that wait here were asked before the rule was: each is left as it is.
    if (!terminal.out().includes(told)) terminal.type('later');
    return terminal.out().includes(told) || undefined;
  });
  terminal.stop();
  terminal.leave();
  assert.equal(await terminal.code, 0);
  assert.equal((await house.bob.operator.approvals.show(question.id)).state, 'parked');
});
