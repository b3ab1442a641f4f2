import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { compile } from './compile.ts';
import { evaluate } from './evaluate.ts';
import { printTree } from './generate.testing.ts';
import { type Json, type JsonObject, LoadError } from './json.ts';
import { loadEntities, loadRequest } from './load.ts';
import { readSchema, type Schema } from './load-schema.ts';
import { startOfficial } from './official.ts';
import { OfficialError } from './official-error.ts';

// What is read by declared types, and what is refused, on both evaluators.

const schemaText = `
  namespace Shop {
    type Price = { amount: decimal, since?: datetime };
    entity Team;
    entity Agent in [Team] = { zone: String, level: Long, owner: User, net: ipaddr, price?: Price, peers: Set<Agent> } tags Set<User>;
    entity User;
    entity Colour enum ["red", "green"];
    action all;
    action read in [all];
    action write in [Action::"all"] appliesTo {
      principal: [Agent], resource: [User, Colour],
      context: { from: ipaddr, when: datetime, wait?: duration, price: Price, friends: Set<User>, colour: Colour, n: Long }
    };
  }
`;

const official = startOfficial();
after(official.close);

const uid = (type: string, id: string): JsonObject => ({ type: `Shop::${type}`, id });
const bot = {
  uid: uid('Agent', 'bot'),
  attrs: {
    zone: 'eu',
    level: 9007199254740993n,
    owner: uid('User', 'alice'),
    net: '10.0.0.0/8',
    price: { amount: '1.50' },
    peers: [uid('Agent', 'other')],
  },
  tags: { seen: [uid('User', 'bob')] },
  parents: [uid('Team', 'support')],
};
const context = {
  from: '10.1.2.3',
  when: { fn: 'datetime', arg: '2027-01-01' },
  wait: { __extn: { fn: 'duration', arg: '1h' } },
  price: { amount: '2.0', since: '2027-01-01' },
  friends: [uid('User', 'alice'), { __entity: uid('User', 'bob') }],
  colour: uid('Colour', 'red'),
  n: 1,
};
const call = {
  principal: uid('Agent', 'bot'),
  action: uid('Action', 'write'),
  resource: uid('User', 'alice'),
  context,
};

type Both = { readonly ours: string; readonly theirs: string };

/** The decision of each evaluator, or `refused`. */
async function ask(policy: string, request: Json, entities: Json, schema: Schema): Promise<Both> {
  const [tree] = await official.trees([policy]);
  const whole = { ...(request as JsonObject), entities, policies: { staticPolicies: policy }, schema: schemaText };
  const theirs = await official.authorizeText(printTree(whole)).then(
    ({ decision }) => decision,
    (error) => (error instanceof OfficialError && error.fault === 'failed' ? 'refused' : Promise.reject(error)),
  );
  try {
    const ours = evaluate(compile([{ id: 'p', tree }]), loadRequest(request, schema), loadEntities(entities, schema));
    return { ours: ours.decision, theirs };
  } catch (error) {
    if (error instanceof LoadError) return { ours: 'refused', theirs };
    throw error;
  }
}

