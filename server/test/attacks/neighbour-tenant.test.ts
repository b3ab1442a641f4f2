// Mallory's firm lives on the same plane, and she has seen ids of ours: in a mail, a log line, a screenshot.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Authority,
  assertionType,
  boundsWithin,
  canonicalJson,
  grantType,
  type PersonId,
  rememberableOf,
  type SignInProviderId,
  type TaskId,
  tokenType,
} from '@ambit/protocol';
import { connect } from '@ambit/sdk';
import { AmbitRefusal, connectOperator, enrol, newKey, type Operator } from '@ambit/sdk/operator';
import { randomId } from '../../src/foundation/index.ts';
import {
  type Bot,
  type House,
  openHouse,
  order,
  publicHalf,
  registerBot,
  shopDescription,
  wholeShop,
} from '../house.ts';
import { exchangeForm, type RawAgent, rawAgent } from '../raw-agent.ts';
import { testDomain } from '../spiffe-domain.ts';
import { keyFor, openNotes } from '../template-key-house.ts';
import { foundUmbra } from './neighbours.ts';
import { nameOf, peoplesRows, type Row, rowAt } from './people-rows.ts';
import { asked, atWork, settled } from './questions.ts';
import { refund, until } from './witness.ts';

let house: House;
let mallory: Operator;
let mel: Operator;
let melPerson: PersonId;
let theirs: RawAgent;
let theirProvider: SignInProviderId;
let theirBot: Bot;
let theirTask: TaskId;
let theirToken: string;
/** The newest answer that Mallory's tools heard, word by word. */
let heard = '';
/** The rows that her tools asked since this was emptied. */
let reached = new Set<string>();
const rows = peoplesRows();
const listening: typeof fetch = async (input, init) => {
  const row = rowAt(rows, init?.method ?? 'GET', new URL(String(input)).pathname);
  if (row !== undefined) reached.add(nameOf(row));
  const response = await fetch(input, init);
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  heard = `${response.status} ${isStream ? '' : await response.clone().text()}`;
  return response;
};

