import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authority, Grant } from '@ambit/protocol';
import { shopActions } from '../catalog/testing.ts';
import { unknownPart } from './unknown-part.ts';

const actions = new Map(shopActions().map((action) => [action.id, action]));
const any = { all: [{ any: true as const }] };
const grants = (action: string, more: Partial<Grant> = {}): Authority => [
  { type: 'ambit_grant', actions: [action], ...more },
];

test('what the catalog has is not unknown', () => {
  assert.equal(unknownPart([], actions), undefined);
  for (const id of actions.keys()) assert.equal(unknownPart(grants(id), actions), undefined);
  const where = { 'path.orderId': any, 'body.amount': any };
  assert.equal(unknownPart(grants('shop:refunds.create', { where }), actions), undefined);
});

test('an action that the catalog does not have is named', () => {
  assert.equal(unknownPart(grants('shop:nope'), actions), 'shop:nope: no such action in the catalog.');
});

test('an argument that the action does not have is named, with those that it has', () => {
  const says = unknownPart(grants('shop:orders.get', { where: { 'path.idd': any } }), actions);
  assert.equal(says, 'path.idd is no argument of shop:orders.get; it has path.orderId.');
  const body = unknownPart(grants('shop:orders.get', { where: { 'path.orderId': any, 'body.x': any } }), actions);
  assert.match(body ?? '', /^body\.x is no argument of shop:orders\.get/);
});

test('an argument that may be left out stops nothing', () => {
  const where = { 'path.orderId': any, 'query.idd': { ...any, optional: true as const } };
  assert.equal(unknownPart(grants('shop:orders.get', { where }), actions), undefined);
});

test('a body that is open may bring members that it does not declare, and a closed one may not', () => {
  const refund = actions.get('shop:refunds.create')!;
  const refundWith = (closed: boolean) =>
    new Map([
      [
        refund.id,
        {
          ...refund,
          body: {
            ...refund.body!,
            objects: { ...refund.body!.objects, body: { ...refund.body!.objects.body!, closed } },
          },
        },
      ],
    ]);
  const asked = grants(refund.id, { where: { 'path.orderId': any, 'body.other': any } });
  assert.equal(unknownPart(asked, refundWith(false)), undefined);
  assert.match(unknownPart(asked, refundWith(true)) ?? '', /^body\.other is no argument of shop:refunds\.create/);
});
