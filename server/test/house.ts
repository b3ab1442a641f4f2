import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningShop, startShop } from '@ambit/example-shop';
import type { AgentId, Authority, Grant, PersonId, TaskId, WorkloadKind } from '@ambit/protocol';
import { connectOperator, enrol, newKey, type Operator, type PrivateJwk, type PublicJwk } from '@ambit/sdk/operator';
import { anchorsIn, verifyExport } from '../src/audit/index.ts';
import { type Config, readConfig } from '../src/config.ts';
import { makeTestSchema, noPostgres } from '../src/foundation/database/testing.ts';
import { type Running, serve } from '../src/main.ts';
import { initialise } from '../src/opening.ts';

/** A person of the cast: their key, and their tool. */
export type Player = { readonly id: PersonId; readonly key: PrivateJwk; readonly operator: Operator };
/** A registered agent with the key it proves itself by. */
export type Bot = { readonly id: AgentId; readonly key: PrivateJwk };

/**
 * A whole plane with the shop behind it, both listening on loopback, and the cast: Ada administers, Alice asks, Bob
 * approves, Carol audits, refund-bot acts, lookup-bot looks things up, Mallory attacks.
 */
export type House = {
  readonly directory: string;
  readonly config: Config;
  plane: Running;
  readonly shop: RunningShop;
  /** The credential that the vault lends for the shop: it must never be seen anywhere. */
  readonly shopKey: string;
  readonly ada: Player;
  readonly alice: Player;
  readonly bob: Player;
  readonly carol: Player;
  readonly refundBot: Bot;
  readonly lookupBot: Bot;
  readonly malloryBot: Bot;
  /** Opens the task of the story, or one with other grants, in Alice's name. */
  openTask(options?: {
    readonly authority?: Authority;
    readonly agent?: AgentId;
    readonly ttlSeconds?: number;
  }): Promise<TaskId>;
  /** Stops the plane and starts it again on the same data. */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
  /** Re-verifies the whole log, row by row, and closes everything. */
  close(): Promise<void>;
};

export const order = '1042';
export const customer = 'cus_0217';

/** What Alice grants: read the order, its shipping state and its customer; refund up to 100.00 each, 250.00 in all. */
export const damagedOrder: Authority = [
  only('shop:orders.get', 'path.orderId', order),
  only('shop:shipping.get', 'path.orderId', order),
  only('shop:customers.get', 'path.customerId', customer),
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
        reason: 'Refunds on one order above 50.00 USD need a person.',
      },
    ],
  },
];

export function only(action: string, argument: string, value: string): Grant {
  return { type: 'ambit_grant', actions: [action], where: { [argument]: { all: [{ equals: value }] } } };
}

/** Everything the shop can do, without bounds: what Alice may delegate, and the ceiling of the agents. */
export const wholeShop: Authority = [
  {
    type: 'ambit_grant',
    actions: [
      'orders.list',
      'orders.get',
      'shipping.get',
      'customers.get',
      'orders.note',
      'orders.removeNote',
      'refunds.list',
      'search.query',
      'apiKeys.create',
      'payroll.list',
    ].map((name) => `shop:${name}`),
  },
  { type: 'ambit_grant', actions: ['shop:refunds.create', 'shop:refunds.cancel'] },
];

export const shopDescription = () => readFileSync(new URL('../../examples/shop/openapi.json', import.meta.url), 'utf8');

/** A place for a plane's store, by the settings that name it. */
export type MadeStore = { readonly env: Readonly<Record<string, string>>; readonly drop: () => Promise<void> };

/** Where a whole plane can keep its data. */
export const stores: readonly {
  readonly name: string;
  readonly skip: string | false;
  readonly make: () => Promise<MadeStore>;
}[] = [
  { name: 'embedded', skip: false, make: async () => ({ env: {}, drop: async () => undefined }) },
  {
    name: 'postgres',
    skip: noPostgres,
    async make() {
      const { url, drop } = await makeTestSchema();
      return { env: { AMBIT_STORE: url }, drop };
    },
  },
];

export type HouseOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** Another upstream instead of the shop, described by the shop's description. */
  readonly upstream?: string;
  readonly confirm?: boolean;
  /** Whether the API gets signed tags about who calls. */
  readonly wantsTags?: boolean;
};

