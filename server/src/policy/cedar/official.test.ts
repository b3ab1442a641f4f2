import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Json } from './json.ts';
import { loadEntities, loadRequest } from './load.ts';
import { startOfficial } from './official.ts';
import { OfficialError } from './official-error.ts';
import { startThread } from './official-thread.ts';

/** Deep enough that the official build runs out of its stack, and for good. */
const killer = `permit(principal, action, resource) when { ${'('.repeat(2_000)}1${')'.repeat(2_000)} == 1 };`;
const harmless = 'permit(principal, action, resource) when { context.n == 9223372036854775807 };';

const isLost = (error: unknown): boolean => error instanceof OfficialError && error.fault === 'lost';

const request = loadRequest({
  principal: { type: 'U', id: 'a' },
  action: { type: 'Action', id: 'read' },
  resource: { type: 'U', id: 'a' },
  context: { n: 9223372036854775807n, text: '"\\é😀\n' },
});

describe('the thread of the official build', () => {
  const official = startOfficial();
  after(official.close);

  test('a killer policy costs its own call and no later one', async () => {
    await assert.rejects(official.parse(killer), isLost);
    assert.equal((await official.parse(harmless)).kind, 'parsed');
  });

  test('a killer among other calls leaves their answers right', async () => {
    const policies = { version: 'v', texts: new Map([['p', harmless]]) };
    const decide = () => official.authorize('whole', policies, request, new Map());
    await decide();
    const [lost, ...others] = await Promise.allSettled([
      official.trees([killer]),
      official.parse(harmless),
      official.parse(harmless),
    ]);
    assert.equal(lost.status, 'rejected');
    assert.deepEqual(
      others.map(({ status }) => status),
      ['fulfilled', 'fulfilled'],
    );
    assert.deepEqual((await decide()).reasons, ['p'], 'what the lost thread had prepared is prepared again');
  });

  test('integers beyond 2^53 pass unharmed in both directions', async () => {
    const [tree] = await official.trees([harmless]);
    assert.match(
      JSON.stringify(tree, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)),
      /"9223372036854775807n"/,
    );
    const other = harmless.replace('807', '806');
    const texts = new Map([
      ['exact', harmless],
      ['rounded', other],
    ]);
    const { reasons } = await official.authorize('whole', { version: 'i', texts }, request, loadEntities([]));
    assert.deepEqual(reasons, ['exact']);
  });

  test('a decision is that of the version asked for, however the calls interleave', async () => {
    const version = (name: string) => ({
      version: name,
      texts: new Map([[name, 'permit(principal, action, resource);']]),
    });
    const names = ['a', 'b', 'a', 'a', 'b', 'c', 'a', 'b', 'b', 'c', 'c', 'a'];
    const ask = (name: string) => official.authorize('whole', version(name), request, new Map());
    const [first, second] = [await Promise.all(names.map(ask)), await Promise.all(names.map(ask))];
    for (const answers of [first, second])
      assert.deepEqual(
        answers.map(({ reasons }) => reasons[0]),
        names,
      );
  });

  test('what the build refuses is refused, and the thread stays', async () => {
    await assert.rejects(official.trees(['permit(']), OfficialError);
    await assert.rejects(official.authorizeText('{}'), OfficialError);
    await assert.rejects(official.authorizeText('{"principal":"\ud800"}'), OfficialError);
    const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)]);
    await assert.rejects(official.authorizeText(JSON.stringify({ context: nested(200) })), OfficialError);
    assert.equal((await official.parse(harmless)).kind, 'parsed');
  });

  test('policies come back in the order in which they were written', async () => {
    const texts = Array.from({ length: 23 }, (_, place) => `@id("${place}") permit(principal, action, resource);`);
    const parsed = await official.parse(texts.join('\n'));
    assert.deepEqual(parsed.kind === 'parsed' && parsed.policies, texts);
  });
});

describe('a thread that does not answer', () => {
  test('is given up after its time, and replaced', async () => {
    const thread = startThread({ timeoutMilliseconds: 1, waitingMax: 2 });
    const call = { name: 'getCedarVersion', args: [] };
    await assert.rejects(thread.ask([call]), (error) => isLost(error) && /no answer within 1 ms/.test(String(error)));
    assert.equal(thread.generation(), 1);
    await thread.close();
  });

  test('never has more waiting than it was told, and refuses once closed', async () => {
    const thread = startThread({ timeoutMilliseconds: 20_000, waitingMax: 2 });
    const ask = () => thread.ask([{ name: 'getCedarLangVersion', args: [] }]);
    const answers = await Promise.allSettled([ask(), ask(), ask(), ask()]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'fulfilled', 'rejected'],
    );
    assert.deepEqual(await ask(), ['4.5']);
    const waiting = ask();
    await Promise.all([assert.rejects(waiting, isLost), thread.close()]);
    await assert.rejects(ask(), isLost);
  });
});
