import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { TenantId } from '@ambit/protocol';
import { openTestStore, type TestStore } from '../foundation/database/testing.ts';
import type { PersonCaller } from '../foundation/index.ts';
import { foundTenant } from '../identity/testing.ts';
import { orders, question, refund } from './cast.testing.ts';
import { startOfficial } from './cedar/official.ts';
import { defaultPolicies } from './default-policies.cedar.ts';
import { judgeQuestion } from './judge.ts';
import type { ActionForSchema } from './question.ts';
import { createRules, judgeQuestionOfficially, publishDefault } from './rules.ts';
import { findPolicy, listPolicies, newestPolicy } from './store.ts';

const official = startOfficial();
let opened: TestStore;
before(async () => {
  opened = await openTestStore();
});
after(async () => {
  official.close();
  await opened.close();
});

let named = 0;

/** A tenant with rules over a catalog that the test may change. */
async function tenancy() {
  const { ground } = opened;
  const { tenant, admin } = await foundTenant(ground, `acme-${++named}`);
  const catalog: { version: string; actions: readonly ActionForSchema[] } = { version: '1', actions: [refund, orders] };
  const rules = createRules(ground, official, async (asked) =>
    asked === tenant ? catalog : { version: '1', actions: [] },
  );
  const publish = (text: string, by: PersonCaller = admin.caller) => rules.publish(by, text, 'because');
  return { ground, tenant, admin, catalog, rules, publish };
}

const all = '@id("all") permit(principal, action, resource);';
const none = '@id("none") forbid(principal, action, resource);';
const refusal =
  (code: string, says = /./) =>
  (error: { code?: string; says?: string }) => {
    if (error.code !== code) throw error;
    assert.match(String(error.says), says);
    return true;
  };

describe('the rules in force', () => {
  test('are the safe default where none were published', async () => {
    const { rules, tenant } = await tenancy();
    const set = await rules.current(tenant);
    assert.equal(set.text, defaultPolicies);
    assert.ok(set.asks.has('irreversible-asks'));
    assert.equal(judgeQuestion(set, question).kind, 'permit');
    const opaque = { ...question, action: { ...refund, opaque: true } };
    assert.equal(judgeQuestion(set, opaque).kind, 'deny');
    assert.equal(judgeQuestion(set, { ...question, task: null }).kind, 'deny');
  });

  test('are the newest that were published, from then on', async () => {
    const { rules, tenant, publish } = await tenancy();
    await publish(all);
    assert.equal((await rules.current(tenant)).text, all);
    await publish(none);
    assert.equal((await rules.current(tenant)).text, none);
    assert.equal(judgeQuestion(await rules.current(tenant), question).kind, 'deny');
  });

  test('are prepared once, and kept until text or catalog change', async () => {
    const { rules, tenant, catalog, publish } = await tenancy();
    const [first, second] = await Promise.all([rules.current(tenant), rules.current(tenant)]);
    assert.equal(first, second);
    assert.equal(await rules.current(tenant), first);
    catalog.version = '2';
    const third = await rules.current(tenant);
    assert.notEqual(third, first);
    assert.equal(third.version, first.version, 'the same text over the same actions is the same version');
    await publish(all);
    assert.notEqual((await rules.current(tenant)).version, third.version);
  });

  test('are checked again when the catalog changes: a rule about what is gone closes, until one of them is mended', async () => {
    const { rules, tenant, catalog, publish } = await tenancy();
    const text = `${all}\n@id("big") forbid(principal, action == Action::"shop:refunds.create", resource)
      when { context.arguments.body.amount.greaterThan(decimal("50.0")) };`;
    await publish(text);
    assert.equal((await rules.current(tenant)).text, text);
    Object.assign(catalog, { version: '2', actions: [orders] });
    await assert.rejects(rules.current(tenant), /shop:refunds\.create/);
    await assert.rejects(rules.current(tenant), /shop:refunds\.create/, 'and again, not once only');
    await assert.rejects(publish(text), refusal('policy.invalid', /shop:refunds\.create/));
    Object.assign(catalog, { version: '3', actions: [refund, orders] });
    assert.equal((await rules.current(tenant)).text, text);
  });

  test('of one tenant are nothing to another', async () => {
    const [one, other] = [await tenancy(), await tenancy()];
    await one.publish(none);
    assert.equal((await other.rules.current(other.tenant)).text, defaultPolicies);
    assert.equal(await newestPolicy(opened.ground, other.tenant), undefined);
    assert.equal((await one.rules.current(other.tenant)).text, defaultPolicies);
  });
});

