import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AgentId,
  type Authority,
  connectOperator,
  enrol,
  newKey,
  type Operator,
  type PersonId,
  parseKey,
  printKey,
} from '@ambit/sdk/operator';
import { supportWork } from './grant.ts';

/** Who the example has made so far: ids only. Keys lie in files of their own, readable by their owner alone. */
export type Cast = {
  readonly people: Readonly<Record<(typeof personNames)[number], PersonId>>;
  readonly agents: Readonly<Record<(typeof agentNames)[number], AgentId>>;
  readonly shopOrigin: string;
};

export const keyFileOf = (directory: string, name: string): string => join(directory, `${name}.key.json`);
export const castFileOf = (directory: string): string => join(directory, 'cast.json');
export const personNames = ['ada', 'alice', 'bob', 'carol'] as const;
export const agentNames = ['refund-bot', 'lookup-bot'] as const;

export function readCast(directory: string): Cast | undefined {
  const file = castFileOf(directory);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Cast) : undefined;
}

export function asPerson(directory: string, cast: Cast, name: keyof Cast['people'], url: string): Promise<Operator> {
  const key = parseKey(readFileSync(keyFileOf(directory, name), 'utf8'));
  return connectOperator({ url, person: cast.people[name], key });
}

type Shop = { readonly url: string; readonly apiKey: string; readonly description: string };

/**
 * Makes the cast, once: Ada administers, Alice asks, Bob approves, Carol audits; refund-bot and lookup-bot are Alice's.
 * Everything goes through the operator API, with each person's own key, as it would in any organisation.
 */
export async function makeCast(directory: string, url: string, firstCode: string, shop: Shop): Promise<Cast> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const ada = await joins(directory, url, 'ada', firstCode);
  const { catalog, credentials, persons, tasks } = ada.operator;
  await catalog.import({
    name: 'shop',
    text: shop.description,
    server: shop.url,
    zone: 'default',
    environment: 'example',
  });
  const { revision } = await catalog.show('shop');
  // Ada has read what the description proposes, and takes its word for it.
  await catalog.confirm('shop', { revision });
  await credentials.store({ name: 'shop', kind: 'bearer', origins: [shop.url], api: 'shop', secret: shop.apiKey });
  await tasks.definePurpose({ name: 'support', says: 'Settle a customer’s complaint.' });
  const invite = async (
    name: keyof Cast['people'],
    shown: string,
    roles: ('approver' | 'auditor' | 'owner' | 'reviewer')[],
    delegable: Authority,
  ) => {
    const { enrolment } = await persons.register({ name: shown, roles, delegable });
    return joins(directory, url, name, enrolment.code);
  };
  const alice = await invite('alice', 'Alice Moreau', ['owner'], supportWork);
  const bob = await invite('bob', 'Bob Tanaka', ['approver', 'reviewer'], []);
  const carol = await invite('carol', 'Carol Okafor', ['auditor'], []);
  const refundBot = await registerAgent(
    directory,
    alice.operator,
    'refund-bot',
    'Settles complaints about damaged orders.',
  );
  const lookupBot = await registerAgent(directory, alice.operator, 'lookup-bot', 'Looks things up for other agents.');
  const cast: Cast = {
    people: { ada: ada.person, alice: alice.person, bob: bob.person, carol: carol.person },
    agents: { 'refund-bot': refundBot, 'lookup-bot': lookupBot },
    shopOrigin: shop.url,
  };
  // Written last: a first start without it did not get to its end.
  writeFileSync(castFileOf(directory), `${JSON.stringify(cast, null, 2)}\n`, { mode: 0o600 });
  return cast;
}

async function joins(directory: string, url: string, name: string, code: string) {
  const key = await newKey();
  writeFileSync(keyFileOf(directory, name), printKey(key), { mode: 0o600 });
  const { person } = await enrol({ url, code, key, label: 'example' });
  return { person, operator: await connectOperator({ url, person, key }) };
}

const yearMilliseconds = 365 * 86_400_000;

async function registerAgent(directory: string, owner: Operator, name: string, purpose: string): Promise<AgentId> {
  const key = await newKey('ES256');
  writeFileSync(keyFileOf(directory, name), printKey(key), { mode: 0o600 });
  const { d: _private, ...jwk } = key;
  const { id } = await owner.agents.register({
    name,
    team: 'support',
    purpose,
    environment: 'example',
    zone: 'default',
    expiresAt: Date.now() + yearMilliseconds,
    liveTasksMax: 20,
    ceiling: supportWork,
  });
  await owner.agents.addKey(id, { jwk });
  await owner.agents.activate(id);
  return id;
}
