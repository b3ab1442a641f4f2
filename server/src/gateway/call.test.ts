import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type AgentId,
  type CredentialId,
  JsonNumber,
  type JsonValue,
  type TaskId,
  type TenantId,
} from '@ambit/protocol';
import fc from 'fast-check';
import type { Action } from '../catalog/index.ts';
import { shopActions } from '../catalog/testing.ts';
import { closeShared } from '../tokens/testing.ts';
import { bodyDigest, type Call, digestOf, effectDigest, moneyOf } from './call.ts';
import { found, openGateway, refundCall, shopCall, type TestGateway } from './testing.ts';

const refund = shopActions().find(({ id }) => id === 'shop:refunds.create')!;
const moving = (money: Action['money']): Action => ({ ...refund, money });
const amountIn = (places: number, amount: JsonValue, currency: JsonValue = 'USD') => {
  const money = moveIn(places, 'body.currency');
  return moneyOf(moving(money), found({ 'body.amount': amount, 'body.currency': currency }));
};
const moveIn = (places: number, currency: string) => ({ amount: 'body.amount', currency, places });
const usd = (amount: string) => ({ amount, currency: 'USD' });

describe('the money of a call', () => {
  test('is read from the very values that are sent', () => {
    assert.deepEqual(amountIn(0, '30.00'), usd('30.00'));
    assert.deepEqual(amountIn(0, new JsonNumber('30.5')), usd('30.5'));
    assert.deepEqual(amountIn(0, '7', 'eur'), { amount: '7', currency: 'EUR' });
  });

  test('is none where the action moves none', () => {
    assert.equal(moneyOf(moving(null), found({ 'body.amount': '30.00', 'body.currency': 'USD' })), undefined);
  });

  test('has the currency that the catalog fixes, whatever the call says', () => {
    const given = found({ 'body.amount': '30.00', 'body.currency': 'JPY', USD: 'EUR' });
    assert.deepEqual(moneyOf(moving(moveIn(0, 'USD')), given), usd('30.00'));
  });

  test('cannot be read from what is not one plain amount in one currency', () => {
    const amounts: JsonValue[] = ['', ' 1', '1 ', '-1', '+1', '1e3', '0x10', '1,000', '1_000', '01', '.5', '5.', 'NaN']
      .concat(['٣', '１', '30.00 USD', 'Infinity'])
      .concat([null, true, ['1'], { a: '1' }] as never[]);
    for (const amount of amounts) {
      assert.equal(amountIn(0, amount), undefined, JSON.stringify(amount));
      assert.equal(amountIn(2, amount), undefined, JSON.stringify(amount));
    }
    for (const currency of ['', 'US', 'USDT', 'U$D', 'ＵＳＤ', 'uſd', null, true, ['USD']] as JsonValue[]) {
      assert.equal(amountIn(0, '1', currency), undefined, JSON.stringify(currency));
    }
    assert.equal(moneyOf(moving(moveIn(0, 'body.currency')), found({ 'body.currency': 'USD' })), undefined);
    assert.equal(moneyOf(moving(moveIn(0, 'body.currency')), found({ 'body.amount': '1' })), undefined);
  });

  test('in minor units is written out with its places', () => {
    const written: readonly [string, number, string][] = [
      ['3000', 2, '30.00'],
      ['5', 2, '0.05'],
      ['50', 2, '0.50'],
      ['0', 2, '0.00'],
      ['100', 2, '1.00'],
      ['1', 3, '0.001'],
      ['30', 0, '30'],
    ];
    for (const [minor, places, amount] of written) {
      assert.deepEqual(amountIn(places, minor), usd(amount));
      assert.deepEqual(amountIn(places, new JsonNumber(minor)), usd(amount));
    }
  });

  test('in minor units has no fraction, and no more places than can be counted', () => {
    assert.equal(amountIn(2, '30.00'), undefined);
    assert.equal(amountIn(2, '0.5'), undefined);
    assert.equal(amountIn(2, new JsonNumber('30.5')), undefined);
    assert.deepEqual(amountIn(2, new JsonNumber('30.0')), usd('0.30'), 'which is thirty');
    assert.equal(amountIn(10, '1'), undefined);
  });

  test('law: minor units and their amount differ by the power of ten of their places, exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }), fc.integer({ min: 1, max: 9 }), (minor, places) => {
        const read = amountIn(places, `${minor}`);
        const [whole, fraction] = read!.amount.split('.') as [string, string];
        assert.equal(fraction.length, places);
        assert.equal(BigInt(whole) * 10n ** BigInt(places) + BigInt(fraction), minor);
      }),
    );
  });
});

