import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { backends, type TestStore } from '../../foundation/database/testing.ts';
import { foundTenant } from '../../identity/testing.ts';
import { startOfficial } from '../cedar/official.ts';
import { judge } from '../judge.ts';
import { judgeOfficially } from '../judge-officially.ts';
import { PolicyTextError } from '../publish.ts';
import type { Domain } from './domain.ts';
import { type DomainQuestion, domainQuestion } from './domain-question.ts';
import { createDomains } from './domains.ts';
import { prepareDomain } from './prepare-domain.ts';

const official = startOfficial();
after(official.close);

const schema = `
entity group;
entity user in [group] = { level: Long, @told device?: String };
@told
entity record = { owner?: user, @told label?: String };
action read, write appliesTo { principal: user, resource: record, context: {
  now?: datetime, place?: String, action?: { method?: String } } };
action everything;
`;
const rules = `
@id("staff-read") permit (principal in group::"staff", action == Action::"read", resource);
@id("owners-write") permit (principal, action == Action::"write", resource)
when { resource has owner && resource.owner == principal };
@id("laptop-writes") permit (principal, action == Action::"write", resource)
when { principal has device && principal.device == "laptop" && principal.level >= 3 };
@id("public-writes") permit (principal, action == Action::"write", resource)
when { resource has label && resource.label == "public" };
@id("put-at-home") permit (principal, action == Action::"write", resource)
when { context has action && context.action has method && context.action.method == "PUT" && context has place &&
  context.place == "home" };
@id("later") permit (principal, action == Action::"write", resource)
when { context has now && context.now > datetime("2030-01-01") };
`;
const user = (id: string, attrs: object, groups: readonly string[] = []) => ({
  uid: { type: 'user', id },
  attrs,
  parents: groups.map((group) => ({ type: 'group', id: group })),
});
const entities = [
  { uid: { type: 'group', id: 'staff' }, attrs: {}, parents: [] },
  user('alice', { level: 3 }, ['staff']),
  user('bob', { level: 1, device: 'phone' }),
  { uid: { type: 'record', id: 'r1' }, attrs: { owner: { type: 'user', id: 'bob' }, label: 'secret' }, parents: [] },
];
const draft = { schema, rules, entities: JSON.stringify(entities) };
const prepared = (changed: Partial<typeof draft> = {}) =>
  prepareDomain({ ...draft, ...changed, name: 'records', number: 1 }, official);

let domain: Domain;
before(async () => {
  domain = await prepared();
});

const asked = (
  subject: string,
  action: string,
  resource: string,
  more: {
    readonly of?: DomainQuestion['subject']['properties'];
    readonly about?: DomainQuestion['resource']['properties'];
    readonly doing?: DomainQuestion['action']['properties'];
    readonly context?: DomainQuestion['context'];
    readonly now?: number;
  } = {},
): DomainQuestion => ({
  subject: { type: 'user', id: subject, properties: more.of ?? {} },
  action: { name: action, properties: more.doing ?? {} },
  resource: { type: 'record', id: resource, properties: more.about ?? {} },
  context: more.context ?? {},
  now: more.now ?? Date.UTC(2027, 0, 1),
});

/** By both evaluators, which must agree; or why no rule was asked. */
async function answer(question: DomainQuestion): Promise<string> {
  const made = domainQuestion(domain, question);
  if (made.kind === 'unreadable') return made.because.join(' ');
  const judged = judge(domain.set, made);
  assert.deepEqual((await judgeOfficially(domain.set, made, official)).kind, judged.kind);
  return judged.kind;
}