describe('data read by a schema', async () => {
  const schema = readSchema(await official.resolveSchema(schemaText));
  const permit = 'permit(principal, action, resource);';
  const expects = async (
    wanted: string,
    policy: string,
    request: Json = call,
    entities: Json = [bot],
  ): Promise<void> => {
    assert.deepEqual(await ask(policy, request, entities, schema), { ours: wanted, theirs: wanted });
  };

  test('entities and extension values need no escape, wherever they stand', async () => {
    for (const condition of [
      'principal.owner == resource',
      'principal.net.isInRange(ip("10.0.0.0/8"))',
      'principal.price.amount == decimal("1.5")',
      'principal.level == 9007199254740993',
      'principal.peers.contains(Shop::Agent::"other")',
      'principal.getTag("seen").contains(Shop::User::"bob")',
      'context.from.isInRange(principal.net)',
      'context.when == context.price.since',
      'context.wait == duration("60m")',
      'context.friends == [Shop::User::"bob", resource]',
      'context.colour == Shop::Colour::"red"',
    ]) {
      await expects('allow', `permit(principal, action, resource) when { ${condition} };`);
    }
  });

  test('without the schema the same data are records and texts', () => {
    const { context: plain } = loadRequest(call);
    assert.equal(plain.get('from'), '10.1.2.3');
    assert.ok(plain.get('colour') instanceof Map);
  });

  test('action groups come from the schema, also where no entity list names them', async () => {
    const group = 'permit(principal, action in Shop::Action::"all", resource);';
    await expects('allow', group, call, []);
    await expects('allow', group);
    const same = { uid: uid('Action', 'write'), attrs: {}, parents: [uid('Action', 'all')] };
    await expects('allow', group, call, [same]);
    await expects('refused', group, call, [{ ...same, parents: [] }]);
    await expects('refused', group, call, [{ ...same, parents: [uid('Action', 'read')] }]);
    await expects('refused', group, call, [{ ...same, attrs: { a: 1 } }]);
    await expects('refused', permit, call, [{ ...same, uid: uid('Action', 'delete'), parents: [] }]);
  });

  test('an entity that does not fit its type fails the call', async () => {
    const without = (name: string): JsonObject => {
      const { [name]: _, ...attrs } = bot.attrs as JsonObject;
      return { ...bot, attrs };
    };
    const withAttrs = (attrs: JsonObject): JsonObject => ({ ...bot, attrs: { ...bot.attrs, ...attrs } });
    await expects('refused', permit, call, [without('zone')]);
    await expects('allow', permit, call, [without('price')]);
    for (const attrs of [
      { more: 1 },
      { zone: 1 },
      { level: '1' },
      { owner: uid('Team', 'x') },
      { owner: 'alice' },
      { net: 'nowhere' },
      { net: { fn: 'decimal', arg: '1.5' } },
      { price: {} },
      { price: { amount: '1.5', more: 1 } },
      { peers: uid('Agent', 'x') },
      { peers: [1] },
    ]) {
      await expects('refused', permit, call, [withAttrs(attrs)]);
    }
    await expects('refused', permit, call, [{ ...bot, uid: uid('Ghost', 'x') }]);
    await expects('refused', permit, call, [{ ...bot, parents: [uid('User', 'x')] }]);
    await expects('refused', permit, call, [{ ...bot, tags: { seen: 'bob' } }]);
    await expects('refused', permit, call, [bot, { uid: uid('Team', 't'), attrs: {}, tags: { a: 1 }, parents: [] }]);
    await expects('refused', permit, call, [{ uid: uid('Colour', 'blue'), attrs: {}, parents: [] }]);
    const { parents: _, ...orphan } = bot;
    await expects('refused', permit, call, [orphan]);
  });

  test('an absent principal is accepted, and its attributes err', async () => {
    await expects('allow', permit, call, []);
    await expects('deny', 'permit(principal, action, resource) when { principal.zone == "eu" };', call, []);
  });

  test('a context that does not fit its action fails the call', async () => {
    const { n: _, ...lacking } = context;
    await expects('refused', permit, { ...call, context: lacking });
    const { wait: __, ...shorter } = context;
    await expects('allow', permit, { ...call, context: shorter });
    for (const more of [
      { more: 1 },
      { n: '1' },
      { n: true },
      { from: '1.5' },
      { when: 'noon' },
      { colour: uid('Colour', 'blue') },
    ]) {
      await expects('refused', permit, { ...call, context: { ...context, ...more } });
    }
    await expects('refused', permit, { ...call, context: { ...context, friends: [uid('Team', 'x')] } });
  });

  test('an undeclared action, and a caller or resource that the action does not take, fail the call', async () => {
    await expects('refused', permit, { ...call, action: uid('Action', 'delete') });
    await expects('refused', permit, { ...call, principal: uid('User', 'alice') });
    await expects('refused', permit, { ...call, resource: uid('Team', 'x') });
    await expects('refused', permit, { ...call, resource: uid('Colour', 'blue') });
    await expects('allow', permit, { ...call, resource: uid('Colour', 'green') });
  });
});
