import { JsonNumber } from '@ambit/protocol';
import type { ActionForSchema, Question } from './question.ts';

/** The example shop's refund, asked by refund-bot for Alice: in order in every way. */
export const refund: Question['action'] = {
  id: 'shop:refunds.create',
  arguments: [
    { name: 'path.orderId', type: 'string', required: true },
    { name: 'query.dryRun', type: 'boolean', required: false },
    { name: 'body.amount', type: 'number', required: true },
    { name: 'body.items', type: 'array', required: false },
    { name: 'body.lines', type: 'integer', required: false },
    { name: 'body.payee.account', type: 'string', required: true },
    { name: 'body.meta', type: 'object', required: false },
    { name: 'header.x%2Etrace', type: 'string', required: false },
  ],
  effect: 'write',
  reversibility: 'compensable',
  reach: 'internal',
  api: { id: 'shop', zone: 'support', environment: 'production' },
  opaque: false,
  mintsCredential: false,
  answersForeignText: false,
};

export const orders: ActionForSchema = {
  id: 'shop:orders.get',
  arguments: [{ name: 'path.orderId', type: 'string', required: true }],
  effect: 'read',
  reversibility: 'reversible',
  reach: 'internal',
};

export const question: Question = {
  tenant: 'ten_shop',
  now: Date.UTC(2027, 0, 15, 9, 30),
  who: {
    kind: 'agent',
    id: 'agt_refund',
    workload: 'agent',
    owner: 'psn_carol',
    team: 'support',
    purpose: 'settles damaged orders',
    environment: 'production',
    zone: 'support',
    state: 'active',
  },
  task: { id: 'tsk_1', purposeType: 'settle-order', requester: 'psn_alice', depth: 0, origin: 'person' },
  action: refund,
  arguments: {
    'path.orderId': '1042',
    'query.dryRun': false,
    'body.amount': new JsonNumber('30.50'),
    'body.items': ['lamp', new JsonNumber('2')],
    'body.lines': new JsonNumber('3'),
    'body.payee.account': 'DE1',
    'body.meta': { b: new JsonNumber('1'), a: 'x' },
    'header.x%2Etrace': 't-1',
  },
  resource: 'shop:order/1042',
  amount: { value: '30.50', currency: 'USD' },
  channel: 'gateway',
  proof: 'dpop',
  askCovered: false,
  provenance: ['person'],
};
