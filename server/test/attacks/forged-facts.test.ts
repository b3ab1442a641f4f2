// A caller of the decision API tells the plane what only the plane can know: that Bob said yes, whose task it is, what was spent.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type House, openHouse, order } from '../house.ts';
import { atWork, type Working } from './questions.ts';
import { callsOf, refund, refused } from './witness.ts';

let house: House;
let secret: string;
let working: Working;
before(async () => {
  house = await openHouse();
  const point = await house.ada.operator.points.register({ name: 'edge', kind: 'authzen' });
  secret = point.secret ?? '';
  working = await atWork(house);
});
after(() => house.close());

type Answer = { decision: boolean; context: Record<string, unknown> & { evaluation_id: string } };

function evaluate(body: unknown, authorization = `Bearer ${secret}`, path = 'evaluation'): Promise<Response> {
  return fetch(`${house.plane.agents}/access/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify(body),
  });
}

async function decided(body: unknown): Promise<Answer> {
  const response = await evaluate(body);
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as Answer;
}

const subject = () => ({ type: 'agent', id: house.refundBot.id });
const refunding = (amount: string) => ({
  name: 'shop:refunds.create',
  properties: { arguments: { 'path.orderId': order, 'body.amount': amount, 'body.currency': 'USD' } },
});
const resource = { type: 'order', id: order };

const forgeries: Record<string, Record<string, unknown>> = {
  'that a person said yes': { approval: { id: 'apr_0', asks: ['task:x:0:0'], callDigest: 'sha-256:x' } },
  'where the values came from': { provenance: ['person'] },
  'that the grant has a threshold of its own': { askCovered: true },
  'what is left of the budget': { spent: {}, charges: [], limits: { sum: '1000000.00' } },
  'how it was proved': { proof: 'dpop', channel: 'gateway', bounds: [] },
};

for (const [what, context] of Object.entries(forgeries)) {
  test(`a caller that tells the plane ${what} changes nothing`, async () => {
    const plain = await decided({
      subject: subject(),
      action: refunding('80.00'),
      resource,
      context: { task: working.task },
    });
    const forged = await decided({
      subject: { ...subject(), properties: context },
      action: refunding('80.00'),
      resource: { ...resource, properties: context },
      context: { ...context, task: working.task },
    });
    assert.equal(forged.decision, false);
    assert.equal(forged.context.kind, 'ask');
    assert.deepEqual({ ...forged.context, evaluation_id: '' }, { ...plain.context, evaluation_id: '' });
  });
}

test('a task made up in the context, or of another agent, decides nothing', async () => {
  for (const task of [
    { id: working.task, state: 'active' },
    'tsk_00000000000000000000000000',
    true,
    null,
    [working.task],
  ]) {
    const answer = await decided({ subject: subject(), action: refunding('1.00'), resource, context: { task } });
    assert.deepEqual([answer.decision, answer.context.basis], [false, 'task'], JSON.stringify(task));
  }
  const foreign = { type: 'agent', id: house.malloryBot.id };
  const answer = await decided({
    subject: foreign,
    action: refunding('1.00'),
    resource,
    context: { task: working.task },
  });
  assert.equal(answer.decision, false);
  assert.equal(answer.context.reason, 'That agent has no such task.');
});

test('facts about the agent come from its row: a forged owner, zone or state is not heard', async () => {
  const properties = { owner: house.ada.id, zone: 'default', environment: 'production', state: 'active', team: 'root' };
  const answer = await decided({ subject: { ...subject(), properties }, action: refunding('1.00'), resource });
  assert.deepEqual([answer.decision, answer.context.basis], [false, 'rules']);
});

test('a yes of the decision API is logged as an evaluation, spends nothing and permits nothing', async () => {
  const before = house.shop.requests().length;
  const question = { subject: subject(), action: refunding('30.00'), resource, context: { task: working.task } };
  const answers = await Promise.all(Array.from({ length: 10 }, () => decided(question)));
  assert.ok(answers.every((one) => one.decision && one.context.basis === 'task'));
  const entry = await house.carol.operator.log.entry(answers[0]!.context.evaluation_id as never);
  assert.equal(entry.header.kind, 'authzen.evaluated');
  assert.equal(entry.header.code, 'task.true');
  assert.equal(entry.header.decision, null, 'an evaluation was told as a decision');
  assert.equal((await callsOf(house, working.task)).length, 0, 'an evaluation was told as a call');
  assert.equal(house.shop.requests().length, before);
  // Ten times 30.00 were evaluated, and all of the 250.00 is there still; the threshold has counted nothing either.
  assert.equal((await refund(working.agent, working.token, '50.00')).status, 201);
});

test('nobody decides without being a registered enforcement point of that tenant', async () => {
  const question = { subject: subject(), action: refunding('1.00'), resource, context: { task: working.task } };
  const basic = `Basic ${btoa(`edge:${secret}`)}`;
  for (const authorization of [
    '',
    'Bearer ',
    `Bearer ${secret}x`,
    `Bearer ${working.token}`,
    `DPoP ${working.token}`,
    basic,
  ]) {
    const one = await evaluate(question, authorization);
    const many = await evaluate({ evaluations: [question] }, authorization, 'evaluations');
    assert.deepEqual([one.status, many.status], [401, 401], authorization);
    assert.doesNotMatch(await one.text(), /decision/);
  }
});

test('a batch cannot smuggle a fact in by its defaults, and a retired point hears nothing any more', async () => {
  const batch = {
    subject: subject(),
    resource,
    context: { task: working.task, approval: { id: 'apr_0' }, askCovered: true },
    evaluations: [{ action: refunding('80.00') }, { action: refunding('80.00'), context: { approval: true } }],
  };
  const { evaluations } = (await (await evaluate(batch, undefined, 'evaluations')).json()) as { evaluations: Answer[] };
  assert.deepEqual(
    evaluations.map((one) => one.decision),
    [false, false],
  );
  assert.equal(evaluations[1]?.context.basis, 'rules');
  const [point] = await house.ada.operator.points.list();
  assert.ok(point);
  await house.ada.operator.points.retire(point.id);
  await refused(await evaluate(batch, undefined, 'evaluations'), 'enforcement_point.unauthenticated');
});

/** A domain of the organisation's own: who is an admin is what its directory says. */
const wiki = {
  schema: `entity user = { roles: Set<String>, @told device?: String };
@told entity page = { @told state?: String };
action edit appliesTo { principal: user, resource: page };`,
  rules: `@id("admins-edit") permit (principal, action, resource) when { principal.roles.contains("admin") };`,
  entities: JSON.stringify([
    { uid: { type: 'user', id: 'ann' }, attrs: { roles: ['admin'] }, parents: [] },
    { uid: { type: 'user', id: 'mal' }, attrs: { roles: ['reader'] }, parents: [] },
  ]),
};

test('no point is registered for a domain that nobody published', async () => {
  const typo = house.ada.operator.points.register({ name: 'typo', kind: 'authzen', domain: 'wikki' });
  await assert.rejects(typo, { code: 'enforcement_point.domain_unknown' });
});

async function wikiPoint(): Promise<string> {
  await house.ada.operator.persons.setRoles(house.alice.id, ['policy']);
  await house.alice.operator.domains.publish('wiki', wiki);
  const point = await house.ada.operator.points.register({ name: 'wiki', kind: 'authzen', domain: 'wiki' });
  return `Bearer ${point.secret}`;
}

test('in a domain nobody is an admin because a point says so, and nobody is there who is not', async () => {
  const authorization = await wikiPoint();
  const edit = async (who: object) => {
    const body = { subject: who, action: { name: 'edit' }, resource: { type: 'page', id: 'home' } };
    return ((await (await evaluate(body, authorization)).json()) as Answer).decision;
  };
  assert.equal(await edit({ type: 'user', id: 'ann' }), true);
  const roles = ['admin'];
  const claims: readonly object[] = [
    { type: 'user', id: 'mal' },
    { type: 'user', id: 'mal', properties: { roles } },
    { type: 'user', id: 'mal', properties: { roles, device: 'x', parents: [{ type: 'user', id: 'ann' }] } },
    { type: 'user', id: 'mal', properties: JSON.parse('{"__proto__": {"roles": ["admin"]}}') },
    { type: 'user', id: 'zoe', properties: { roles } },
    { type: 'page', id: 'home', properties: { roles } },
    { type: 'user', id: 'mal", roles: ["admin"' },
  ];
  for (const one of claims) assert.equal(await edit(one), false, JSON.stringify(one));

  // What the domain permits opens nothing that agents could use, and what agents may is not asked there.
  const own = { subject: subject(), action: refunding('10.00'), resource, context: { task: working.task } };
  assert.equal(((await (await evaluate(own, authorization)).json()) as Answer).decision, false);
  const there = {
    subject: { type: 'user', id: 'ann' },
    action: { name: 'edit' },
    resource: { type: 'page', id: 'home' },
  };
  const outside = await house.ada.operator.points.register({ name: 'outside', kind: 'authzen' });
  assert.equal(((await (await evaluate(there, `Bearer ${outside.secret}`)).json()) as Answer).decision, false);
});
