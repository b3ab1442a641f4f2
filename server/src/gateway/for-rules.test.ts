import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { JsonNumber } from '@ambit/protocol';
import fc from 'fast-check';
import { closeShared } from '../tokens/testing.ts';
import { actionForRules, callForAction } from './for-rules.ts';
import { found, openGateway, type TestGateway } from './testing.ts';

let gateway: TestGateway;
before(async () => {
  gateway = await openGateway();
});
after(closeShared);

test('an action is to the rules what its arguments and its classification are, prepared once', () => {
  const action = gateway.catalog.action('shop:refunds.create')!;
  const seen = actionForRules(action);
  const { id, effect, reversibility, reach } = action;
  assert.deepEqual({ ...seen, arguments: [] }, { id, effect, reversibility, reach, arguments: [] });
  const required = seen.arguments.filter((one) => one.required).map((one) => one.name);
  assert.deepEqual(required.includes('path.orderId') && required.includes('body.amount'), true);
  assert.equal(actionForRules(action), seen);
});

describe('a call of another action with the arguments of this one', () => {
  const of = (id: string, given: Parameters<typeof found>[0]) => callForAction(gateway.catalog, id, found(given));

  test('is read like any other: its path is built from the arguments it shares', () => {
    const made = of('shop:orders.get', { 'path.orderId': '1042', 'body.amount': '30.00' })!;
    assert.deepEqual([made.action.id, made.path, made.query], ['shop:orders.get', '/orders/1042', '']);
    assert.equal(made.arguments.get('path.orderId'), '1042');
    assert.deepEqual(made.resources, ['shop:orders/1042']);
    assert.equal(of('shop:orders.get', { 'path.orderId': new JsonNumber('1042') })?.path, '/orders/1042');
  });

  test('is none where the action is unknown or needs what is not there', () => {
    assert.equal(of('shop:orders.gone', { 'path.orderId': '1042' }), undefined);
    assert.equal(of('__proto__', {}), undefined);
    assert.equal(of('crm:orders.get', { 'path.orderId': '1042' }), undefined);
    assert.equal(of('shop:orders.get', {}), undefined);
    assert.equal(of('shop:customers.get', { 'path.orderId': '1042' }), undefined);
    for (const value of [null, true, ['1042'], { id: '1042' }]) {
      assert.equal(of('shop:orders.get', { 'path.orderId': value as never }), undefined);
    }
  });

  test('that has a body of its own cannot be made up', () => {
    assert.throws(
      () => of('shop:refunds.create', { 'path.orderId': '1042' }),
      (error: { code?: string }) => {
        assert.match(String(error.code), /^catalog\./);
        return true;
      },
    );
  });

  test('law: an argument never becomes another path: it is that one segment, or the call is refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('..', '.', '../payroll', 'a/b', '%2e%2e')),
        (id) => {
          try {
            const made = of('shop:orders.get', { 'path.orderId': id });
            assert.equal(made?.action.id, 'shop:orders.get');
            assert.equal(made?.arguments.get('path.orderId'), id);
          } catch (error) {
            if (error instanceof assert.AssertionError) throw error;
            assert.match(String((error as { code?: string }).code ?? (error as Error).name), /^catalog\.|URIError/);
          }
        },
      ),
    );
  });
});
