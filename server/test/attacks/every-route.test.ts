// Everybody tries every route of the people's listener. Who gets in is what docs/api.md says, route by route.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { connectOperator, enrol, newKey } from '@ambit/sdk/operator';
import { type Role, roles } from '../../src/identity/index.ts';
import { type House, openHouse, type Player, registerBot } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';
import { type RawSession, rawSession } from '../raw-person.ts';
import { foundUmbra } from './neighbours.ts';
import { peoplesRows, type Row } from './people-rows.ts';

const root = new URL('../../../', import.meta.url);
const rows = peoplesRows();

let house: House;
/** Somebody for each role, who holds no other; somebody with none, and somebody with all. */
const sessions = new Map<string, RawSession>();
let stranger: RawSession;
let agentToken: string;

before(async () => {
  house = await openHouse();
  const umbra = await foundUmbra(house);
  for (const role of roles) sessions.set(role, await session(await joins(role, [role])));
  sessions.set('no role', await session(await joins('no role', [])));
  sessions.set('all roles', await session(await joins('all roles', roles)));
  stranger = await session(await enters(umbra));
  const bot = await registerBot(house.alice, 'knocking-bot');
  agentToken = await (await rawAgent(house, bot)).agentToken();
});
after(() => house.close());

async function joins(name: string, held: readonly Role[]): Promise<Player> {
  const { enrolment } = await house.ada.operator.persons.register({ name, roles: held });
  return enters(enrolment.code);
}

async function enters(code: string): Promise<Player> {
  const key = await newKey();
  const url = house.plane.people;
  const { person } = await enrol({ url, code, key });
  return { id: person, key, operator: await connectOperator({ url, person, key }) };
}

const session = (player: Player) => rawSession(house.plane.people, player);

/** What is asked for is nowhere, so that nothing is done by whoever gets in. */
const pathOf = ({ path }: Row) => path.replaceAll(/\{\w+\}/g, 'nothing-of-that-name');
const nothing = { 'nothing of that kind': true };

async function knock(row: Row, { token, key }: RawSession, path = pathOf(row)): Promise<Response> {
  const body = row.method === 'GET' || row.method === 'DELETE' ? {} : { body: nothing };
  return key.send(row.method, `${house.plane.people}${path}`, { token, ...body });
}

const codeOf = async (response: Response): Promise<string> => {
  if (response.status < 400) {
    await response.body?.cancel();
    return '';
  }
  return ((await response.json()) as { type?: string }).type?.replace('urn:ambit:refusal:', '') ?? '';
};

/** What ends the session that it came with is tried with one that nobody needs. */
const isLast = ({ method, path }: Row) => method === 'DELETE' && path === '/v1/sessions/current';

const included: Readonly<Record<string, string>> = { administrator: 'owner', auditor: 'reviewer' };
const holders = (who: string): ReadonlySet<string> => {
  const all = [...roles, 'no role', 'all roles'];
  const may = (name: string) =>
    who === 'public' || who === 'person' || name === who || name === 'all roles' || included[name] === who;
  return new Set(all.filter(may));
};

test('the page lists the routes that main mounts', () => {
  assert.ok(rows.length > 90, `only ${rows.length} routes were read`);
  const main = readFileSync(new URL('server/src/main.ts', root), 'utf8');
  const mounted = /const peopleRoutes[^=]*= \[([\s\S]*?)\n {2}\];/.exec(main)?.[1] ?? '';
  const listed = readFileSync(new URL('scripts/parts/references.ts', root), 'utf8');
  const missing = [...mounted.matchAll(/^ {4}\.\.\.([\w.]+)\(/gm)].map(([, name = '']) => name);
  assert.ok(missing.length > 10);
  assert.deepEqual(
    missing.filter((name) => !listed.includes(`...${name}(`)),
    [],
  );
});

test('each route takes those persons whom the page names, and refuses all others by their role', async () => {
  const wrong: string[] = [];
  await Promise.all(
    [...sessions].map(async ([name, one]) => {
      for (const row of rows.filter((each) => !isLast(each))) {
        const code = await codeOf(await knock(row, one));
        const isIn = !['caller.not_allowed', 'session.invalid', 'route.not_found', 'plane.fault'].includes(code);
        const says = `${row.method} ${row.path} is for ${row.who}, and ${name} heard ${code || 'yes'}`;
        if (isIn !== holders(row.who).has(name)) wrong.push(says);
        else if (!isIn && code !== 'caller.not_allowed') wrong.push(says);
      }
    }),
  );
  assert.deepEqual(wrong, []);
});

test('nobody without a session gets in, and an agent does not either', async () => {
  const key = (await rawSession(house.plane.people, house.carol)).key;
  for (const row of rows.filter(({ who }) => who !== 'public')) {
    const url = `${house.plane.people}${pathOf(row)}`;
    const asAgent = await key.send(row.method, url, { token: agentToken });
    const answers = [await fetch(url, { method: row.method }), asAgent];
    for (const answer of answers) assert.equal(await codeOf(answer), 'session.invalid', `${row.method} ${row.path}`);
  }
});

test('somebody with every right elsewhere gets at nothing that is here', async () => {
  const task = await house.openTask();
  const { operator } = house.ada;
  const ids: Readonly<Record<string, string>> = {
    person: house.alice.id,
    agent: house.refundBot.id,
    task,
    key: (await operator.persons.show(house.bob.id)).keys[0]?.id ?? '',
    credential: (await operator.credentials.list())[0]?.id ?? '',
    api: 'shop',
    action: 'shop:orders.get',
  };
  for (const row of rows) {
    const names = [...row.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    if (names.length === 0 || !names.some((name) => ids[name] !== undefined)) continue;
    const path = row.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? 'nothing-of-that-name');
    const answer = await knock(row, stranger, path);
    assert.ok(answer.status >= 400 && answer.status < 500, `${row.method} ${path} answered ${answer.status}`);
    const text = await answer.text();
    assert.ok(![house.alice.id, house.refundBot.id].some((id) => text.includes(id)), `${row.method} ${path}: ${text}`);
  }
});

test('a session ends by itself alone', async () => {
  const one = await session(house.carol);
  const row = rows.find(isLast);
  assert.ok(row);
  assert.equal((await knock(row, one)).status, 204);
  assert.equal(await codeOf(await knock(row, one)), 'session.invalid');
});
