import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Authority } from '@ambit/protocol';
import { connect, type PrivateJwk } from '@ambit/sdk';
import { connectOperator, enrol, newKey, type Operator } from '@ambit/sdk/operator';
import { keepToken } from '../../sdk/src/token.ts';
import { openKey } from '../../sdk/src/wire/key.ts';
import { openWire } from '../../sdk/src/wire/wire.ts';
import { readConfig } from '../../server/src/config.ts';
import { initialise } from '../../server/src/main.ts';
import { type Child, startChild } from './children.ts';
import { root, scratchFolder } from './places.ts';
import type { Holder } from './proofs.ts';
import { rulesText } from './rules.ts';

/** A plane in a process of its own, with an upstream behind it and agents that have tokens for their tasks. */
export type Stand = {
  readonly directory: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly plane: Child;
  /** Origin of the agents' listener: what proofs name. */
  readonly agents: string;
  readonly upstream: string;
  readonly operator: Operator;
  readonly holders: readonly Holder[];
  close(): Promise<void>;
};

export type StandOptions = {
  readonly policies?: number;
  readonly agents?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
};

const description = () => readFileSync(join(root, 'examples/shop/openapi.json'), 'utf8');

/** What each task grants: the order it is about, within limits that are counted on every call. */
const authority: Authority = [
  {
    type: 'ambit_grant',
    actions: ['shop:orders.get'],
    where: { 'path.orderId': { all: [{ equals: '1042' }] } },
    limits: [{ calls: 100_000_000 }],
  },
];

/** What Alice may delegate, and what her agents may do at most. */
const reach: Authority = [{ type: 'ambit_grant', actions: ['shop:orders.get'] }];

export const measuredPath = '/api/shop/orders/1042';

export async function openStand({
  policies = 100,
  agents = 16,
  env = {},
  args = [],
}: StandOptions = {}): Promise<Stand> {
  const directory = scratchFolder();
  const upstreamChild = await startChild('upstream');
  const upstream = `http://127.0.0.1:${await upstreamChild.ask<number>('port')}`;
  const settings = {
    AMBIT_DATA: join(directory, 'data'),
    AMBIT_KEYS: join(directory, 'keys', 'ambit.keys'),
    AMBIT_AGENT_PORT: '0',
    AMBIT_PEOPLE_PORT: '0',
    AMBIT_OUTBOUND_PRIVATE_ALLOWED: upstream,
    AMBIT_CHECKPOINT_FILE: join(directory, 'second-place.txt'),
    AMBIT_AGENT_CALLS_PER_SECOND: '100000',
    AMBIT_TOKEN_TTL_SECONDS: '3600',
    ...env,
  };
  const { code } = await initialise(readConfig(settings), { tenant: 'Acme', administrator: 'Ada' });
  const plane = await startChild('plane', { env: settings, args });
  const urls = await plane.ask<{ agents: string; people: string }>('start');
  const operator = await enter(urls.people, code.unwrap());
  await describeShop(operator, upstream);
  const { enrolment } = await operator.persons.register({ name: 'Alice', roles: [], delegable: reach });
  const alice = await enter(urls.people, enrolment.code);
  await operator.policies.publish(rulesText(policies), 'As many as are measured.');
  const holders: Holder[] = [];
  for (let i = 0; i < agents; i++) holders.push(await addHolder(alice, urls.agents, `agent-${i}`));
  return {
    directory,
    settings,
    plane,
    agents: urls.agents,
    upstream,
    operator,
    holders,
    async close() {
      await plane.ask('close');
      await plane.stop();
      await upstreamChild.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function enter(url: string, code: string): Promise<Operator> {
  const key = await newKey();
  const { person } = await enrol({ url, code, key });
  return connectOperator({ url, person, key });
}

async function describeShop(operator: Operator, upstream: string): Promise<void> {
  await operator.catalog.import({
    name: 'shop',
    text: description(),
    server: upstream,
    zone: 'default',
    environment: 'test',
  });
  const { revision } = await operator.catalog.show('shop');
  await operator.catalog.confirm('shop', { revision });
  const secret = `sk-shop-${crypto.randomUUID()}`;
  await operator.credentials.store({ name: 'shop', kind: 'bearer', origins: [upstream], api: 'shop', secret });
  await operator.tasks.definePurpose({ name: 'support', says: 'Settle a customer’s complaint.' });
  const limit = { calls: 1_000_000_000, seconds: 3600 };
  await operator.limits.set({ name: 'calls-an-hour', subject: 'agent', limit, reason: 'No agent needs more.' });
}

/** An agent of Alice's with one task, accepted, and a token for it. */
async function addHolder(alice: Operator, agents: string, name: string): Promise<Holder> {
  const [agentKey, proofKey] = [await newKey('ES256'), await newKey('ES256')];
  const { id } = await alice.agents.register({
    name,
    team: 'support',
    purpose: 'Settles complaints.',
    environment: 'test',
    zone: 'default',
    expiresAt: Date.now() + 86_400_000,
    liveTasksMax: 50,
    ceiling: reach,
  });
  await alice.agents.addKey(id, { jwk: publicHalf(agentKey) });
  await alice.agents.activate(id);
  const purpose = { type: 'support', text: 'Settle the damaged order 1042.' };
  const task = await alice.tasks.open({ agent: id, purpose, ttlSeconds: 86_400, authority });
  await (await connect({ url: agents, agent: id, key: agentKey, dpopKey: proofKey })).accept(task.id);
  const self = {
    wire: openWire(agents, {}),
    agent: id,
    key: await openKey(agentKey),
    proofKey: await openKey(proofKey),
  };
  const { text } = await keepToken(self, task.id).current();
  return { token: text, key: proofKey };
}

const publicHalf = ({ d: _secret, ...shown }: PrivateJwk) => shown;