describe('publishing', () => {
  test('keeps every version, numbered, with who, when, why and the digest of its text', async () => {
    const { tenant, admin, ground, publish } = await tenancy();
    const first = await publish(all);
    ground.clock.advance(5);
    const second = await publish(none);
    assert.deepEqual([first.number, second.number], [1, 2]);
    assert.deepEqual(second, {
      number: 2,
      text: none,
      digest: `sha-256:${hash('sha256', none, 'base64url')}`,
      publishedBy: admin.person.id,
      publishedAt: ground.clock(),
      note: 'because',
    });
    assert.deepEqual({ ...(await findPolicy(ground, tenant, 1)) }, { ...first });
    assert.deepEqual(
      (await listPolicies(ground, tenant)).map((one) => one.number),
      [2, 1],
    );
    const written = await ground.database.log.entries(tenant, { kind: 'policy.published', limit: 9 });
    assert.deepEqual(
      written.map((one) => ground.database.log.open(one)?.detail.number),
      [1, 2],
    );
    assert.equal(written[0]!.header.who.requester, admin.person.id);
  });

  test('refuses a text that is not understood, in words and with the line, and nothing changes', async () => {
    const { rules, tenant, publish } = await tenancy();
    await publish(all);
    const bad: readonly [string, RegExp][] = [
      ['permit(principal, action, resource);', /line 1.*@id/],
      ['permit(principal, action resource);', /line 1/],
      [`${all}\n\n${all}`, /line 3.*line 1 has this @id already/],
      [`${all}\n@id("x") forbid(principal, action == Action::"shop:refund", resource);`, /policy x.*shop:refund/s],
      [`${all}\n@id("x") forbid(principal, action, resource) when { context.amuont };`, /amuont/],
      ['@id("x") @ask("May it?") permit(principal, action, resource);', /@ask belongs on a forbid/],
      ['@id("closed-by-default") permit(principal, action, resource);', /reserved/],
      ['@id("x") permit(principal == ?principal, action, resource);', /principal/],
    ];
    for (const [text, says] of bad) {
      await assert.rejects(rules.check(tenant, text), refusal('policy.invalid', says), text);
      await assert.rejects(publish(text), refusal('policy.invalid', says), text);
    }
    assert.equal((await rules.current(tenant)).text, all);
    assert.equal((await newestPolicy(opened.ground, tenant))?.number, 1);
  });

  test('names every problem at once', async () => {
    const { rules, tenant } = await tenancy();
    const text = 'permit(principal, action, resource);\nforbid(principal, action, resource);';
    await assert.rejects(rules.check(tenant, text), refusal('policy.invalid', /line 1.*line 2/s));
  });

  test('checks without publishing', async () => {
    const { rules, tenant } = await tenancy();
    assert.equal((await rules.check(tenant, all)).text, all);
    assert.equal(await newestPolicy(opened.ground, tenant), undefined);
  });

  test('at once gives one of them the number, and the other is told to look again', async () => {
    const { ground, tenant, publish } = await tenancy();
    const all3 = await Promise.allSettled([publish(all), publish(none), publish(all)]);
    const numbers = all3.flatMap((one) => (one.status === 'fulfilled' ? [one.value.number] : []));
    assert.equal(new Set(numbers).size, numbers.length);
    assert.ok(numbers.length >= 1);
    for (const one of all3) if (one.status === 'rejected') refusal('state.changed')(one.reason);
    assert.equal((await listPolicies(ground, tenant)).length, numbers.length);
  });

  test('of the default gives a new tenant a text to read and change', async () => {
    const { ground, tenant, rules } = await tenancy();
    const made = await publishDefault(ground, tenant);
    assert.deepEqual([made.number, made.publishedBy, made.text], [1, 'plane', defaultPolicies]);
    assert.equal((await rules.current(tenant)).text, defaultPolicies);
  });
});

describe('the official evaluator', () => {
  test('says of a call what the closures say', async () => {
    const { rules, tenant } = await tenancy();
    const set = await rules.current(tenant);
    for (const asked of [
      question,
      { ...question, task: null },
      { ...question, action: { ...refund, reversibility: 'irreversible' as const } },
      { ...question, action: { ...refund, api: { ...refund.api, zone: 'payroll' } } },
      { ...question, arguments: { ...question.arguments, 'body.amount': true } },
    ]) {
      assert.deepEqual(await judgeQuestionOfficially(set, asked, official), judgeQuestion(set, asked));
    }
  });

  test('that gives no answer publishes nothing', async () => {
    const { ground, tenant, admin } = await tenancy();
    const gone = startOfficial();
    gone.close();
    const rules = createRules(ground, gone, async () => ({ version: '1', actions: [refund] }));
    await assert.rejects(rules.publish(admin.caller, all, ''), refusal('policy.invalid'));
    await assert.rejects(rules.current(tenant as TenantId));
    assert.equal(await newestPolicy(ground, tenant), undefined);
  });
});