before(async () => {
  house = await openHouse({ env: { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.0/8' } });
  const code = await foundUmbra(house);
  const enter = async (text: string) => {
    const key = await newKey();
    const { person } = await enrol({ url: house.plane.people, code: text, key });
    return { person, operator: await connectOperator({ url: house.plane.people, person, key, fetch: listening }), key };
  };
  const admin = await enter(code);
  mallory = admin.operator;
  const { enrolment } = await mallory.persons.register({
    name: 'Mel',
    roles: ['approver', 'auditor', 'owner'],
    delegable: wholeShop,
  });
  const second = await enter(enrolment.code);
  mel = second.operator;
  melPerson = second.person;
  const importing = { name: 'shop', text: shopDescription(), zone: 'default', environment: 'test' };
  await mallory.catalog.import({ ...importing, server: house.shop.url });
  const { revision } = await mallory.catalog.show('shop');
  await mallory.catalog.confirm('shop', { revision });
  await mallory.tasks.definePurpose({ name: 'support', says: 'Anything.' });
  const bot: Bot = await registerBot({ id: second.person, key: second.key, operator: mel }, 'refund-bot');
  theirBot = bot;
  theirs = await rawAgent(house, bot);
  theirProvider = (await mallory.signInProviders.set({ ...provider, name: 'Umbra' })).id;
  const opened = await mel.tasks.open({
    agent: bot.id,
    purpose: { type: 'support', text: 'Look around.' },
    ttlSeconds: 600,
    authority: wholeShop,
  });
  theirTask = opened.id;
  theirToken = await theirs.accept(theirTask);
});
after(() => house.close());

const provider = {
  issuer: 'https://idp.example',
  clientId: 'ambit',
  clientAuth: 'client_secret_basic',
  secret: 'a secret of the provider',
  groupsClaim: 'groups',
} as const;

/** Ids of ours, of every kind that there is. */
async function ours() {
  const agent = await rawAgent(house, house.refundBot);
  const task = await house.openTask();
  const token = await agent.accept(task);
  const done = await refund(agent, token, '1.00');
  assert.equal(done.status, 201, await done.text());
  const parked = await refund(agent, token, '80.00');
  const approval = (await house.bob.operator.approvals.list()).find((one) => one.task === task);
  assert.ok(approval && parked.status === 202);
  const shown = await house.alice.operator.agents.show(house.refundBot.id);
  const grant = await house.alice.operator.standingGrants.sign({
    agent: house.lookupBot.id,
    authority: [{ type: 'ambit_grant', actions: ['shop:orders.get'] }],
    liveTasksMax: 1,
    taskSecondsMax: 60,
    expiresAt: Date.now() + 60_000,
  });
  const [credential] = await house.ada.operator.credentials.list();
  const made = await oncePerPlane();
  const { jti } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return {
    agent,
    token,
    ids: {
      task,
      agent: house.refundBot.id,
      person: house.alice.id,
      approval: approval.id,
      entry: done.headers.get('ambit-entry') ?? '',
      key: shown.keys[0]?.id ?? '',
      standingGrant: grant.id,
      credential: credential?.id ?? '',
      token: jti as string,
      ...made,
    },
  };
}

/** What names may stand for only once. */
let kept: Awaited<ReturnType<typeof makeOnce>> | undefined;
const oncePerPlane = async () => (kept ??= await makeOnce());

async function makeOnce() {
  const { operator: admin } = house.ada;
  const { operator: owner } = house.alice;
  const issuer = await admin.tokenIssuers.set({ issuer: 'https://ci.acme.example' });
  const claims = { audience: house.plane.agents, claims: { sub: 'job' } };
  const identity = await owner.agents.addIdentity(house.refundBot.id, {
    method: 'workload_token',
    issuer: issuer.issuer,
    subject: canonicalJson(claims),
  });
  const user = await owner.agents.linkUser(house.refundBot.id, { api: 'shop', externalId: 'u1', label: 'refund bot' });
  const point = await admin.points.register({ name: 'acme-proxy', kind: 'authzen' });
  const transmitter = await admin.signals.register({
    name: 'acme-idp',
    issuer: 'https://idp.acme.example',
    jwksUrl: 'https://idp.acme.example/keys',
    audience: house.plane.agents,
  });
  const channel = await admin.channels.add({ kind: 'webhook', name: 'acme-pager', url: 'https://pager.acme.example/' });
  const signIns = await admin.signInProviders.set({ ...provider, name: 'Acme' });
  await admin.signInProviders.link(signIns.id, { subject: 'alice', person: house.alice.id });
  await admin.signInProviders.setGroup(signIns.id, { group: 'people', roles: ['reviewer'], delegable: [] });
  const template = await openNotes(house);
  const templateKey = await keyFor(house, template);
  const shipping: Authority = [{ type: 'ambit_grant', actions: ['shop:shipping.get'] }];
  const reads: Authority = [{ type: 'ambit_grant', actions: ['shop:orders.get'] }];
  const bot = await connect({ url: house.plane.agents, agent: house.refundBot.id, key: house.refundBot.key });
  const task = await bot.accept(await house.openTask({ authority: shipping }));
  const approvals = house.bob.operator.approvals;
  const [elevation] = await Promise.all([
    task.elevate({ authority: reads, reason: 'What was ordered?', ttlSeconds: 600 }),
    until('a question', async () => (await approvals.list()).find((one) => one.task === task.id)).then((question) =>
      approvals.answer(question, 'yes'),
    ),
  ]);
  const remembered = await aRememberedYes();
  const named = await namedThings();
  return {
    ...named,
    remembered,
    elevation: elevation.id as string,
    tokenIssuer: issuer.id as string,
    identity: identity.id as string,
    agentUser: user.id as string,
    point: point.id as string,
    transmitter: transmitter.id as string,
    template: template as string,
    templateKey: templateKey.id as string,
    channel: channel.id as string,
    delivery: (await admin.channels.test(channel.id)).id as string,
    provider: signIns.id as string,
    proposal: await aProposal(),
  };
}

/** What has a name instead of an id. The longer name comes first, so that it is struck out whole. */
async function namedThings() {
  const { operator: admin } = house.ada;
  const described = { text: shopDescription(), zone: 'default', environment: 'test' };
  await admin.catalog.import({ ...described, name: 'acme-ledger', server: house.shop.url });
  const agent = await rawAgent(house, house.refundBot);
  await agent.call(await agent.accept(await house.openTask()), 'POST', '/api/shop/orders/1042/gift');
  const limit = { calls: 10_000, seconds: 3600 };
  await admin.limits.set({ name: 'acme-calls', subject: 'tenant', limit, reason: 'So.' });
  await admin.limits.setAge({ of: 'unused', secondsMax: 3_000_000_000, reason: 'So.' });
  const trusted = await testDomain('acme.example');
  await admin.trustDomains.set('acme.example', { bundle: trusted.bundle() });
  const schema = 'entity user; entity door; action open appliesTo { principal: user, resource: door };';
  await admin.domains.publish('acme-doors', { ...emptyDomain, schema });
  const [newest] = await admin.policies.list();
  await admin.policies.publish((await admin.policies.show(newest?.number ?? 0)).text, 'Acme, once more.');
  return {
    action: 'acme-ledger:orders.get',
    api: 'acme-ledger',
    unmatched: (await admin.catalog.unmatched())[0]?.id ?? '',
    limit: 'acme-calls',
    trustDomain: 'acme.example',
    domain: 'acme-doors',
  };
}

const emptyDomain = { rules: '@id("x") permit (principal, action, resource);', entities: '[]' };

async function aRememberedYes(): Promise<string> {
  const waiting = await asked(house, await atWork(house), '60.00');
  const rememberable = rememberableOf(waiting.question);
  assert.ok('widest' in rememberable);
  const { approvals } = house.bob.operator;
  await approvals.answer(waiting.question, 'yes', null, boundsWithin(rememberable.widest, { calls: 1 }));
  await settled(house, waiting);
  return (await approvals.remembered()).remembered[0]?.id ?? '';
}

async function aProposal(): Promise<string> {
  const { persons, proposals } = house.ada.operator;
  const { id } = await persons.register({ name: 'Eva of Acme', roles: ['administrator'] });
  await proposals.setTwoPersons(true);
  await assert.rejects(persons.setRoles(id, ['administrator', 'auditor']), { code: 'proposal.waits' });
  return (await proposals.list())[0]?.id ?? '';
}

type Ids = Awaited<ReturnType<typeof ours>>['ids'];

/** An id that nothing has, as long as the one it stands for. */
const absent = (ids: Ids): Ids =>
  Object.fromEntries(
    Object.entries(ids).map(([name, id]) => [name, `${id.slice(0, 4)}${randomId('entry').slice(4)}`]),
  ) as Ids;

/** What Mallory reads, without the entry and the id that she gave herself. */
async function read(ids: Ids, ask: (ids: Ids) => Promise<unknown>): Promise<string> {
  heard = '';
  await assert.rejects(ask(ids), AmbitRefusal);
  return plain(heard, ids);
}

const plain = (text: string, ids: Ids) =>
  Object.values(ids)
    .reduce((all, id) => all.replaceAll(id, 'ID'), text)
    .replace(/"entry":"ent_\w+"/, '"entry":""');

const theirNext = {
  get agent() {
    return theirBot.id;
  },
  purpose: { type: 'support', text: 'Ours now.' },
  ttlSeconds: 60,
};

const operations: Record<string, (ids: Ids) => Promise<unknown>> = {
  'a person shown': (ids) => mallory.persons.show(ids.person),
  'roles set': (ids) => mallory.persons.setRoles(ids.person, ['auditor']),
  'delegation widened': (ids) => mallory.persons.setDelegable(ids.person, wholeShop),
  'a person disabled': (ids) => mallory.persons.disable(ids.person, 'because'),
  'an enrolment code': (ids) => mallory.persons.issueCode(ids.person),
  'a person’s key revoked': (ids) => mallory.persons.revokeKey(ids.key as never),
  'an agent shown': (ids) => mallory.agents.show(ids.agent),
  'an agent suspended': (ids) => mallory.agents.suspend(ids.agent, 'because'),
  'an agent retired': (ids) => mallory.agents.retire(ids.agent, 'because'),
  'an agent’s tasks ended': (ids) => mallory.agents.endTasks(ids.agent, 'because'),
  'an agent’s key revoked': (ids) => mallory.agents.revokeKey(ids.agent, ids.key as never),
  'an agent activated': (ids) => mel.agents.activate(ids.agent),
  'an agent resumed': (ids) => mel.agents.resume(ids.agent, 'because'),
  'an agent taken over': (ids) => mallory.agents.reassign(ids.agent, melPerson, 'because'),
  'an agent’s key rotated': async (ids) => {
    const { d: _, ...jwk } = await newKey();
    const rotation = { old: ids.key as never, jwk, endsAt: Date.now() + 60_000, movesTasks: true };
    return mel.agents.rotateKey(ids.agent, rotation);
  },
  'what becomes of a shared credential': (ids) => mel.agents.whenShared(ids.agent, 'record', 'because'),
  'a way in for an agent': (ids) =>
    mel.agents.addIdentity(ids.agent, {
      method: 'workload_token',
      issuer: 'https://ci.acme.example',
      subject: canonicalJson({ audience: house.plane.agents, claims: { sub: 'mallory' } }),
    }),
  'a way in revoked': (ids) => mel.agents.revokeIdentity(ids.agent, ids.identity as never),
  'an agent user linked': (ids) => mel.agents.linkUser(ids.agent, { api: 'shop', externalId: 'u2', label: 'x' }),
  'an agent user unlinked': (ids) => mel.agents.unlinkUser(ids.agent, ids.agentUser as never),
  'an enforcement point retired': (ids) => mallory.points.retire(ids.point as never),
  'a token issuer removed': (ids) => mallory.tokenIssuers.remove(ids.tokenIssuer as never),
  'a transmitter retired': (ids) => mallory.signals.retire(ids.transmitter as never),
  'a transmitter’s word about a person of hers': (ids) =>
    mallory.signals.map(ids.transmitter as never, { iss: 'https://idp.acme.example', sub: 'x', person: melPerson }),
  'a static key made': (ids) =>
    mel.templateKeys.add(ids.agent, {
      label: 'x',
      template: ids.template as never,
      parameters: {},
      purpose: 'x',
      expiresAt: Date.now() + 60_000,
      zone: ['127.0.0.0/8'],
    }),
  'static keys listed': (ids) => mallory.templateKeys.list(ids.agent),
  'a static key replaced': (ids) =>
    mallory.templateKeys.rotate(ids.agent, ids.templateKey as never, {
      endsAt: Date.now() + 60_000,
      expiresAt: Date.now() + 60_000,
    }),
  'a static key revoked': (ids) => mallory.templateKeys.revoke(ids.agent, ids.templateKey as never, 'because'),
  'a static key of hers by a template of ours': (ids) =>
    mel.templateKeys.add(theirBot.id, {
      label: 'x',
      template: ids.template as never,
      parameters: { order },
      purpose: 'x',
      expiresAt: Date.now() + 60_000,
      zone: ['127.0.0.0/8'],
    }),
  'an agent’s key added': async (ids) => mallory.agents.addKey(ids.agent, { jwk: publicHalf(await newKey('ES256')) }),
  'a code for an agent': (ids) => mel.agents.enrolCode(ids.agent),
  'the codes of an agent': (ids) => mel.agents.withdrawCodes(ids.agent),
  'an agent on one page': (ids) => mel.agents.overview(ids.agent),
  'an agent of a person of ours': (ids) =>
    mallory.agents.register({
      name: 'x',
      team: 'x',
      purpose: 'x',
      environment: 'test',
      zone: 'default',
      expiresAt: Date.now() + 60_000,
      ceiling: [],
      owner: ids.person,
    }),
  'an agent of hers given to ours': (ids) => mallory.agents.reassign(theirBot.id, ids.person, 'because'),
  'a standing grant signed': (ids) =>
    mel.standingGrants.sign({
      agent: ids.agent,
      authority: wholeShop,
      liveTasksMax: 1,
      taskSecondsMax: 60,
      expiresAt: Date.now() + 60_000,
    }),
  'a task of hers that ours may take over': (ids) =>
    mel.tasks.open({ ...theirNext, delegates: [ids.agent], authority: wholeShop }),
  'a task of hers by a template of ours': (ids) =>
    mel.tasks.open({ ...theirNext, template: { id: ids.template as never, parameters: { order } } }),
  'a proposal shown': (ids) => mallory.proposals.show(ids.proposal as never),
  'a proposal answered': (ids) =>
    mallory.proposals.answer({ id: ids.proposal as never, digest: `sha-256:${'A'.repeat(43)}` }, 'no'),
  'a channel’s deliveries': (ids) => mallory.channels.deliveries(ids.channel as never),
  'a delivery': (ids) => mallory.channels.delivery({ channel: ids.channel as never, id: ids.delivery as never }),
  'a channel’s secret replaced': (ids) => mallory.channels.rotate(ids.channel as never, 0),
  'a channel tested': (ids) => mallory.channels.test(ids.channel as never),
  'a channel enabled': (ids) => mallory.channels.enable(ids.channel as never),
  'a channel removed': (ids) => mallory.channels.remove(ids.channel as never),
  'a provider of sign-ins': (ids) => mallory.signInProviders.show(ids.provider as never),
  'a provider of sign-ins removed': (ids) => mallory.signInProviders.remove(ids.provider as never),
  'a subject of our provider linked to hers': (ids) =>
    mallory.signInProviders.link(ids.provider as never, { subject: 'mel', person: melPerson }),
  'a subject of her provider linked to ours': (ids) =>
    mallory.signInProviders.link(theirProvider, { subject: 'alice', person: ids.person }),
  'a subject forgotten': (ids) => mallory.signInProviders.unlink(ids.provider as never, 'alice'),
  'what a group of our provider gives': (ids) =>
    mallory.signInProviders.setGroup(ids.provider as never, { group: 'people', roles: ['auditor'], delegable: [] }),
  'a group forgotten': (ids) => mallory.signInProviders.removeGroup(ids.provider as never, 'people'),
  'a transmitter’s word forgotten': (ids) =>
    mallory.signals.unmap(ids.transmitter as never, { iss: 'https://idp.acme.example', sub: 'x' }),
  'a transmitter of hers whose agents ours inherits': (ids) =>
    mallory.signals.register({
      name: 'x',
      issuer: 'https://idp.umbra.example',
      jwksUrl: 'https://idp.umbra.example/keys',
      audience: house.plane.agents,
      agents: 'reassign',
      successor: ids.person,
    }),
  'a credential’s secret replaced': (ids) => mallory.credentials.rotate(ids.credential as never, 'eight-letters'),
  'an API shown': (ids) => mallory.catalog.show(ids.api),
  'an API confirmed': (ids) => mallory.catalog.confirm(ids.api, { revision: 1 }),
  'an overlay': (ids) => mallory.catalog.overlay(ids.api, JSON.stringify({ actions: {} })),
  'a look at an overlay': (ids) => mallory.catalog.checkOverlay(ids.api, JSON.stringify({ actions: {} })),
  'an API moved': (ids) => mallory.catalog.move(ids.api, { server: 'https://umbra.example', revision: 1 }),
  'an action shown': (ids) => mallory.catalog.action(ids.action),
  'an action classified': (ids) => mallory.catalog.set(ids.action, { reversibility: 'reversible' }),
  'an unmatched call promoted': (ids) => mallory.catalog.promote(ids.unmatched),
  'a limit removed': (ids) => mallory.limits.remove(ids.limit),
  'a trust domain shown': (ids) => mallory.trustDomains.show(ids.trustDomain),
  'a trust domain removed': (ids) => mallory.trustDomains.remove(ids.trustDomain),
  'a domain shown': (ids) => mallory.domains.show(ids.domain),
  'a point that asks about a domain of ours': (ids) =>
    mallory.points.register({ name: 'x', kind: 'authzen', domain: ids.domain }),
  'how a call is undone': (ids) => mel.log.undo(ids.entry as never),
  'a call of ours undone': (ids) => mel.log.undoNow(ids.entry as never),
  'a standing grant revoked': (ids) => mallory.standingGrants.revoke(ids.standingGrant),
  'a task shown': (ids) => mel.tasks.show(ids.task),
  'a task narrowed': (ids) => mallory.tasks.narrow(ids.task, [], 'because'),
  'a task’s person signed in again': (ids) => mel.tasks.authenticate(ids.task),
  'an elevation ended': (ids) => mallory.tasks.endElevation(ids.elevation as never, 'because'),
  'a task revoked': (ids) => mallory.tasks.revoke(ids.task, 'because'),
  'a task for another’s agent': (ids) =>
    mel.tasks.open({
      agent: ids.agent,
      purpose: { type: 'support', text: 'Mine now.' },
      ttlSeconds: 60,
      authority: wholeShop,
    }),
  'a token revoked': (ids) => mallory.tasks.revokeToken(ids.token as never, 'because'),
  'a run read': (ids) => mel.runs.show(ids.task),
  'an entry read': (ids) => mel.log.entry(ids.entry as never),
  'a proof of an entry': (ids) => mel.log.inclusion(ids.entry as never, 1),
  'an approval shown': (ids) => mel.approvals.show(ids.approval),
  'yeses that are remembered for a task': (ids) => mel.approvals.remembered({ task: ids.task }),
  'a remembered yes ended': (ids) => mallory.approvals.endRemembered(ids.remembered as never, 'because'),
  'an approval answered': (ids) =>
    mel.approvals.answer({ id: ids.approval, digest: `sha-256:${'A'.repeat(43)}` }, 'yes'),
  'approvals answered together': ({ approval: id, task }) =>
    mel.approvals.answerAll([{ id, digest: `sha-256:${'A'.repeat(43)}`, task, action: 'shop:refunds.create' }], 'yes'),
  'a credential shown': (ids) => mallory.credentials.show(ids.credential as never),
  'a credential disabled': (ids) => mallory.credentials.disable(ids.credential as never, 'because'),
};

test('for every operation of people, what is ours and what does not exist are the same bytes', async () => {
  const { ids, agent, token } = await ours();
  const none = absent(ids);
  reached = new Set();
  for (const [what, ask] of Object.entries(operations)) {
    const [foreign, missing] = [await read(ids, ask), await read(none, ask)];
    assert.equal(foreign, missing, what);
    assert.match(foreign, /^(404|403|422) /, what);
    assert.ok(!foreign.includes('caller.not_allowed'), `${what}: nothing was looked for`);
  }
  assert.equal((await refund(agent, token, '1.00')).status, 201, 'something of ours was changed');
  const about = rows.filter((row) => row.isAbout && !isSearch(row)).map(nameOf);
  assert.ok(about.length > 70, `only ${about.length} rows name something`);
  assert.deepEqual(about.filter((row) => !reached.has(row)).toSorted(), Object.keys(triedElsewhere).toSorted());
});

const isSearch = ({ method, path }: Pick<Row, 'method' | 'path'>) => method === 'GET' && path === '/v1/log/entries';

/** Rows that name something, and yet have no operation above. */
const triedElsewhere: Readonly<Record<string, string>> = {
  'GET /v1/policies/{number}': 'counted in each organisation: below',
  'DELETE /v1/age-limits/{of}': 'the same words in each organisation: below',
  'PUT /v1/trust-domains/{name}': 'makes one of hers, whatever ours is called',
  'POST /v1/domains/{domain}': 'makes one of hers, whatever ours is called',
  'POST /v1/domains/{domain}/check': 'changes nothing',
  'POST /v1/credentials': 'for an agent user that is not hers, it is lent to nobody',
  'POST /v1/sign-in/oidc/start': 'for everybody who stands before the sign-in page',
  'POST /v1/person-keys/passkey': 'for whoever the session is of: replayed-passkey',
};

test('no list, export or search of hers holds anything of ours', async () => {
  const { ids } = await ours();
  const lists: (() => Promise<unknown>)[] = [
    () => mallory.persons.list(),
    () => mallory.agents.list(),
    () => mallory.tasks.list(),
    () => mel.tasks.list(),
    () => mel.approvals.list(),
    () => mel.approvals.inbox(),
    () => mel.approvals.remembered(),
    () => mel.runs.list(),
    () => mallory.credentials.list(),
    () => mallory.limits.list(),
    () => mallory.points.list(),
    () => mallory.agents.orphans(),
    () => mallory.limits.ages(),
    () => mallory.agents.whenSharedDefault(),
    () => mallory.trustDomains.list(),
    () => mallory.tokenIssuers.list(),
    () => mallory.signals.streams(),
    () => mallory.signals.transmitters(),
    () => mallory.catalog.list(),
    () => mallory.policies.list(),
    () => mel.log.search(),
    () => mel.log.search({ agent: ids.agent }),
    () => mel.log.search({ person: ids.person }),
    () => mel.log.search({ task: ids.task }),
    () => mel.log.search({ action: ids.action }),
    () => mel.log.stats({ by: 'agent' }),
    () => mallory.me(),
    () => mallory.acting(),
    () => mallory.proposals.list(),
    () => mallory.proposals.twoPersons(),
    () => mallory.channels.list(),
    () => mallory.channels.mailWish(),
    () => mallory.signInProviders.list(),
    () => mallory.tasks.purposes(),
    () => mallory.tasks.templates(),
    () => mallory.templateKeys.list(theirBot.id),
    () => mallory.approvals.rules(),
    () => mallory.catalog.actions(),
    () => mallory.catalog.unmatched(),
    exported,
    told,
  ];
  reached = new Set();
  for (const list of lists) {
    heard = '';
    const answer = JSON.stringify(await list()) + heard;
    for (const [kind, id] of Object.entries(ids)) assert.ok(!answer.includes(id), `${list}: ${kind} ${id}`);
    for (const name of ['Acme', 'Alice', 'Carol']) assert.ok(!answer.includes(name), `${list}: ${name}`);
  }
  const reads = rows.filter(({ method, isAbout }) => method === 'GET' && !isAbout).map(nameOf);
  const ofThePlane = ['GET /v1/log/checkpoint', 'GET /v1/log/proof/consistency'];
  assert.deepEqual(reads.filter((row) => !reached.has(row)).toSorted(), ofThePlane);
  assert.ok(rows.filter(isSearch).every((row) => reached.has(nameOf(row))));
});

/** All that her stream of events tells of the log so far, ours being most of it. */
async function told(): Promise<unknown[]> {
  const events: unknown[] = [];
  const enough = new AbortController();
  // What it has to tell comes at once behind the first; a busy machine may take its time until then.
  let rest = setTimeout(() => enough.abort(), 20_000);
  for await (const { event } of mel.live({ lastEventId: '0', signal: enough.signal })) {
    if (events.push(event) !== 2) continue;
    clearTimeout(rest);
    rest = setTimeout(() => enough.abort(), 1000);
  }
  assert.ok(events.length > 1, 'of hers it tells');
  return events;
}

async function exported(): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of await mel.log.export({ details: true, rows: true })) lines.push(line);
  return lines;
}

test('for an agent of hers, our tasks, questions and APIs do not exist', async () => {
  const { ids } = await ours();
  const none = absent(ids);
  await house.ada.operator.catalog.import({
    name: 'ledger',
    text: shopDescription(),
    server: house.shop.url,
    zone: 'default',
    environment: 'test',
  });
  const plane = await theirs.agentToken();
  const asked: Record<string, (of: Ids) => Promise<Response>> = {
    'a task shown': (of) => theirs.api(plane, 'GET', `/v1/agent/tasks/${of.task}`),
    'a task accepted': (of) => theirs.api(plane, 'POST', `/v1/agent/tasks/${of.task}/accept`),
    'a task completed': (of) => theirs.api(theirToken, 'POST', `/v1/agent/tasks/${of.task}/complete`),
    'a question polled': (of) => theirs.api(theirToken, 'GET', `/v1/agent/approvals/${of.approval}`),
    'an API called': (of) => theirs.call(theirToken, 'GET', `/api/${of === ids ? 'ledger' : 'nowhere'}/orders/1042`),
    'a token of a task': (of) =>
      theirs.tokenRequest({
        grant_type: grantType.clientCredentials,
        authorization_details: JSON.stringify([{ type: 'ambit_task', identifier: of.task }]),
      }),
  };
  for (const [what, ask] of Object.entries(asked)) {
    const said = async (of: Ids) => {
      const response = await ask(of);
      return plain(`${response.status} ${await response.text()}`, of);
    };
    const foreign = await said(ids);
    assert.equal(foreign, await said(none), what);
    assert.match(foreign, /^4/, what);
  }
});

test('a token of ours tells her nothing, hands her nothing, and survives her revoking it', async () => {
  const { agent, token, ids } = await ours();
  const forged = `${token.slice(0, -6)}AAAAAA`;
  const form = (path: string, text: string) => posted(path, { token: text, token_type_hint: tokenType.accessToken });
  assert.deepEqual(await form('/oauth/introspect', token), await form('/oauth/introspect', forged));
  assert.deepEqual(await form('/oauth/revoke', token), await form('/oauth/revoke', forged));
  const exchanged = async (text: string) => {
    const actor = await theirs.actorToken();
    const response = await theirs.tokenRequest(exchangeForm(text, actor, wholeShop));
    return plain(`${response.status} ${await response.text()}`, ids);
  };
  assert.equal(await exchanged(token), await exchanged(forged));
  assert.equal((await theirs.call(token, 'GET', `/api/shop/orders/${order}`)).status, 401);
  assert.equal((await refund(agent, token, '1.00')).status, 201);
});

async function posted(path: string, parameters: Record<string, string>): Promise<[number, string]> {
  const url = `${house.plane.agents}${path}`;
  const body = new URLSearchParams({
    client_assertion_type: assertionType.jwtBearer,
    client_assertion: await theirs.assertion(),
    ...parameters,
  }).toString();
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    dpop: await theirs.proof('POST', url, { body }),
  };
  const response = await fetch(url, { method: 'POST', headers, body });
  return [response.status, (await response.text()).replace(/"entry":"ent_\w+"/, '')];
}