describe('the digest of a call', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openGateway();
  });
  after(closeShared);

  const by = {
    tenant: 'ten_1' as TenantId,
    task: 'tsk_1' as TaskId,
    agent: 'agt_1' as AgentId,
    credential: 'crd_1' as CredentialId,
  };
  const bytes = (body: string) => ({ mediaType: 'application/json', bytes: Buffer.from(body) });

  test('is the same for the same call, and a sha-256', () => {
    const [one, two] = [refundCall(gateway), refundCall(gateway)];
    assert.match(digestOf(one, by), /^sha-256:[\w-]{43}$/);
    assert.equal(digestOf(one, by), digestOf(two, by));
    assert.equal(effectDigest(one), effectDigest(two));
  });

  test('law: changes with each of its parts, and with nothing that is only said', () => {
    const base = refundCall(gateway);
    const parts: Record<string, (text: string) => { call?: Partial<Call>; by?: Partial<typeof by> }> = {
      method: (method) => ({ call: { method } }),
      origin: (origin) => ({ call: { origin } }),
      path: (path) => ({ call: { path } }),
      query: (query) => ({ call: { query } }),
      body: (body) => ({ call: { body: bytes(body) } }),
      header: (value) => ({ call: { headers: { 'x-one': value } } }),
      'header name': (name) => ({ call: { headers: { [name]: 'x' } } }),
      catalog: (catalogVersion) => ({ call: { catalogVersion } }),
      tenant: (tenant) => ({ by: { tenant: tenant as TenantId } }),
      task: (task) => ({ by: { task: task as TaskId } }),
      agent: (agent) => ({ by: { agent: agent as AgentId } }),
      credential: (credential) => ({ by: { credential: credential as CredentialId } }),
    };
    const digest = ({ call, by: who }: { call?: Partial<Call>; by?: Partial<typeof by> }) =>
      digestOf({ ...base, ...call }, { ...by, ...who });
    const text = fc.string({ minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(parts)),
        text,
        fc.constantFrom(...Object.keys(parts)),
        text,
        (a, x, b, y) => {
          const [one, two] = [parts[a]!(x), parts[b]!(y)];
          assert.notEqual(digest(one), digest({}));
          assert.equal(digest(one) === digest(two), a === b && x === y);
        },
      ),
      { numRuns: 300 },
    );
    assert.notEqual(digestOf(base, { ...by, credential: null }), digestOf(base, by));
    assert.notEqual(digest({ call: { body: null } }), digest({ call: { body: bytes('') } }));
    const said: Partial<Call> = { claim: { reason: 'x', step: 'y', toolCall: 'z' }, trace: [['traceparent', 'x']] };
    assert.equal(digest({ call: said }), digest({}));
  });

  test('of the effect is the same whoever asks, and another for another effect', () => {
    const base = refundCall(gateway);
    const reordered = new Map([...base.arguments].reverse());
    const same: Partial<Call>[] = [
      { headers: { a: 'b' } },
      { catalogVersion: 'other' },
      { arguments: reordered, query: 'other=order', body: bytes('{"printed": "in another order"}') },
      { arguments: new Map([...base.arguments, ['header.x-request-id', 'another']]) },
    ];
    for (const one of same) assert.equal(effectDigest({ ...base, ...one }), effectDigest(base));
    const others: Partial<Call>[] = [
      { action: { ...base.action, id: 'shop:orders.cancel' } },
      { origin: 'https://other.example' },
      { arguments: new Map([...base.arguments, ['path.orderId', '1043']]) },
      { arguments: new Map([...base.arguments, ['query.a', '1']]) },
      { arguments: new Map() },
    ];
    for (const one of others) assert.notEqual(effectDigest({ ...base, ...one }), effectDigest(base));
  });

  test('says of a body that passes unread only that it does', () => {
    const { Readable } = process.getBuiltinModule('node:stream');
    const stream = { mediaType: 'text/plain', stream: Readable.from(['x']), bytesLength: 1 };
    assert.equal(bodyDigest({ ...refundCall(gateway), body: stream }), 'unread');
    assert.equal(bodyDigest(shopCall(gateway, 'GET', '/orders/1042')), null);
  });
});
