import type { Authority } from '@ambit/sdk';

export const story = { order: '1042', customer: 'cus_0217', otherOrder: '1043' } as const;

/**
 * What Alice grants for the damaged order: read it, its shipping state and its customer; refund up to 100.00 USD each
 * and 250.00 in all; where refunds on one order add up to more than 50.00, a person says yes.
 */
export function damagedOrder({ order, customer } = story as { order: string; customer: string }): Authority {
  return [
    {
      type: 'ambit_grant',
      actions: ['shop:orders.get', 'shop:shipping.get'],
      where: { 'path.orderId': { all: [{ equals: order }] } },
    },
    {
      type: 'ambit_grant',
      actions: ['shop:customers.get'],
      where: { 'path.customerId': { all: [{ equals: customer }] } },
    },
    {
      type: 'ambit_grant',
      actions: ['shop:refunds.create'],
      where: {
        'path.orderId': { all: [{ equals: order }] },
        'body.amount': { all: [{ range: { min: '0.01', max: '100.00' } }] },
        'body.currency': { all: [{ equals: 'USD' }] },
        'body.reason': { all: [{ maxLength: 200 }], optional: true },
      },
      limits: [{ sum: { max: '250.00', currency: 'USD' } }],
      asks: [
        {
          over: { amount: '50.00', currency: 'USD' },
          per: 'path.orderId',
          reason: 'Refunds on one order that add up to more than 50.00 USD need a person.',
        },
      ],
    },
  ];
}

/** What refund-bot hands on: the shipping state of that order, and nothing else. */
export const shippingOnly = (order: string): Authority => [
  { type: 'ambit_grant', actions: ['shop:shipping.get'], where: { 'path.orderId': { all: [{ equals: order }] } } },
];

/** What support may delegate at all, and the ceiling of its agents: orders and refunds, no payroll, no keys. */
export const supportWork: Authority = [
  {
    type: 'ambit_grant',
    actions: [
      'shop:orders.list',
      'shop:orders.get',
      'shop:shipping.get',
      'shop:customers.get',
      'shop:refunds.list',
      'shop:orders.note',
    ],
  },
  {
    type: 'ambit_grant',
    actions: ['shop:refunds.create'],
    limits: [{ sum: { max: '2000.00', currency: 'USD' }, seconds: 86_400 }],
  },
];