test('our credential is not lent to her, though her API has the same name and address', async () => {
  const response = await theirs.call(theirToken, 'GET', `/api/shop/orders/${order}`);
  assert.equal(response.status, 401);
  assert.equal(response.headers.get('ambit-source'), 'upstream');
  assert.equal(house.shop.requests().at(-1)?.authorizationScheme, null);
});

test('her agents’ failures rest nothing of ours, and her limits bind her', async () => {
  const { agent, token } = await ours();
  await mallory.limits.set({
    name: 'nothing',
    subject: 'tenant',
    limit: { calls: 1, seconds: 3600 },
    reason: 'Tries to bind the neighbours.',
  });
  const statuses: number[] = [];
  for (let i = 0; i < 25; i++)
    statuses.push((await theirs.call(theirToken, 'GET', `/api/shop/orders/${order}`)).status);
  assert.ok(statuses.includes(429), JSON.stringify(statuses));
  assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}`)).status, 200);
  assert.equal((await refund(agent, token, '1.00')).status, 201);
});

test('what is counted or called alike in each organisation is her own', async () => {
  const { ids } = await ours();
  assert.ok((await house.ada.operator.policies.list()).some(({ number }) => number === 2));
  await assert.rejects(mallory.policies.show(2), { code: 'thing.not_found' });
  await assert.rejects(mallory.limits.removeAge('unused'), { code: 'thing.not_found' });
  const hers = await testDomain(ids.trustDomain);
  await mallory.trustDomains.set(ids.trustDomain, { bundle: hers.bundle() });
  await mallory.domains.publish(ids.domain, {
    ...emptyDomain,
    schema: 'entity cat; action purr appliesTo { principal: cat, resource: cat };',
  });
  const { trustDomains, domains } = house.ada.operator;
  assert.notEqual((await trustDomains.show(ids.trustDomain)).bundle, hers.bundle());
  assert.match((await domains.show(ids.domain)).schema, /entity door/);
  await mallory.trustDomains.remove(ids.trustDomain);
  assert.equal((await trustDomains.list()).length, 1);
});