export async function openHouse({
  env = {},
  upstream,
  confirm = true,
  wantsTags = false,
}: HouseOptions = {}): Promise<House> {
  const directory = mkdtempSync(join(tmpdir(), 'ambit-house-'));
  const shopKey = `sk-shop-${crypto.randomUUID()}`;
  const shop = await startShop({ apiKey: shopKey, clock: Date.now });
  const origin = upstream ?? shop.url;
  const settings = {
    AMBIT_DATA: join(directory, 'data'),
    AMBIT_KEYS: join(directory, 'keys', 'ambit.keys'),
    AMBIT_AGENT_PORT: '0',
    AMBIT_PEOPLE_PORT: '0',
    AMBIT_OUTBOUND_PRIVATE_ALLOWED: origin,
    AMBIT_CHECKPOINT_FILE: join(directory, 'second-place.txt'),
    ...env,
  };
  const config = readConfig(settings);
  const made = await initialise(config, { tenant: 'Acme', administrator: 'Ada' });
  const plane = await serve(config);
  const ada = await enter(plane, made.code.unwrap());
  const register = async (
    name: string,
    roles: readonly ('approver' | 'auditor' | 'owner')[],
    delegable: Authority = [],
  ) => {
    const { enrolment } = await ada.operator.persons.register({ name, roles, delegable });
    return enter(plane, enrolment.code);
  };
  await ada.operator.catalog.import({
    name: 'shop',
    text: shopDescription(),
    server: origin,
    zone: 'default',
    environment: 'test',
    wantsTags,
  });
  if (confirm) {
    const api = await ada.operator.catalog.show('shop');
    await ada.operator.catalog.confirm('shop', { revision: api.revision });
  }
  await ada.operator.credentials.store({
    name: 'shop',
    kind: 'bearer',
    origins: [origin],
    api: 'shop',
    secret: shopKey,
  });
  await ada.operator.tasks.definePurpose({ name: 'support', says: 'Settle a customer’s complaint.' });
  const alice = await register('Alice', ['owner'], wholeShop);
  const bob = await register('Bob', ['approver']);
  const carol = await register('Carol', ['auditor']);
  const bot = (name: string) => registerBot(alice, name);
  const refundBot = await bot('refund-bot');
  const lookupBot = await bot('lookup-bot');
  const malloryBot = await bot('mallory-bot');
  const house: House = {
    directory,
    config,
    plane,
    shop,
    shopKey,
    ada,
    alice,
    bob,
    carol,
    refundBot,
    lookupBot,
    malloryBot,
    async openTask({ authority = damagedOrder, agent = refundBot.id, ttlSeconds = 600 } = {}) {
      const purpose = { type: 'support', text: 'Settle the damaged order 1042.' };
      return (await alice.operator.tasks.open({ agent, purpose, ttlSeconds, authority })).id;
    },
    async restart(more = {}) {
      const { agents, people, tls, close } = house.plane;
      await close();
      const ports = {
        AMBIT_AGENT_PORT: new URL(agents).port,
        AMBIT_PEOPLE_PORT: new URL(people).port,
        ...(tls && { AMBIT_TLS_PORT: new URL(tls).port }),
      };
      house.plane = await serve(readConfig({ ...settings, ...ports, ...more }));
    },
    async close() {
      try {
        await verifyWholeLog(carol, config);
      } finally {
        await house.plane.close();
        await shop.close();
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
  return house;
}

/** What a registry may know of a key. */
export function publicHalf({ d: _secret, ...shown }: PrivateJwk): PublicJwk {
  return shown;
}

async function enter(plane: Running, code: string): Promise<Player> {
  const key = await newKey();
  const { person } = await enrol({ url: plane.people, code, key });
  return { id: person, key, operator: await connectOperator({ url: plane.people, person, key }) };
}

export async function registerBot(
  owner: Player,
  name: string,
  ceiling: Authority = wholeShop,
  kind: WorkloadKind = 'agent',
): Promise<Bot> {
  const key = await newKey('ES256');
  const { agents } = owner.operator;
  const { id } = await agents.register({
    name,
    kind,
    team: 'support',
    purpose: 'Settles complaints.',
    environment: 'test',
    zone: 'default',
    expiresAt: Date.now() + 86_400_000,
    liveTasksMax: 50,
    ceiling,
  });
  await agents.addKey(id, { jwk: publicHalf(key) });
  await agents.activate(id);
  return { id, key };
}

/** Every journey ends here: the log is whole, anchored in the second place, and explains every governed row. */
async function verifyWholeLog(auditor: Player, config: Config): Promise<void> {
  const anchors = anchorsIn(readFileSync(config.checkpointFile, 'utf8'), config.checkpointFile);
  const verdict = await verifyExport(await auditor.operator.log.export({ rows: true, details: true }), { anchors });
  assert.deepEqual(verdict.findings, [], 'the log of the journey does not verify');
  assert.ok(verdict.ok && (verdict.rows ?? 0) > 0 && verdict.counters !== null, verdict.says);
  assert.notEqual(verdict.signatures, null, 'what people signed was not checked');
}
