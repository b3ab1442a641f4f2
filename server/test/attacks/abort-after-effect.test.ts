// The upstream pays, then its connection dies: whoever can make a paid refund look unpaid gets it paid again.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Bot, type House, openHouse } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';
import {
  answer,
  callsOf,
  type Heard,
  handmadeUpstream,
  outcomeOf,
  refund,
  refundsUpTo,
  refused,
  type Upstream,
} from './witness.ts';

let house: House;
let upstream: Upstream;
let behave: (request: Heard) => void;
before(async () => {
  upstream = await handmadeUpstream((request) => behave(request));
  house = await openHouse({ upstream: upstream.url });
});
after(async () => {
  await house.close();
  await upstream.close();
});

async function begun(bot: Bot, max: string) {
  const task = await house.openTask({ agent: bot.id, authority: refundsUpTo(max) });
  const agent = await rawAgent(house, bot);
  return { task, agent, token: await agent.accept(task), before: upstream.writes().length };
}

type Ending = {
  readonly amount: string;
  readonly bot: 'refundBot' | 'lookupBot';
  readonly code: 'unknown' | 'done';
  behave(request: Heard): void;
};

// Each pays another amount: the same write again would be held back for a person, which is another row's story.
const endings: Record<string, Ending> = {
  'dies before its answer': {
    amount: '41.00',
    bot: 'refundBot',
    code: 'unknown',
    behave: ({ socket }) => socket.destroy(),
  },
  'answers in no language at all': {
    amount: '42.00',
    bot: 'refundBot',
    code: 'unknown',
    behave: ({ socket }) => socket.end('paid, thank you\r\n\r\n'),
  },
  'fails after the effect': {
    amount: '43.00',
    bot: 'lookupBot',
    code: 'unknown',
    behave: ({ socket }) => answer(socket, 500, { detail: 'The ledger is written, the letter is not.' }),
  },
  'resets half-way through its yes': {
    amount: '44.00',
    bot: 'lookupBot',
    code: 'unknown',
    behave({ socket }) {
      socket.write('HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"id":');
      setTimeout(() => socket.resetAndDestroy(), 50);
    },
  },
};

for (const [how, { amount, bot, code, behave: ending }] of Object.entries(endings)) {
  test(`a refund whose upstream ${how} stays spent and is never called a denial`, async () => {
    behave = ending;
    const { task, agent, token, before } = await begun(house[bot], amount);
    const response = await refund(agent, token, amount).catch((error: unknown) => error);
    if (response instanceof Response && response.headers.get('ambit-source') !== 'upstream') {
      const told = await refused(response, 'gateway.upstream_unknown');
      assert.match(told.detail, /not known/);
      assert.match(told.detail, /do not repeat it/);
    }
    const step = await outcomeOf(house, task);
    assert.equal(step.decided, 'permit');
    assert.equal(step.code, null);
    assert.equal(step.outcome?.code, code);
    assert.equal((await callsOf(house, task)).length, 1, 'the failure was written as a decision');
    assert.equal(upstream.writes().length, before + 1, 'the write was repeated');
    await refused(await refund(agent, token, '0.01'), 'limits.sum_exceeded');
    assert.equal(upstream.writes().length, before + 1);
  });
}

test('only where the upstream itself says that nothing was done does the amount come back', async () => {
  behave = ({ socket }) => answer(socket, 422, { detail: 'This order was refunded already.' });
  const { task, agent, token } = await begun(house.malloryBot, '45.00');
  const said = await refund(agent, token, '45.00');
  assert.equal(said.status, 422);
  assert.equal(said.headers.get('ambit-source'), 'upstream');
  assert.equal((await outcomeOf(house, task)).outcome?.code, 'failed');
  behave = ({ socket }) => answer(socket, 201, { id: 'rfd_1' });
  assert.equal((await refund(agent, token, '45.00')).status, 201);
  await refused(await refund(agent, token, '0.01'), 'limits.sum_exceeded');
});

test('an agent that hangs up once its refund has been sent is told of in the log, and has spent it', async () => {
  const leaving = new AbortController();
  behave = ({ socket }) => {
    leaving.abort();
    setTimeout(() => answer(socket, 201, { id: 'rfd_2' }), 100);
  };
  const { task, agent, token, before } = await begun(house.malloryBot, '46.00');
  await assert.rejects(refund(agent, token, '46.00', { signal: leaving.signal }));
  const step = await outcomeOf(house, task);
  assert.equal(step.decided, 'permit');
  assert.equal(step.outcome?.code, 'done');
  assert.equal(upstream.writes().length, before + 1);
  await refused(await refund(agent, token, '0.01'), 'limits.sum_exceeded');
});