describe('a question about a domain', () => {
  test('is answered by the directory: groups and attributes are its own', async () => {
    assert.equal(await answer(asked('alice', 'read', 'r1')), 'permit');
    assert.equal(await answer(asked('bob', 'read', 'r1')), 'deny');
    assert.equal(await answer(asked('bob', 'write', 'r1')), 'permit');
    assert.equal(await answer(asked('alice', 'write', 'r1')), 'deny');
  });

  test('what the directory says of somebody is never told otherwise', async () => {
    const claimed = { level: 9, device: 'laptop', groups: ['staff'] };
    assert.equal(await answer(asked('bob', 'write', 'r2', { of: claimed })), 'deny');
    assert.equal(await answer(asked('alice', 'write', 'r1', { about: { label: 'public' } })), 'deny');
  });

  test('an attribute that is not marked @told is never the point’s to tell', async () => {
    const mine = { owner: { type: 'user', id: 'alice' } };
    assert.equal(await answer(asked('alice', 'write', 'r2', { about: mine })), 'deny');
  });

  test('what is marked @told, and what the directory does not say, the point tells', async () => {
    assert.equal(await answer(asked('alice', 'write', 'r2', { of: { device: 'laptop' } })), 'permit');
    assert.equal(await answer(asked('alice', 'write', 'r2', { about: { label: 'public' } })), 'permit');
  });

  test('somebody who is not in the directory is nobody; a thing of a told type is there', async () => {
    const nobody = asked('mallory', 'write', 'r2', { of: { level: 9, device: 'laptop' } });
    assert.match(await answer(nobody), /the directory has no user mallory/);
    assert.equal(await answer(asked('alice', 'read', 'never-seen')), 'permit');
  });

  test('the context is the point’s, with the properties of the action; the clock is not', async () => {
    const doing = { method: 'PUT', colour: 'green' };
    assert.equal(await answer(asked('alice', 'write', 'r2', { doing, context: { place: 'home', x: 1 } })), 'permit');
    const instead = { place: 'home', action: { method: 'PUT' }, now: '2031-01-01' };
    assert.equal(await answer(asked('alice', 'write', 'r2', { context: instead })), 'deny');
    assert.equal(await answer(asked('alice', 'write', 'r2', { now: Date.UTC(2031, 0, 1) })), 'permit');
  });

  test('what cannot be read is asked of no rule, and says why', async () => {
    const rows: readonly (readonly [DomainQuestion, RegExp])[] = [
      [asked('alice', 'fly', 'r1'), /no action fly/],
      [asked('alice', 'everything', 'r1'), /no action everything/],
      [{ ...asked('alice', 'read', 'r1'), subject: { type: 'robot', id: 'alice' } }, /no type robot/],
      [{ ...asked('alice', 'read', 'r1'), subject: { type: 'a user', id: 'alice' } }, /not the name of an entity type/],
      [{ ...asked('alice', 'read', 'r1'), subject: { type: 'record', id: 'r1' } }, /cannot be a record/],
      [{ ...asked('alice', 'read', 'r1'), subject: { type: 'Action', id: 'read' } }, /no type Action/],
      [asked('alice', 'read', 'r2', { about: { label: 7 } }), /label must be of type string/],
      [asked('alice', 'read', 'r1', { context: { place: null } }), /place is null/],
      [asked('alice', 'read', 'r1', { context: { place: 1.5 } }), /not an integer/],
      [asked('alice', 'read', 'r\ud800'), /surrogate/],
    ];
    for (const [question, says] of rows) assert.match(await answer(question), says);
  });
});

