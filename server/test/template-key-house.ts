import type { AgentId, Authority, TemplateId } from '@ambit/protocol';
import type { MadeTemplateKey, NewTemplateKey } from '@ambit/sdk/operator';
import { type House, order, type Player } from './house.ts';

/** Reads an order and leaves notes on it, and looks at what it might be tempted by. */
export const noteGrants = (of: string): Authority => [
  {
    type: 'ambit_grant',
    actions: ['shop:orders.get', 'shop:orders.note'],
    where: {
      'path.orderId': { all: [{ equals: of }] },
      'body.text': { all: [{ maxLength: 200 }], optional: true },
    },
  },
];

/** A template of notes on one order, and what the owner of refund-bot signs so that its keys can open tasks of it. */
export async function openNotes(house: House, agent: AgentId = house.refundBot.id): Promise<TemplateId> {
  const { id } = await house.ada.operator.tasks.defineTemplate({
    name: `order-notes-${crypto.randomUUID().slice(0, 8)}`,
    purposeType: 'support',
    grants: noteGrants('{order}'),
    parameters: [{ name: 'order', says: 'The order.', lengthMax: 20 }],
    ttlSecondsMax: 600,
  });
  await signNotes(house, agent);
  return id;
}

export const signNotes = (house: House, agent: AgentId = house.refundBot.id) =>
  signFor(house, agent, noteGrants(order));

export const signFor = (house: House, agent: AgentId, authority: Authority) =>
  house.alice.operator.standingGrants.sign({
    agent,
    authority,
    liveTasksMax: 20,
    taskSecondsMax: 600,
    expiresAt: Date.now() + 3_600_000,
  });

/** A key of refund-bot for that template, from loopback unless said. */
export const keyFor = (
  house: House,
  template: TemplateId,
  more: Partial<NewTemplateKey> = {},
  agent: AgentId = house.refundBot.id,
  by: Player = house.alice,
): Promise<MadeTemplateKey> =>
  by.operator.templateKeys.add(agent, {
    label: 'ticket tool',
    template,
    parameters: { order },
    purpose: 'Notes on orders.',
    expiresAt: Date.now() + 600_000,
    zone: ['127.0.0.0/8'],
    ...more,
  });

type Sent = { readonly body?: unknown; readonly headers?: Record<string, string>; readonly by?: typeof fetch };

/** A call as a client sends it that knows nothing but its one header. */
export function callWith(
  origin: string,
  secret: string,
  method: string,
  path: string,
  { body, headers = {}, by = fetch }: Sent = {},
): Promise<Response> {
  return by(`${origin}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${secret}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
