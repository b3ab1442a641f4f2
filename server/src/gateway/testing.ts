import type { JsonValue, TaskId } from '@ambit/protocol';
import { type CatalogSnapshot, createCatalog, importApi } from '../catalog/index.ts';
import { shopText } from '../catalog/testing.ts';
import type { Task } from '../tasks/index.ts';
import { verify } from '../tokens/index.ts';
import { accepted, type Bot, openPlane, signed, type TestPlane, tokenFor } from '../tokens/testing.ts';
import { type Call, type CallContext, callOf } from './call.ts';
import { type Asking, askingNow } from './caller.ts';

/** A plane with the example shop in its catalog. */
export type TestGateway = {
  readonly plane: TestPlane;
  readonly catalog: CatalogSnapshot;
  /** refund-bot with a task of Alice's that covers the shop's orders and refunds. */
  readonly acting: () => Promise<{ bot: Bot; task: Task; asking: Asking }>;
  /** The bot asks with a token of that task, proved by its own key. */
  readonly ask: (bot: Bot, task: TaskId) => Promise<Asking>;
};

export async function openGateway(): Promise<TestGateway> {
  const plane = await openPlane();
  const { ground, home, issuer } = plane;
  const carol = await home.join('Carol', { roles: ['catalog'] });
  await importApi(ground, carol.caller, { name: 'shop', text: shopText(), server: 'https://shop.example' });
  const catalog = await createCatalog(ground).current(home.tenant);

  async function ask(bot: Bot, task: TaskId): Promise<Asking> {
    const token = await tokenFor(plane, bot, task);
    const arrived = signed(plane, bot.proofKey, token, { url: '/api/shop/orders/1042' });
    const proved = verify(issuer, arrived, ground.clock(), { tokenFor: 'task', channel: 'gateway' });
    return askingNow(proved, task, { line: 'GET /api/shop/orders/1042', trace: null });
  }
  return {
    plane,
    catalog,
    ask,
    async acting() {
      const bot = await plane.bot(`refund-bot-${++named}`);
      const task = await accepted(plane, bot);
      return { bot, task, asking: await ask(bot, task.id) };
    },
  };
}

let named = 0;

const plainCall: CallContext = {
  headers: {},
  catalogVersion: 'v1',
  claim: { reason: null, step: null, toolCall: null },
};

/** Reads a request to the shop as the gateway does. */
export function shopCall(
  { catalog }: Pick<TestGateway, 'catalog'>,
  method: string,
  path: string,
  body?: Record<string, unknown>,
  more: Partial<CallContext> = {},
): Call {
  const api = catalog.apis.get('shop');
  if (api === undefined) throw new Error('the shop is not in the catalog');
  const [rawPath = '', rawQuery = ''] = path.split('?');
  const sent =
    body === undefined
      ? { headers: [] }
      : { headers: [['content-type', 'application/json'] as const], body: Buffer.from(JSON.stringify(body)) };
  const matched = catalog.match('shop', { method, rawPath, rawQuery, ...sent });
  return callOf(matched, api, { ...plainCall, ...more });
}

export const refundCall = (gateway: Pick<TestGateway, 'catalog'>, amount = '30.00', order = '1042'): Call =>
  shopCall(gateway, 'POST', `/orders/${order}/refunds`, { amount, currency: 'USD', reason: 'damaged' });

export const found = (given: Record<string, JsonValue>): ReadonlyMap<string, JsonValue> =>
  new Map(Object.entries(given));

/** What a refusal of that code looks like to `assert.rejects`. */
export const refusal = (code: string) => (error: unknown) => {
  if ((error as { code?: unknown }).code === code) return true;
  throw error;
};
