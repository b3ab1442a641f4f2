import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentId, type Authority, type PersonId, parseId, type TaskId, type TenantId } from '@ambit/protocol';
import { connect, type PrivateJwk } from '@ambit/sdk';
import { connectOperator, enrol, newKey, type Operator } from '@ambit/sdk/operator';
import { keepToken } from '../../sdk/src/token.ts';
import { openKey } from '../../sdk/src/wire/key.ts';
import { openWire } from '../../sdk/src/wire/wire.ts';
import { readConfig } from '../../server/src/config.ts';
import { initialise } from '../../server/src/opening.ts';
import { type Child, freePort, startChild } from './children.ts';
import { benchFolder, root, scratchFolder } from './places.ts';
import type { Holder } from './proofs.ts';
import { rulesText } from './rules.ts';

/** A plane in a process of its own, with an upstream behind it and agents that have tokens for their tasks. */
export type Stand = {
  readonly directory: string;
  readonly settings: Readonly<Record<string, string>>;
  plane: Child;
  /** Origin of the agents' listener: what proofs name. */
  readonly agents: string;
  /** Origin of the people's. It has a name, to which passkeys can belong. */
  readonly people: string;
  readonly upstream: string;
  /** Who administers it. */
  readonly ada: Player;
  /** What an administrator may do. */
  readonly operator: Operator;
  /** What the person may do whose tasks they are. */
  readonly alice: Operator;
  readonly callers: readonly Caller[];
  readonly holders: readonly Holder[];
  /** The holders with new tokens, for what takes longer than a token lives. */
  fresh(): Promise<readonly Holder[]>;
  /** Ends the plane's process. */
  stopPlane(): Promise<void>;
  /** Starts another one on the same store; answers once it listens. */
  startPlane(): Promise<void>;
  close(): Promise<void>;
};

/** An agent with one task that it accepted, and the keys of both. */
export type Caller = {
  readonly tenant: TenantId;
  readonly agent: AgentId;
  readonly key: PrivateJwk;
  readonly proofKey: PrivateJwk;
  readonly task: TaskId;
};

export type StandOptions = {
  readonly policies?: number;
  /** Where an nginx serves the same API, which asks before it sends. */
  readonly front?: string;
  /** Whether each task also lets its agent write notes on the order, about each of which a person is asked. */
  readonly notes?: boolean;
  /** Agents that call. */
  readonly callers?: number;
  /** How many of them get a token at once; all unless said. */
  readonly tokens?: number;
  /** What is in the store besides: agents with tasks, and entries. */
  readonly population?: { readonly agents?: number; readonly entries?: number };
  /** Kept below `.bench/stores` under that name, and used again. */
  readonly keptAs?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
};

const description = () => readFileSync(join(root, 'examples/shop/openapi.json'), 'utf8');

/** The actions that are measured: of the shop behind the gateway, and of the same shop behind nginx where there is one. */
const actionsOf = ({ front }: Pick<StandOptions, 'front'>) => [
  'shop:orders.get',
  ...(front === undefined ? [] : ['front:orders.get']),
];
const noting = { type: 'ambit_grant', actions: ['shop:orders.note'] } as const;
const asksAlways = { always: true, reason: 'Customers read these notes: a person looks first.' } as const;
/** What Alice may delegate, and what her agents may do at most. */
const reachOf = (options: StandOptions): Authority => [
  { type: 'ambit_grant', actions: actionsOf(options) },
  ...(options.notes ? [noting] : []),
];
/** What each task grants: the order it is about, within limits that are counted on every call. */
export const authorityOf = (options: Pick<StandOptions, 'front' | 'notes'>): Authority => [
  {
    type: 'ambit_grant',
    actions: actionsOf(options),
    where: { 'path.orderId': { all: [{ oneOf: ['1042', 'held-4'] }] } },
    limits: [{ calls: 100_000_000 }],
  },
  ...(options.notes ? [{ ...noting, asks: [asksAlways] }] : []),
];
const dayMs = 86_400_000;

export const measuredPath = '/api/shop/orders/1042';

/** What a stand is, beyond its store: enough to open it again. The keys open nothing but that store. */
type Kept = {
  readonly ports: { readonly upstream: number; readonly agents: number; readonly people: number };
  readonly ada: Player;
  readonly alice: Player;
  readonly callers: readonly Caller[];
};
export type Player = { readonly person: PersonId; readonly key: PrivateJwk };