describe('a domain is not published', () => {
  const wrong: readonly (readonly [string, Partial<typeof draft>, RegExp])[] = [
    ['whose schema cannot be read', { schema: 'entity' }, /the schema: .*parsing/],
    ['whose directory is no JSON', { entities: '[' }, /the directory: .*not JSON/],
    [
      'whose directory holds a type that the schema does not',
      { entities: JSON.stringify([{ uid: { type: 'x', id: 'y' }, attrs: {}, parents: [] }]) },
      /no entity type x/,
    ],
    ['whose directory lacks a required attribute', { entities: JSON.stringify([user('eve', {})]) }, /lacks `level`/],
    [
      'whose directory holds too many',
      { entities: JSON.stringify(Array.from({ length: 10_001 }, (_, i) => user(`u${i}`, { level: 1 }))) },
      /at most 10000/,
    ],
    [
      'whose rules name what is not there',
      { rules: '@id("x") permit (principal, action == Action::"fly", resource);' },
      /fly/,
    ],
    [
      'whose rules ask',
      { rules: '@id("x") @ask("May it?") forbid (principal, action, resource);' },
      /nobody can be asked/,
    ],
    [
      'whose @told stands where nothing is told',
      { schema: `${schema}\n@told action x appliesTo { principal: user, resource: record };` },
      /@told belongs on/,
    ],
    [
      'whose clock is of another type',
      { schema: schema.replace('now?: datetime', 'now?: String') },
      /context\.now .* datetime/,
    ],
    [
      'whose action in the context is no record',
      { schema: schema.replace('action?: { method?: String }', 'action?: String') },
      /context\.action .* record/,
    ],
    [
      'in which two actions have one name',
      { schema: `${schema}\nnamespace Other { entity t; action read appliesTo { principal: t, resource: t }; }` },
      /have the same name/,
    ],
  ];
  for (const [what, changed, says] of wrong) {
    test(what, async () => {
      await assert.rejects(
        prepared(changed),
        (error: Error) => error instanceof PolicyTextError && says.test(error.message),
      );
    });
  }
});

for (const backend of backends) {
  describe(`publishing a domain on the ${backend.name} store`, { skip: backend.skip }, () => {
    let opened: TestStore;
    before(async () => {
      opened = await backend.open();
    });
    after(() => opened.close());

    test('a new version counts from the next question on, and others of the tenant, or of another, are untouched', async () => {
      const { ground } = opened;
      const [one, other] = [await foundTenant(ground, 'acme-domains'), await foundTenant(ground, 'globex-domains')];
      const domains = createDomains(ground, official, 'compiled');
      const ask = async (tenant: typeof one.tenant) => {
        const found = await domains.current(tenant, 'records');
        return found && (await domains.judge(found, asked('bob', 'read', 'r1'))).kind;
      };
      assert.equal(await ask(one.tenant), undefined);
      const first = await domains.publish(one.admin.caller, 'records', draft, 'first');
      assert.deepEqual([first.number, await ask(one.tenant), await ask(other.tenant)], [1, 'deny', undefined]);
      const open = { ...draft, rules: '@id("all") permit (principal, action, resource);' };
      const second = await domains.publish(one.admin.caller, 'records', open, 'second');
      assert.deepEqual([second.number, await ask(one.tenant)], [2, 'permit']);
      assert.notEqual(first.digest, second.digest);
      assert.equal(await domains.current(one.tenant, 'other'), undefined);
    });

    test('what is wrong is refused in words, and the version before goes on', async () => {
      const { ground } = opened;
      const { tenant, admin } = await foundTenant(ground, 'initech-domains');
      const domains = createDomains(ground, official, 'compiled');
      await domains.publish(admin.caller, 'records', draft, '');
      const broken = domains.publish(admin.caller, 'records', { ...draft, rules: 'permit' }, '');
      await assert.rejects(broken, { code: 'policy.invalid' });
      assert.equal((await domains.current(tenant, 'records'))?.number, 1);
    });

    test('the entry tells schema, rules and how much the directory holds, and not the directory', async () => {
      const { ground } = opened;
      const { tenant, admin } = await foundTenant(ground, 'hooli-domains');
      await createDomains(ground, official, 'compiled').publish(admin.caller, 'records', draft, 'why');
      const [stored] = await ground.database.log.entries(tenant, { kind: 'policy.domain-published', limit: 1 });
      const { detail } = ground.database.log.open(stored!)!;
      assert.deepEqual(detail.directory, { group: 1, user: 2, record: 1 });
      assert.doesNotMatch(JSON.stringify(detail), /alice/);
      assert.equal(stored!.header.changes[0]?.table, 'domains');
    });
  });
}
