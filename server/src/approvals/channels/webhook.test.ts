import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { after, afterEach, before, beforeEach, describe, mock, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { conclude } from '../resume.ts';
import { refundShown, refusal } from '../testing.ts';
import { addNewChannel, enableChannel, removeChannel, rotateChannel, testChannel } from './change-channels.ts';
import type { Channel, NewChannel } from './channel.ts';
import { deadAfterMs } from './deliver.ts';
import { findChannel, findPosition, listChannels, listDeliveries } from './store.ts';
import { type Heard, openEndpoint, openTestChannels, people, type TestChannels } from './testing.ts';

let house: TestChannels;
let endpoint: Awaited<ReturnType<typeof openEndpoint>>;
before(async () => {
  house = await openTestChannels();
});
after(() => house.close());
beforeEach(async () => {
  endpoint = await openEndpoint();
});
afterEach(async () => {
  const { t, changing } = house;
  for (const { id } of await listChannels(t.ground, t.home.tenant, ['active', 'disabled']))
    await removeChannel(changing, t.home.admin.caller, id);
  await endpoint.close();
});

const add = async (more: Partial<NewChannel> = {}) => {
  const given = { kind: 'webhook', name: 'pager', url: endpoint.url, ...more } as const;
  const { channel, made } = await addNewChannel(house.changing, house.t.home.admin.caller, given);
  return { ...channel, secret: made!.secret, shown: made!.shown };
};
const bodyOf = ({ text }: Heard) => JSON.parse(text) as { type: string; timestamp: string; data: Fields };
type Fields = Record<string, unknown>;
/** As the receiver sees it, whose clock shows what ours does. */
function verified({ text, headers }: Heard, secret: string): Fields {
  mock.timers.enable({ apis: ['Date'], now: house.t.ground.clock() });
  try {
    return new Webhook(secret).verify(text, headers as Record<string, string>) as Fields;
  } finally {
    mock.timers.reset();
  }
}
const deliveriesOf = ({ id }: Channel) => listDeliveries(house.t.ground, house.t.home.tenant, id, 100);
const sleepMs = (milliseconds: number) => house.t.ground.clock.advance(milliseconds);
const channelNow = async ({ id }: Channel) => (await findChannel(house.t.ground, house.t.home.tenant, id))!;

describe('a webhook', () => {
  test('of a question is one that another implementation of Standard Webhooks takes, and leads to the card', async () => {
    const { secret, id } = await add();
    const asked = await house.t.ask();
    await house.tell();
    const [first, ...more] = endpoint.heard;
    assert.equal(more.length, 0);
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.deepEqual(verified(first!, secret), {
      type: 'approval.asked',
      timestamp: new Date(asked.askedAt).toISOString(),
      data: {
        tenant: house.t.home.tenant,
        channel: id,
        approval: asked.id,
        task: asked.task,
        agent: asked.agent,
        requester: asked.requester,
        action: 'shop:refunds.create',
        sentence: 'Refund 80.00 USD for order 1042',
        expiresAt: new Date(asked.expiresAt).toISOString(),
        link: `${people}/inbox/${asked.id}`,
      },
    });
    assert.match(first!.headers['webhook-id'] as string, /^dlv_[0-9a-z]+$/, 'no full stop is in what is signed first');
    assert.throws(() => verified({ ...first!, text: first!.text.replace('80.00', '90.00') }, secret));
  });

  test('tells an answer and an end, each once, and nothing when the same is asked again', async () => {
    await add();
    const { task, agent, asks, callDigest } = house.t.question();
    const question = { task, agent, asks, callDigest };
    const asked = await house.t.ask(question);
    await house.t.ask(question);
    await house.t.answer(house.t.bob, asked, { answer: 'no' });
    const late = await house.t.ask();
    await conclude(house.t.ground, house.t.home.tenant, late, 'expired', 'nobody answered in time');
    await house.tell();
    await house.tell();
    const told = endpoint.heard
      .map(bodyOf)
      .map(({ type, data }) => [type, data.approval, data.answer, data.answeredBy]);
    assert.deepEqual(told, [
      ['approval.asked', asked.id, undefined, undefined],
      ['approval.answered', asked.id, 'no', house.t.bob.person.id],
      ['approval.asked', late.id, undefined, undefined],
      ['approval.expired', late.id, undefined, undefined],
    ]);
  });

  test('tells what happens from when it was added on', async () => {
    await house.t.ask();
    await add();
    await house.tell();
    assert.deepEqual(endpoint.heard, []);
  });

  test('that is not taken comes again with the same id and body at another time; the outage is one entry, and so is its end', async () => {
    const channel = await add();
    endpoint.answers.push(503, 500, 404);
    await house.t.ask();
    await house.t.ask();
    const before = (await house.entries()).length;
    for (const wait of [0, 999, 1, 2000, 4000]) {
      sleepMs(wait);
      await house.tell();
    }
    const ids = endpoint.heard.map(({ headers }) => headers['webhook-id']);
    assert.equal(ids.length, 5, 'three failed, then two were taken; nothing is sent before its time');
    assert.equal(new Set(ids.slice(0, 4)).size, 1);
    assert.equal(new Set(endpoint.heard.slice(0, 4).map(({ text }) => text)).size, 1);
    assert.notEqual(ids[4], ids[0], 'the order is kept');
    const times = endpoint.heard.map(({ headers }) => Number(headers['webhook-timestamp']));
    assert.ok(times[3]! >= times[0]! + 7);
    assert.deepEqual((await house.entries()).slice(before), ['channel.failing', 'channel.recovered']);
    const [second, first] = await deliveriesOf(channel);
    assert.deepEqual([first?.state, first?.attempts, first?.said], ['delivered', 4, 'it answered 204']);
    assert.deepEqual([second?.state, second?.attempts], ['delivered', 1]);
  });

  test('comes again no sooner than its receiver asks for, and an hour later at most', async () => {
    await add();
    endpoint.answers.push({ status: 429, retryAfter: '30' }, { status: 503, retryAfter: '999999999' });
    endpoint.answers.push({ status: 503, retryAfter: 'Fri, 31 Dec 2999 23:59:59 GMT' });
    await house.t.ask();
    const heardAfter = async (milliseconds: number) => {
      sleepMs(milliseconds);
      await house.tell();
      return endpoint.heard.length;
    };
    const counts = [];
    for (const wait of [0, 29_999, 1, 3_599_999, 1, 3999, 1]) counts.push(await heardAfter(wait));
    assert.deepEqual(counts, [1, 1, 2, 2, 3, 3, 4]);
  });

  test('that its receiver cannot use is given up after three attempts, which is an entry, and the next follows', async () => {
    const channel = await add();
    endpoint.answers.push(400, 422, 400);
    await house.t.ask();
    await house.t.ask();
    const before = (await house.entries()).length;
    for (const wait of [0, 1000, 2000]) {
      sleepMs(wait);
      await house.tell();
    }
    const states = (await deliveriesOf(channel)).map(({ state, said }) => [state, said]);
    assert.deepEqual(states, [
      ['delivered', 'it answered 204'],
      ['refused', 'it answered 400'],
    ]);
    assert.deepEqual((await house.entries()).slice(before), [
      'channel.failing',
      'channel.not-taken',
      'channel.recovered',
    ]);
  });

  test('that nobody takes for days is the last: the channel is disabled with an entry, and an administrator enables it', async () => {
    const channel = await add();
    await endpoint.close();
    await house.t.ask();
    await house.tell();
    const failing = await findPosition(house.t.ground, house.t.home.tenant, channel.id);
    assert.equal(failing?.failingSince, house.t.ground.clock());
    sleepMs(deadAfterMs);
    await house.tell();
    const now = await channelNow(channel);
    assert.equal(now.state, 'disabled');
    assert.match(now.reason ?? '', /nothing was taken since 20/);
    assert.deepEqual(
      (await deliveriesOf(channel)).map(({ state }) => state),
      ['dropped'],
    );
    assert.equal((await house.entries()).at(-1), 'channel.disabled');
    const by = house.t.home.admin.caller;
    await assert.rejects(testChannel(house.changing, by, channel.id), refusal('channel.disabled'));
    await enableChannel(house.changing, by, channel.id);
    await house.tell();
    assert.deepEqual(
      (await deliveriesOf(channel)).map(({ state }) => state),
      ['dropped'],
      'what is past is not told',
    );
    await assert.rejects(enableChannel(house.changing, by, channel.id), refusal('channel.enabled'));
  });

  test('to a receiver that is gone (410) disables the channel at once', async () => {
    const channel = await add();
    endpoint.answers.push(410);
    await house.t.ask();
    await house.tell();
    assert.deepEqual([(await channelNow(channel)).state, endpoint.heard.length], ['disabled', 1]);
  });

  test('follows no redirect', async () => {
    const channel = await add();
    endpoint.answers.push(302);
    await house.t.ask();
    await house.tell();
    assert.equal(endpoint.heard.length, 1);
    assert.deepEqual(
      (await deliveriesOf(channel)).map(({ state, said }) => [state, said]),
      [['waiting', 'it answered 302']],
    );
  });

  test('says what cannot be seen in code points, and what is too long not at all', async () => {
    await add();
    const lying = 'Refund 80.00\r\nBcc: mallory@example.com \u202E00.08 to Dana\u200B';
    await house.t.ask({ shown: { ...refundShown, sentence: lying } });
    await house.t.ask({ shown: { ...refundShown, sentence: `Refund 80.00 ${'x'.repeat(2000)}` } });
    await house.tell();
    assert.deepEqual(
      endpoint.heard.map((one) => bodyOf(one).data.sentence),
      [
        'Refund 80.00[U+000D][U+000A]Bcc: mallory@example.com [U+202E]00.08 to Dana[U+200B]',
        'Call shop:refunds.create. What it would do is on the card alone.',
      ],
    );
  });
});

describe('a secret', () => {
  test('that was rotated signs beside the new one until the overlap ends, and lies sealed', async () => {
    const channel = await add();
    const by = house.t.home.admin.caller;
    const { made } = await rotateChannel(house.changing, by, { id: channel.id, overlapSeconds: 3600 });
    await house.t.ask();
    await house.tell();
    for (const secret of [channel.secret, made!.secret]) verified(endpoint.heard[0]!, secret);
    sleepMs(3_600_000);
    await house.t.ask();
    await house.tell();
    verified(endpoint.heard[1]!, made!.secret);
    assert.throws(() => verified(endpoint.heard[1]!, channel.secret), 'the overlap is over');
    const { made: third } = await rotateChannel(house.changing, by, { id: channel.id, overlapSeconds: 0 });
    await house.t.ask();
    await house.tell();
    verified(endpoint.heard[2]!, third!.secret);
    assert.throws(() => verified(endpoint.heard[2]!, made!.secret), 'there was no overlap');
    const { secrets } = await channelNow(channel);
    assert.doesNotMatch(JSON.stringify(secrets), /whs/);
    assert.equal(secrets.length, 1);
  });

  test('may be a key pair, of which the receiver knows the public half (v1a)', async () => {
    const { shown } = await add({ signing: 'ed25519' });
    await house.t.ask();
    await house.tell();
    const { text, headers } = endpoint.heard[0]!;
    const [version, signature] = (headers['webhook-signature'] as string).split(',');
    const x = Buffer.from(shown!.slice('whpk_'.length), 'base64').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
    assert.equal(version, 'v1a');
    assert.ok(verify(null, Buffer.from(signed), key, Buffer.from(signature!, 'base64')));
    assert.ok(!verify(null, Buffer.from(`${signed} `), key, Buffer.from(signature!, 'base64')));
  });
});

describe('a channel', () => {
  test('is added for https alone, except on loopback, and for one address that can be read in one way', async () => {
    for (const url of [
      'http://hooks.example/a',
      'https://u:p@hooks.example/',
      'https://hooks.example/#x',
      'ftp://a',
      '',
    ]) {
      await assert.rejects(add({ url }), refusal('channel.endpoint_invalid'), url);
    }
    assert.equal((await add({ url: 'https://hooks.example/a?b=c' })).url, 'https://hooks.example/a?b=c');
  });

  test('whose endpoint lies inside is disabled, and says why', async () => {
    const channel = await add({ url: 'https://10.0.0.1/hook' });
    await house.t.ask();
    await house.tell();
    const { state, reason } = await channelNow(channel);
    assert.equal(state, 'disabled');
    assert.match(reason ?? '', /10\.0\.0\.1 is private/);
  });

  test('is changed by an administrator of its tenant alone', async () => {
    const channel = await add();
    const { bob, home } = house.t;
    const given = { kind: 'webhook', name: 'mine', url: endpoint.url } as const;
    await assert.rejects(addNewChannel(house.changing, bob.caller, given), refusal('caller.not_allowed'));
    await assert.rejects(removeChannel(house.changing, bob.caller, channel.id), refusal('caller.not_allowed'));
    const next = await house.t.nextDoor();
    const other = next.home.admin.caller;
    await assert.rejects(removeChannel(house.changing, other, channel.id), refusal('thing.not_found'));
    await assert.rejects(
      rotateChannel(house.changing, other, { id: channel.id, overlapSeconds: 0 }),
      refusal('thing.not_found'),
    );
    await next.ask();
    await house.tell();
    await house.tell({ node: 'first' }, next.home.tenant);
    assert.deepEqual(endpoint.heard, [], `what happens next door is not told to ${home.tenant}`);
  });

  test('sends a test the way of every notice', async () => {
    const channel = await add();
    const { delivery } = await testChannel(house.changing, house.t.home.admin.caller, channel.id);
    await house.tell();
    assert.deepEqual(bodyOf(endpoint.heard[0]!).data, { tenant: house.t.home.tenant, channel: channel.id });
    assert.equal(bodyOf(endpoint.heard[0]!).type, 'channel.test');
    assert.equal(endpoint.heard[0]!.headers['webhook-id'], delivery.id);
  });

  test('that was removed is told nothing more, not even what waited, and keeps no secret', async () => {
    const channel = await add();
    endpoint.answers.push(503);
    await house.t.ask();
    await house.tell();
    await removeChannel(house.changing, house.t.home.admin.caller, channel.id);
    sleepMs(600_000);
    await house.tell();
    assert.equal(endpoint.heard.length, 1);
    assert.deepEqual((await channelNow(channel)).secrets, []);
    await assert.rejects(
      testChannel(house.changing, house.t.home.admin.caller, channel.id),
      refusal('thing.not_found'),
    );
  });

  for (const status of [204, 503, 410]) {
    test(`that was removed while its receiver had one at hand is told nothing more, whatever it answers (${status})`, async () => {
      const channel = await add();
      await house.t.ask();
      await house.t.ask();
      const before = (await house.entries()).length;
      endpoint.answers.push(status);
      endpoint.meanwhile.push(() => removeChannel(house.changing, house.t.home.admin.caller, channel.id));
      await house.tell();
      sleepMs(600_000);
      await house.tell();
      assert.equal(endpoint.heard.length, 1);
      assert.deepEqual((await house.entries()).slice(before), ['channel.removed'], 'its end is the last word on it');
      assert.deepEqual([(await channelNow(channel)).state, (await channelNow(channel)).secrets], ['removed', []]);
      assert.deepEqual(
        (await deliveriesOf(channel)).map(({ state }) => state),
        ['dropped', 'dropped'],
      );
    });
  }

  test('that was rotated while its receiver had one at hand signs the next one anew', async () => {
    const channel = await add();
    await house.t.ask();
    await house.t.ask();
    let next = '';
    endpoint.meanwhile.push(async () => {
      const wanted = { id: channel.id, overlapSeconds: 0 };
      next = (await rotateChannel(house.changing, house.t.home.admin.caller, wanted)).made!.secret;
    });
    await house.tell();
    const [first, second] = endpoint.heard;
    verified(first!, channel.secret);
    verified(second!, next);
    assert.throws(() => verified(second!, channel.secret));
  });
});

describe('of several nodes', () => {
  test('one sends, though all follow the log; another goes on when that one is gone', async () => {
    await add();
    await house.t.ask();
    await Promise.all([house.tell({ node: 'first' }), house.tell({ node: 'second' })]);
    await house.tell({ node: 'second' });
    assert.equal(endpoint.heard.length, 1);
    const position = await findPosition(
      house.t.ground,
      house.t.home.tenant,
      (await listChannels(house.t.ground, house.t.home.tenant, ['active']))[0]!.id,
    );
    const [sender, other] = position?.holder === 'first' ? ['first', 'second'] : ['second', 'first'];
    await house.t.ask();
    await house.tell({ node: other! });
    assert.equal(endpoint.heard.length, 1, `${sender} has the channel`);
    await house.tell({ node: other!, gone: true });
    assert.equal(endpoint.heard.length, 2);
  });
});