export async function openStand(options: StandOptions = {}): Promise<Stand> {
  const { keptAs, env = {}, args = [], tokens = Number.POSITIVE_INFINITY } = options;
  const directory = keptAs === undefined ? scratchFolder() : join(benchFolder, 'stores', keptAs);
  const file = join(directory, 'stand.json');
  const isKept = existsSync(file);
  const ports = isKept ? readKept(file).ports : await freePorts();
  const settings = { ...settingsFor(directory, ports), ...env };
  // What was interrupted while it was made is made anew: the file is written last.
  if (!isKept) writeKept(file, await makeStore(directory, settings, ports, options));
  const kept = readKept(file);
  const upstream = await startChild('upstream', { env: { PORT: String(ports.upstream) } });
  const origin = (port: number) => `http://127.0.0.1:${port}`;
  const people = peopleAt(ports);
  let plane = await startPlane(settings, args);
  const stand: Stand = {
    directory,
    settings,
    plane,
    agents: origin(ports.agents),
    people,
    upstream: origin(ports.upstream),
    ada: kept.ada,
    operator: await connectOperator({ url: people, ...kept.ada }),
    alice: await connectOperator({ url: people, ...kept.alice }),
    callers: kept.callers,
    holders: await tokensFor(origin(ports.agents), kept.callers.slice(0, tokens)),
    fresh: () => tokensFor(origin(ports.agents), kept.callers.slice(0, tokens)),
    stopPlane: () => endPlane(plane),
    async startPlane() {
      plane = await startPlane(settings, args);
      stand.plane = plane;
    },
    async close() {
      await endPlane(plane);
      await upstream.stop();
      if (keptAs === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
  return stand;
}

function settingsFor(directory: string, ports: Kept['ports']): Record<string, string> {
  return {
    AMBIT_DATA: join(directory, 'data'),
    AMBIT_KEYS: join(directory, 'keys', 'ambit.keys'),
    AMBIT_AGENT_PORT: String(ports.agents),
    AMBIT_PEOPLE_PORT: String(ports.people),
    AMBIT_PEOPLE_ORIGIN: peopleAt(ports),
    AMBIT_OUTBOUND_PRIVATE_ALLOWED: `http://127.0.0.1:${ports.upstream}`,
    AMBIT_CHECKPOINT_FILE: join(directory, 'second-place.txt'),
    AMBIT_AGENT_CALLS_PER_SECOND: '100000',
    AMBIT_TOKEN_TTL_SECONDS: '3600',
    AMBIT_TASK_TTL_SECONDS_MAX: '31536000',
  };
}

const peopleAt = ({ people }: Kept['ports']) => `http://localhost:${people}`;

const freePorts = async (): Promise<Kept['ports']> => ({
  upstream: await freePort(),
  agents: await freePort(),
  people: await freePort(),
});

async function startPlane(settings: Readonly<Record<string, string>>, args: readonly string[]): Promise<Child> {
  const plane = await startChild('plane', { env: settings, args });
  await plane.ask('start');
  return plane;
}

async function endPlane(plane: Child): Promise<void> {
  await plane.ask('close');
  await plane.stop();
}

async function makeStore(
  directory: string,
  settings: Readonly<Record<string, string>>,
  ports: Kept['ports'],
  options: StandOptions,
): Promise<Kept> {
  const { policies = 100, callers = 16, population = {}, front } = options;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const { code, tenant } = await initialise(readConfig(settings), { tenant: 'Acme', administrator: 'Ada' });
  const plane = await startPlane(settings, []);
  const people = peopleAt(ports);
  const agents = `http://127.0.0.1:${ports.agents}`;
  const ada = await enter(people, code.unwrap());
  const operator = await connectOperator({ url: people, ...ada });
  await describeShop(operator, `http://127.0.0.1:${ports.upstream}`);
  if (front !== undefined) await describe(operator, 'front', front);
  const { enrolment } = await operator.persons.register({
    name: 'Alice',
    roles: ['owner'],
    delegable: reachOf(options),
  });
  const alice = await enter(people, enrolment.code);
  await operator.policies.publish(rulesText(policies), 'As many as are measured.');
  const owner = await connectOperator({ url: people, ...alice });
  const made: Caller[] = [];
  // Of many, the first is made as anybody makes one, and the others are made like it.
  const byHand = population.agents === undefined ? callers : 1;
  for (let i = 0; i < byHand; i++) made.push({ tenant, ...(await addCaller(owner, agents, `agent-${i}`, options)) });
  await endPlane(plane);
  const seeded = await seed(settings, made[0]!, population, callers - 1);
  return { ports, ada, alice, callers: [...made, ...seeded] };
}

async function seed(
  settings: Readonly<Record<string, string>>,
  like: Caller,
  { agents = 0, entries = 0 }: { readonly agents?: number; readonly entries?: number },
  callers: number,
): Promise<readonly Caller[]> {
  if (agents === 0 && entries === 0) return [];
  const child = await startChild('seed', { env: settings });
  try {
    const made = agents > 1 ? await child.ask<Caller[]>('agents', { count: agents - 1, callers, like }) : [];
    if (entries > 0) await child.ask('entries', { count: entries, tenant: like.tenant });
    return made;
  } finally {
    await child.stop();
  }
}

async function enter(url: string, code: string): Promise<Player> {
  const key = await newKey();
  const { person } = await enrol({ url, code, key });
  return { person, key };
}

async function describe(operator: Operator, name: string, server: string): Promise<void> {
  await operator.catalog.import({ name, text: description(), server, zone: 'default', environment: 'test' });
  const { revision } = await operator.catalog.show(name);
  await operator.catalog.confirm(name, { revision });
}

async function describeShop(operator: Operator, server: string): Promise<void> {
  await describe(operator, 'shop', server);
  const secret = `sk-shop-${crypto.randomUUID()}`;
  await operator.credentials.store({ name: 'shop', kind: 'bearer', origins: [server], api: 'shop', secret });
  await operator.tasks.definePurpose({ name: 'support', says: 'Settle a customer’s complaint.' });
  const limit = { calls: 1_000_000_000, seconds: 3600 };
  await operator.limits.set({ name: 'calls-an-hour', subject: 'agent', limit, reason: 'No agent needs more.' });
}

/** An agent of Alice's with one task, which it accepts. */
async function addCaller(
  alice: Operator,
  agents: string,
  name: string,
  options: StandOptions,
): Promise<Omit<Caller, 'tenant'>> {
  const [key, proofKey] = [await newKey('ES256'), await newKey('ES256')];
  const { id } = await alice.agents.register({
    name,
    team: 'support',
    purpose: 'Settles complaints.',
    environment: 'test',
    zone: 'default',
    expiresAt: Date.now() + 300 * dayMs,
    liveTasksMax: 10_000,
    ceiling: reachOf(options),
  });
  await alice.agents.addKey(id, { jwk: publicHalf(key) });
  await alice.agents.activate(id);
  const purpose = { type: 'support', text: 'Settle the damaged order 1042.' };
  const { id: task } = await alice.tasks.open({
    agent: id,
    purpose,
    ttlSeconds: 25_000_000,
    authority: authorityOf(options),
  });
  await (await connect({ url: agents, agent: id, key, dpopKey: proofKey })).accept(task);
  return { agent: id, key, proofKey, task };
}

const atOnce = 16;

async function tokensFor(agents: string, callers: readonly Caller[]): Promise<Holder[]> {
  const holders: Holder[] = [];
  for (let i = 0; i < callers.length; i += atOnce) {
    holders.push(...(await Promise.all(callers.slice(i, i + atOnce).map((caller) => tokenFor(agents, caller)))));
  }
  return holders;
}

async function tokenFor(agents: string, { agent, key, proofKey, task }: Caller): Promise<Holder> {
  const [wire, signing, proving] = [openWire(agents, {}), await openKey(key), await openKey(proofKey)];
  const confirmation = { jkt: proving.thumbprint };
  const signs = { key: async () => signing, issuer: async () => wire.origin };
  const self = { wire, agent, workload: null, proofKey: proving, confirmation, ...signs };
  const { text } = await keepToken(self, task).current();
  return { token: text, key: proofKey };
}

export const publicHalf = ({ d: _secret, ...shown }: PrivateJwk) => shown;

const writeKept = (file: string, kept: Kept) => writeFileSync(file, JSON.stringify(kept), { mode: 0o600 });

function readKept(file: string): Kept {
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept;
  if (parseId('person', kept.ada?.person) === undefined) throw new Error(`${file} cannot be read; remove its folder`);
  return kept;
}
