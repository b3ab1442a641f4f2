import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type {
  AgentId,
  ApprovalId,
  Ask,
  Authority,
  ElevationId,
  EntryId,
  Grant,
  PersonId,
  RememberedId,
  StandingGrantId,
  TaskId,
  TemplateKeyId,
} from '@ambit/protocol';
import { decimalOf, readDenialParts, reasonWithSum } from '@ambit/protocol';
import fc from 'fast-check';
import { authorities, calls, callsWithin } from '../authority/arbitraries.testing.ts';
import { covers } from '../authority/index.ts';
import type { Agent, Person } from '../identity/index.ts';
import type { Elevation, Task } from '../tasks/index.ts';
import { orders, question, refund } from './cast.testing.ts';
import { startOfficial } from './cedar/official.ts';
import { type Decision, decide, mustStand, questionOf } from './decide.ts';
import { defaultPolicies } from './default-policies.cedar.ts';
import {
  type ApprovalFact,
  type AskedFact,
  type ChargeFact,
  type Facts,
  linkCounter,
  type RememberedFact,
} from './facts.ts';
import { denyUnreadable, type Judgement } from './judge.ts';
import { type PolicySet, preparePolicySet } from './publish.ts';
import { policySchema } from './schema.ts';

const official = startOfficial();
after(official.close);
const publish = (text: string) => preparePolicySet({ text, schema: policySchema([refund, orders]) }, official);
let rules: PolicySet;
before(async () => {
  rules = await publish('@id("all") @reason("All is well.") permit(principal, action, resource);');
});

// ---- the cast

const { now } = question;
const digest = 'sha-256:this-very-call';
const grant = (more: Partial<Grant> = {}): Grant => ({ type: 'ambit_grant', actions: [refund.id], ...more });
const mayRefund: Authority = [grant()];
const mayNot: Authority = [grant({ actions: [orders.id] })];

const person = (name: string): Person => ({
  id: `psn_${name}` as PersonId,
  name,
  email: null,
  roles: [],
  rolesSince: 0,
  state: 'active',
  delegable: mayRefund,
  createdAt: 0,
  epoch: 0,
});
const [alice, bob, olga] = [person('alice'), person('bob'), person('olga')];
const bot: Agent = {
  id: 'agt_refund' as AgentId,
  name: 'refund-bot',
  kind: 'agent',
  owner: olga.id,
  team: 'support',
  purpose: 'settles damaged orders',
  environment: 'production',
  zone: 'support',
  expiresAt: now + 86_400_000,
  ceiling: mayRefund,
  liveTasksMax: 10,
  state: 'active',
  createdBy: olga.id,
  createdAt: 0,
  activeSince: null,
  whenShared: null,
  epoch: 0,
};

/** The task itself first, the one that Alice opened last. */
function chainOf(...all: Partial<Task>[]): [Task, ...Task[]] {
  const ids = all.map((_, i) => `tsk_${all.length - i}` as TaskId);
  const [first, ...rest] = all.map((more, i): Task => {
    const parent = ids[i + 1] ?? null;
    return {
      id: ids[i]!,
      parent,
      root: ids.at(-1)!,
      depth: all.length - 1 - i,
      requester: alice.id,
      agent: bot.id,
      purposeType: 'settle-order',
      purposeText: 'Order 1042 came damaged',
      authority: mayRefund,
      origin: parent === null ? { by: 'person', proof: 'dpop' } : { by: 'delegation', parent },
      template: null,
      state: 'active',
      epoch: 1,
      openedAt: now - 1000,
      expiresAt: now + 3_600_000,
      acceptedJkt: 'jkt',
      acceptedKey: 'key',
      endedAt: null,
      endedBecause: null,
      delegates: null,
      authenticated: null,
      ...more,
    };
  });
  return [first!, ...rest];
}

function facts(more: Partial<Facts> = {}): Facts {
  const chain = more.chain ?? chainOf({});
  return {
    now,
    chain,
    agents: chain.map(() => bot),
    owners: chain.map(() => olga),
    requester: alice,
    call: {
      action: refund.id,
      arguments: new Map(Object.entries(question.arguments)),
      money: { amount: decimalOf('30.50'), currency: 'USD' },
    },
    callDigest: digest,
    credential: null,
    agentUser: null,
    elevated: [],
    bounds: [],
    uncountable: null,
    charges: [],
    spent: new Map(),
    halted: null,
    unknownBefore: null,
    remembered: null,
    approval: null,
    question,
    stands: [],
    ...more,
  };
}

const charge = (more: Partial<ChargeFact> = {}): ChargeFact => ({
  counter: 'calls|task:tsk_1|0|all',
  window: 0,
  by: decimalOf('1'),
  max: decimalOf('5'),
  used: decimalOf('0'),
  otherwise: 'limits.calls_exceeded',
  says: 'Five calls are all there is.',
  freeAt: null,
  ...more,
});
const yes = (...asks: string[]): ApprovalFact => ({
  id: 'apr_1' as ApprovalId,
  callDigest: digest,
  asks: asks.map((ask) => ({ ask, reason: `${ask.replace(/^policy:/, '')} says so.` })),
  by: [bob],
  together: [],
});
const judged = (kind: Judgement['kind'], ...policies: string[]): Judgement => ({
  kind,
  because: policies.map((policy) => ({ policy, reason: `${policy} says so.`, effect: 'forbid' })),
  errors: [],
});

const outcome = (decision: Decision): string =>
  decision.kind === 'deny' ? decision.code : decision.kind === 'ask' ? `ask ${names(decision)}` : 'permit';
const names = (decision: Extract<Decision, { kind: 'ask' }>) => decision.asks.map((one) => one.name).join(' ');
const decided = (more: Partial<Facts>, ruling?: Judgement) => outcome(decide(facts(more), rules, ruling));

function permitted(more: Partial<Facts>) {
  const decision = decide(facts(more), rules);
  return decision.kind === 'permit' ? decision.permit : assert.fail(outcome(decision));
}

// ---- static keys

describe('a task of a static key', () => {
  const final = { ...question, action: { ...refund, reversibility: 'irreversible' as const } };
  const ofKey = (more: object = { templateKey: 'tky_1' }) =>
    chainOf({ origin: { by: 'standing-grant', grant: 'stg_1' as StandingGrantId, ...more } });

  test('does nothing that cannot be taken back, and no yes of a person changes that', () => {
    assert.equal(decided({ chain: ofKey(), question: final }), 'template_key.irreversible');
    const answered = { chain: ofKey(), question: final, approval: yes('policy:all') };
    assert.equal(decided(answered, judged('ask', 'all')), 'template_key.irreversible');
  });

  test('does what can be, and what is final is for other tasks to do', () => {
    assert.equal(decided({ chain: ofKey() }), 'permit');
    assert.equal(decided({ chain: ofKey({}), question: final }), 'permit');
    assert.equal(decided({ question: final }), 'permit');
  });

  test('is bound by it wherever it stands in the chain', () => {
    const chain = chainOf({}, { ...ofKey()[0], id: 'tsk_1' as TaskId, parent: null });
    const because = decide(facts({ chain, question: final }), rules);
    assert.ok(because.kind === 'deny' && because.code === 'template_key.irreversible');
    assert.match(because.because, /shop:refunds\.create is irreversible, and task tsk_1 /);
  });

  test('is told first that it has ended', () => {
    const [task] = ofKey();
    assert.equal(decided({ chain: [{ ...task, state: 'revoked' }], question: final }), 'task.ended');
  });
});

// ---- permits

describe('a permit', () => {
  test('says what it was made of: facts, reasons, the version of the rules and the grant of every link', () => {
    const second: Authority = [mayNot[0]!, grant({ limits: [{ calls: 5 }] })];
    const chain = chainOf({ authority: second }, {}, {});
    const permit = permitted({ chain });
    assert.equal(permit.isDecided, true);
    assert.equal(permit.facts.chain, chain);
    assert.equal(permit.policyVersion, rules.version);
    assert.deepEqual(permit.because, [{ source: 'policy', name: 'policy:all', reason: 'All is well.' }]);
    assert.deepEqual(
      permit.grants.map(({ task, index }) => [task.id, index]),
      [
        ['tsk_3', 1],
        ['tsk_2', 0],
        ['tsk_1', 0],
      ],
    );
  });

  test('charges everything: what limits count, and the sums behind the asks of every link as they were read', () => {
    const asks: Ask[] = [{ over: { amount: '100.00', currency: 'USD' }, per: 'path.orderId', reason: 'Large.' }];
    const chain = chainOf({ authority: [grant({ asks })] }, { authority: [grant({ asks })] });
    const names = ['tsk_2', 'tsk_1'].map((task) => linkCounter(task, 'ask|0|0|1042'));
    const spent = new Map([[names[1]!, decimalOf('20.00')]]);
    const permit = permitted({ chain, charges: [charge()], spent });
    assert.deepEqual(
      permit.charges.map(({ counter, by, max, used }) => [counter, by, max, used]),
      [
        ['calls|task:tsk_1|0|all', '1', '5', '0'],
        [names[0], '30.50', null, '0'],
        [names[1], '30.50', null, '20.00'],
      ],
    );
    assert.deepEqual(permit.charges.map(mustStand), [false, true, true]);
  });
});

// ---- what must live

describe('a call is denied as soon as anything it stands on is over', () => {
  const three = (i: number, more: Partial<Task>) => chainOf(...[0, 1, 2].map((place) => (place === i ? more : {})));

  for (const i of [0, 1, 2]) {
    test(`link ${i} of the chain`, () => {
      for (const state of ['requested', 'approved', 'completed', 'revoked', 'expired'] as const) {
        assert.equal(decided({ chain: three(i, { state }) }), 'task.ended', state);
      }
      assert.equal(decided({ chain: three(i, { expiresAt: now }) }), 'task.ended');
      assert.equal(decided({ chain: three(i, { expiresAt: now + 1 }) }), 'permit');
    });

    test(`the agent or the owner of link ${i}`, () => {
      const chain = chainOf({}, {}, {});
      const at = <T>(all: T, one: T) => [0, 1, 2].map((place) => (place === i ? one : all));
      for (const state of ['draft', 'suspended', 'retired'] as const) {
        assert.equal(decided({ chain, agents: at(bot, { ...bot, state }) }), 'agent.not_active');
      }
      assert.equal(decided({ chain, agents: at(bot, { ...bot, expiresAt: now }) }), 'agent.not_active');
      assert.equal(decided({ chain, owners: at(olga, { ...olga, state: 'disabled' }) }), 'task.ended');
      assert.equal(decided({ chain, agents: [bot, bot, bot].slice(0, 2) }), 'task.ended');
      assert.equal(decided({ chain, owners: [olga, olga, olga].slice(0, 2) }), 'task.ended');
    });
  }

  test('the person who asked', () => {
    assert.equal(decided({ requester: { ...alice, state: 'disabled' } }), 'task.ended');
    const origin = { by: 'standing-grant', grant: 'sgr_1' as StandingGrantId } as const;
    assert.equal(decided({ requester: null, chain: chainOf({ requester: null, origin }) }), 'permit');
  });
});

// ---- what must cover

describe('every source of authority covers the call', () => {
  for (const i of [0, 1, 2]) {
    test(`or it is denied: link ${i}`, () => {
      const chain = chainOf(...[0, 1, 2].map((place) => (place === i ? { authority: mayNot } : {})));
      assert.equal(decided({ chain }), 'authority.not_covered');
      assert.equal(
        decided({ chain: chainOf(...[0, 1, 2].map((j) => (j === i ? { authority: [] } : {}))) }),
        'authority.not_covered',
      );
    });
  }

  test('or it is denied: each bound beside the chain, by its own name, and without its words', () => {
    for (const code of [
      'authority.beyond_ceiling',
      'authority.beyond_delegable',
      'authority.beyond_standing_grant',
    ] as const) {
      const bounds = [
        { whose: 'x', authority: mayRefund, code },
        { whose: 'y', authority: mayNot, code },
      ];
      const decision = decide(facts({ bounds }), rules);
      assert.equal(outcome(decision), code);
      assert.equal(decision.kind === 'deny' && decision.says, null, 'what others may is not for the agent to hear');
      assert.equal(decided({ bounds: bounds.slice(0, 1) }), 'permit');
    }
  });

  test('with its arguments: the agent hears its own bound', () => {
    const authority = [grant({ where: { 'path.orderId': { all: [{ equals: '1042' }] } } })];
    const decision = decide(facts({ chain: chainOf({ authority }) }), rules);
    assert.equal(outcome(decision), 'authority.not_covered');
    assert.match(decision.kind === 'deny' ? String(decision.says) : '', /refunds\.create/);
  });
});

// ---- step-up

describe('a rule that wants a fresh sign-in', () => {
  const stale = (otherwise: Judgement = judged('permit')): Judgement => ({
    ...judged('deny', 'fresh'),
    stepUp: { maxAgeSeconds: 60, otherwise },
  });
  const signedIn = (secondsAgo: number | null) => {
    const authenticated =
      secondsAgo === null ? null : { at: now - secondsAgo * 1000, acr: 'urn:ambit:acr:enrolled-key' };
    return { chain: chainOf({}, {}, { authenticated }) };
  };

  test('is met by that of the person who opened the chain, to the second', () => {
    assert.equal(decided(signedIn(60), stale()), 'permit');
    assert.equal(decided(signedIn(60.001), stale()), 'authentication.too_old');
    assert.equal(decided(signedIn(null), stale()), 'authentication.too_old');
    assert.equal(decided({ ...signedIn(1), requester: null }, stale()), 'authentication.too_old');
    const decision = decide(facts(signedIn(61)), rules, stale());
    assert.equal(decision.kind === 'deny' && decision.maxAgeSeconds, 60);
  });

  test('and by the way that it names: another is as none, and nobody meets two at once', () => {
    const wants = (...acrs: string[]): Judgement => ({
      ...judged('deny', 'fresh'),
      stepUp: { maxAgeSeconds: 60, acrs, otherwise: judged('permit') },
    });
    assert.equal(decided(signedIn(1), wants('urn:ambit:acr:enrolled-key')), 'permit');
    assert.equal(decided(signedIn(1), wants('phr')), 'authentication.too_old');
    assert.equal(decided(signedIn(1), wants('phr', 'urn:ambit:acr:enrolled-key')), 'authentication.too_old');
    const decision = decide(facts(signedIn(1)), rules, wants('phr'));
    assert.deepEqual(decision.kind === 'deny' && decision.acrs, ['phr']);
  });

  test('asks for no way of signing in where none is named, and no other denial asks for any', () => {
    const tooOld = decide(facts(signedIn(61)), rules, stale());
    assert.ok(tooOld.kind === 'deny' && tooOld.code === 'authentication.too_old');
    assert.deepEqual(tooOld.acrs, []);
    const never = decide(facts(signedIn(61)), rules, judged('deny', 'never'));
    assert.ok(never.kind === 'deny' && never.code === 'policy.denied');
    assert.deepEqual([never.maxAgeSeconds, never.acrs], [null, []]);
  });

  test('leaves what the other rules say: a question stays one, a denial stays one', () => {
    assert.equal(decided(signedIn(1), stale(judged('ask', 'big'))), 'ask policy:big');
    assert.equal(decided(signedIn(1), judged('deny', 'never')), 'policy.denied');
  });
});

// ---- elevations

describe('an elevation', () => {
  const elevation = (more: Partial<Elevation> = {}): Elevation => ({
    ...elevationOfTask('tsk_1', mayRefund),
    ...more,
  });
  const denied = { chain: chainOf({ authority: mayNot }) };

  test('covers the call of its task, until its very last millisecond', () => {
    assert.equal(decided({ ...denied, elevated: [elevation()] }), 'permit');
    assert.equal(decided({ ...denied, elevated: [elevation({ expiresAt: now + 1 })] }), 'permit');
    assert.equal(decided({ ...denied, elevated: [elevation({ expiresAt: now })] }), 'authority.not_covered');
    for (const state of ['expired', 'ended'] as const) {
      assert.equal(decided({ ...denied, elevated: [elevation({ state })] }), 'authority.not_covered');
    }
  });

  test('gives nothing to another task, whatever the facts hold', () => {
    for (const task of ['tsk_2', 'tsk_0']) {
      assert.equal(decided({ ...denied, elevated: [elevation({ task: task as TaskId })] }), 'authority.not_covered');
    }
    const chain = chainOf({ authority: mayNot }, { authority: mayNot });
    assert.equal(decided({ chain, elevated: [elevation({ task: 'tsk_2' as TaskId })] }), 'authority.not_covered');
  });

  test('never reaches beyond a bound, a rule or a link above', () => {
    const elevated = [elevation()];
    const bounds = [{ whose: 'x', authority: mayNot, code: 'authority.beyond_ceiling' as const }];
    assert.equal(decided({ ...denied, elevated, bounds }), 'authority.beyond_ceiling');
    assert.equal(decided({ ...denied, elevated }, judged('deny', 'no-refunds')), 'policy.denied');
  });

  test('asks by its own words and sums, and never stands in for the general question', () => {
    const asks: Ask[] = [{ always: true, reason: 'It is only for a while.' }];
    const elevated = [elevation({ authority: [grant({ asks })] })];
    assert.equal(decided({ ...denied, elevated }), 'ask task:tsk_1:elv_1:0:0');
    assert.equal(questionOf(facts({ ...denied, elevated })).askCovered, false);
    const own = { chain: chainOf({ authority: [grant({ asks })] }) };
    assert.equal(questionOf(facts(own)).askCovered, true);
  });

  test('is named in the reasons of the permit, so that the log says under what it was made', () => {
    const { because, grants } = permitted({ ...denied, elevated: [elevation()] });
    assert.equal(
      because.find(({ name }) => name === 'elevation:elv_1')?.reason,
      'A person let this task do more, for a while.',
    );
    assert.equal(grants[0]?.elevation?.id, 'elv_1');
  });
});

// ---- limits

describe('limits', () => {
  test('let through what fits exactly, and nothing more', () => {
    const sum = { max: decimalOf('100.00'), by: decimalOf('30.50'), otherwise: 'limits.sum_exceeded' as const };
    assert.equal(decided({ charges: [charge({ ...sum, used: decimalOf('69.50') })] }), 'permit');
    assert.equal(decided({ charges: [charge({ ...sum, used: decimalOf('69.51') })] }), 'limits.sum_exceeded');
    assert.equal(decided({ charges: [charge({ ...sum, used: decimalOf('900') })] }), 'limits.sum_exceeded');
    assert.equal(decided({ charges: [charge(), charge({ ...sum, used: decimalOf('70') })] }), 'limits.sum_exceeded');
    assert.equal(decided({ charges: [charge({ max: decimalOf('0') })] }), 'limits.calls_exceeded');
  });

  test('say when there is room again, in whole seconds, never zero, and nothing where there never is', () => {
    const retry = (freeAt: number | null) => {
      const decision = decide(facts({ charges: [charge({ used: decimalOf('5'), freeAt })] }), rules);
      assert.equal(decision.kind === 'deny' && decision.says, 'Five calls are all there is.');
      return decision.kind === 'deny' ? decision.retryAfterSeconds : undefined;
    };
    assert.deepEqual(
      [retry(null), retry(now + 1), retry(now + 1000), retry(now + 1001), retry(now - 9)],
      [null, 1, 1, 2, 1],
    );
  });

  test('deny what cannot be counted, and who must rest', () => {
    const uncountable = {
      code: 'limits.currency_unknown',
      because: 'EUR',
      says: 'Send USD.',
      currency: 'USD',
    } as const;
    assert.equal(decided({ uncountable }), 'limits.currency_unknown');
    const halted = { code: 'limits.rate_exceeded', because: 'fast', retryAfterSeconds: 7 } as const;
    const decision = decide(facts({ halted }), rules);
    assert.equal(outcome(decision), 'limits.rate_exceeded');
    assert.equal(decision.kind === 'deny' && decision.retryAfterSeconds, 7);
  });
});

// ---- the organisation's rules

describe('the rules', () => {
  test('deny a call that everything else allows, and say which of them did, for the log alone', () => {
    const decision = decide(facts(), rules, judged('deny', 'no-refunds'));
    assert.equal(outcome(decision), 'policy.denied');
    assert.deepEqual(decision.kind === 'deny' && [decision.because, decision.says], [
      'no-refunds (no-refunds says so.)',
      null,
    ]);
    assert.equal(decided({}, { kind: 'deny', because: [], errors: ['broken'] }), 'policy.denied');
  });

  test('deny where one that speaks of the call cannot be evaluated, also beside a permit', async () => {
    const set = await publish(`@id("all") permit(principal, action, resource);
      @id("broken") forbid(principal, action == Action::"${refund.id}", resource)
      when { context.arguments.body has lines && context.arguments.body.lines * 9223372036854775807 == 1 };`);
    const decision = decide(facts(), set);
    assert.equal(outcome(decision), 'policy.denied');
    assert.match(decision.kind === 'deny' ? decision.because : '', /broken/);
    const { 'body.lines': lines, ...others } = question.arguments;
    assert.ok(lines);
    const spared = { ...question, arguments: others };
    assert.equal(outcome(decide(facts({ question: spared }), set)), 'permit');
  });

  test('deny an argument that does not fit what its action declares', () => {
    const odd = { ...question, arguments: { ...question.arguments, 'body.amount': 'thirty' } };
    assert.equal(decided({ question: odd }), 'policy.denied');
    assert.equal(
      decided({ question: { ...question, arguments: { ...question.arguments, 'body.x': true } } }),
      'policy.denied',
    );
  });

  test('deny everything where none permits', async () => {
    const none = await publish('@id("no") permit(principal, action, resource) when { context.channel == "none" };');
    assert.equal(outcome(decide(facts(), none)), 'policy.denied');
  });
});

// ---- asks

const always: Ask = { always: true, reason: 'Ask me.' };
const over = (amount: string): Ask => ({ over: { amount, currency: 'USD' }, per: 'path.orderId', reason: 'Large.' });
const asking = (...asks: Ask[]): Partial<Task> => ({ authority: [grant({ asks })] });

describe('a person is asked', () => {
  test('by every link of the chain that asks, by each in its own name', () => {
    const chain = chainOf(asking(always), {}, asking(over('10.00'), always));
    assert.equal(decided({ chain }), 'ask task:tsk_3:0:0 task:tsk_1:0:0@0 task:tsk_1:0:1');
  });

  test('when a sum passes its line, with what was spent before on the same thing', () => {
    const chain = chainOf(asking(over('50.00')));
    const spent = (amount: string, of = 'ask|0|0|1042') => new Map([[linkCounter('tsk_1', of), decimalOf(amount)]]);
    assert.equal(decided({ chain }), 'permit');
    assert.equal(decided({ chain, spent: spent('19.50') }), 'permit');
    assert.equal(decided({ chain, spent: spent('19.51') }), 'ask task:tsk_1:0:0@19.51');
    assert.equal(decided({ chain, spent: spent('49.00', 'ask|0|0|1043') }), 'permit');
    const decision = decide(facts({ chain, spent: spent('20.00') }), rules);
    const [ask] = decision.kind === 'ask' ? decision.asks : [];
    assert.equal(ask?.reason, 'Large. (20.00 USD before, 30.50 now, asked above 50.00)');
  });

  test('by the rules, and by a write of which nobody knows whether it happened', () => {
    assert.equal(decided({}, judged('ask', 'large')), 'ask policy:large');
    assert.equal(decided({ unknownBefore: 'ent_9' as EntryId }), 'ask unknown:ent_9');
    const all = { chain: chainOf(asking(always)), unknownBefore: 'ent_9' as EntryId };
    assert.equal(decided(all, judged('ask', 'large')), 'ask task:tsk_1:0:0 unknown:ent_9 policy:large');
  });
});

describe('a yes', () => {
  const chain = chainOf(asking(always));
  const unknownBefore = 'ent_9' as EntryId;
  const shown = ['task:tsk_1:0:0', 'unknown:ent_9', 'policy:large'];

  test('answers the asks that were shown, for the call that was shown', () => {
    assert.equal(decided({ chain, approval: yes('task:tsk_1:0:0') }), 'permit');
    assert.equal(decided({ chain, unknownBefore, approval: yes(...shown) }, judged('ask', 'large')), 'permit');
    assert.equal(decided({ chain, approval: yes('something', 'task:tsk_1:0:0') }), 'permit');
  });

  test('answers no other ask: each that was not shown is asked, with all of them', () => {
    for (const missing of shown) {
      const approval = yes(...shown.filter((one) => one !== missing));
      assert.equal(decided({ chain, unknownBefore, approval }, judged('ask', 'large')), `ask ${shown.join(' ')}`);
    }
    assert.equal(
      decided({ chain, approval: yes('task:tsk_1:0:1', 'task:tsk_2:0:0', 'task:tsk_1:0') }),
      'ask task:tsk_1:0:0',
    );
    assert.equal(decided({ unknownBefore, approval: yes('unknown:ent_8') }), 'ask unknown:ent_9');
    assert.equal(decided({ approval: yes('policy:larg') }, judged('ask', 'large')), 'ask policy:large');
  });

  test('answers no other call', () => {
    const approval = { ...yes('task:tsk_1:0:0'), callDigest: 'sha-256:another' };
    assert.equal(decided({ chain, approval }), 'ask task:tsk_1:0:0');
    assert.equal(
      decided({ chain, callDigest: 'sha-256:another', approval: yes('task:tsk_1:0:0') }),
      'ask task:tsk_1:0:0',
    );
  });

  test('lifts no denial', () => {
    const approval = yes(...shown);
    assert.equal(decided({ chain, approval }, judged('deny', 'large')), 'policy.denied');
    assert.equal(decided({ approval, chain: chainOf({ authority: mayNot }) }), 'authority.not_covered');
    assert.equal(decided({ chain, approval, charges: [charge({ used: decimalOf('5') })] }), 'limits.calls_exceeded');
    assert.equal(decided({ approval, chain: chainOf({ ...asking(always), state: 'revoked' }) }), 'task.ended');
  });
});

describe('a yes to several questions under one signature', () => {
  const over: Ask = { over: { amount: '50.00', currency: 'USD' }, reason: 'Large.' };
  const chain = chainOf(asking(over));
  const money = (spent: string, amount: string, more: { of?: string; threshold?: string; reason?: string } = {}) => {
    const { threshold = '50.00', reason = 'Large.', ...of } = more;
    const sum = { spent, amount, threshold, currency: 'USD', ...of };
    return { ask: `task:tsk_1:0:0@${spent}`, reason: reasonWithSum(reason, sum), over: sum };
  };
  const approved = (shown: AskedFact, ...others: AskedFact[]): ApprovalFact => ({
    ...yes(),
    asks: [shown],
    together: others.map((one) => [one]),
  });
  const whenSpent = (spent: string, approval: ApprovalFact | null, more: Partial<Facts> = {}) =>
    decided({
      chain,
      spent: new Map([[linkCounter('tsk_1', 'ask|0|0|'), decimalOf(spent)]]),
      question: { ...question, provenance: [] },
      approval,
      ...more,
    });
  const shown = money('60.00', '30.50');

  test('answers the sum that was shown, and what the others of the list made of it', () => {
    const approval = approved(shown, money('60.00', '30.00'), money('0', '15.00'));
    for (const spent of ['60.00', '75.00', '90.00', '105.00']) assert.equal(whenSpent(spent, approval), 'permit');
  });

  test('answers no cent more than all of them come to, and nothing that was shown without them', () => {
    const approval = approved(shown, money('60.00', '30.00'), money('0', '15.00'));
    for (const spent of ['105.01', '1000.00', '59.99'])
      assert.equal(whenSpent(spent, approval), `ask task:tsk_1:0:0@${spent}`);
    assert.equal(whenSpent('75.00', approved(shown)), 'ask task:tsk_1:0:0@75.00');
    const alone: ApprovalFact = { ...approval, asks: [{ ask: 'policy:large', reason: 'large says so.' }] };
    assert.equal(whenSpent('75.00', alone), 'ask task:tsk_1:0:0@75.00', 'the sum was not what was asked about');
    const { over: _, ...silent } = shown;
    assert.equal(whenSpent('75.00', { ...approval, asks: [silent] }), 'ask task:tsk_1:0:0@75.00');
    assert.equal(whenSpent('75.00', { ...approval, callDigest: 'sha-256:another' }), 'ask task:tsk_1:0:0@75.00');
    assert.equal(
      whenSpent('75.00', approval, { unknownBefore: 'ent_9' as EntryId }),
      'ask task:tsk_1:0:0@75.00 unknown:ent_9',
    );
  });

  test('counts of the others only what the same ask counts: in the same words, over the same line, of the same resource', () => {
    const others: AskedFact[] = [
      { ...money('60.00', '30.00'), ask: 'task:tsk_1:0:1@60.00' },
      money('60.00', '30.00', { threshold: '70.00' }),
      money('60.00', '30.00', { reason: 'Very large.' }),
      money('60.00', '30.00', { of: 'another order' }),
      { ask: 'policy:large', reason: 'large says so.' },
    ];
    for (const one of others)
      assert.equal(whenSpent('75.00', approved(shown, one)), 'ask task:tsk_1:0:0@75.00', JSON.stringify(one));
    assert.equal(
      whenSpent('75.00', approved(money('60.00', '30.50', { of: '1042' }), money('60.00', '30.00'))),
      'ask task:tsk_1:0:0@75.00',
    );
  });

  test('answers no sum over another line, of another resource or in other words, though all of the list were such', () => {
    for (const more of [{ threshold: '40.00' }, { of: '1042' }, { reason: 'Very large.' }]) {
      const approval = approved(money('60.00', '30.50', more), money('60.00', '30.00', more));
      assert.equal(whenSpent('75.00', approval), 'ask task:tsk_1:0:0@75.00', JSON.stringify(more));
    }
  });

  test('answers no ask that has no sum, whatever sums were shown', () => {
    const approval = approved(shown, money('60.00', '30.00'));
    assert.equal(whenSpent('75.00', approval, { chain: chainOf(asking(always)) }), 'ask task:tsk_1:0:0');
    const unknown = whenSpent('0', approval, { unknownBefore: 'ent_9' as EntryId });
    assert.equal(unknown, 'ask unknown:ent_9');
  });

  test('law: the sum may have grown by at most what the others said that they would add', () => {
    const cents = (max: number) => fc.integer({ min: 0, max });
    const said = (at: number) => decimalOf((at / 100).toFixed(2));
    fc.assert(
      fc.property(cents(20_000), fc.array(cents(9_000), { maxLength: 5 }), cents(60_000), (before, others, spent) => {
        const now = 5_000 + spent;
        const shownThen = money(said(5_000 + before), '30.50');
        const approval = approved(shownThen, ...others.map((one) => money(said(one), said(one))));
        const most = 5_000 + before + others.reduce((sum, one) => sum + one, 0);
        const isWithin = now >= 5_000 + before && now <= most;
        assert.equal(whenSpent(said(now), approval) === 'permit', isWithin);
      }),
    );
  });
});

describe('a remembered yes', () => {
  const over: Ask = { over: { amount: '50.00', currency: 'USD' }, reason: 'Large.' };
  const chain = chainOf(asking(over));
  const spent = new Map([[linkCounter('tsk_1', 'ask|0|0|'), decimalOf('120.00')]]);
  const clean = { ...question, provenance: [] };
  const base = { chain, spent, question: clean };
  const money = (amount: string, threshold = '50.00') => {
    const over = { spent: amount, amount: '30.50', threshold, currency: 'USD' };
    const reason = `Large. (${amount} USD before, 30.50 now, asked above ${threshold})`;
    return { ask: `task:tsk_1:0:0@${amount}`, reason, over };
  };
  const charges = [
    charge({ counter: 'calls|remembered:rmb_1|0|all' }),
    charge({ counter: 'sum|USD|remembered:rmb_1|0|all', by: decimalOf('30.50'), max: decimalOf('61.00') }),
  ];
  /** Of when 60.00 were spent, and less of it asked for. */
  const remembered = (more: Partial<RememberedFact> = {}): RememberedFact => ({
    id: 'rmb_1' as RememberedId,
    task: 'tsk_1' as TaskId,
    agent: bot.id,
    grant: grant({ limits: [{ calls: 5 }] }),
    until: now + 1000,
    asks: [money('60.00')],
    policyVersion: rules.version,
    charges,
    answered: 'ent_5' as EntryId,
    when: '2027-01-15 09:08 UTC',
    by: { ...bob, name: 'Bob' },
    stands: [],
    ...more,
  });
  const asks = 'ask task:tsk_1:0:0@120.00';
  const withYes = (more: Partial<RememberedFact>, others: Partial<Facts> = {}, ruling?: Judgement) =>
    decided({ ...base, remembered: remembered(more), ...others }, ruling);

  test('answers the asks that were shown, whatever the sum behind them has become, and charges what is its own', () => {
    assert.equal(decided(base), asks);
    const permit = permitted({ ...base, remembered: remembered(), charges: [charge()] });
    assert.deepEqual(
      permit.charges.map(({ counter }) => counter),
      [
        'calls|task:tsk_1|0|all',
        linkCounter('tsk_1', 'ask|0|0|'),
        'calls|remembered:rmb_1|0|all',
        'sum|USD|remembered:rmb_1|0|all',
      ],
    );
    assert.deepEqual(permit.because.at(-1), {
      source: 'plane',
      name: 'remembered:rmb_1',
      reason: 'Remembered: Bob’s yes of 2027-01-15 09:08 UTC (ent_5).',
    });
    assert.deepEqual(permit.because, permittedBecause(decide(facts({ ...base, remembered: remembered() }), rules)));
  });

  test('is named only where it let a call through that would be asked about', () => {
    const permit = permitted({ ...base, spent: new Map(), remembered: remembered() });
    assert.deepEqual(
      permit.because.map(({ name }) => name),
      ['policy:all'],
    );
    assert.deepEqual(
      permit.charges.map(({ counter }) => counter),
      [linkCounter('tsk_1', 'ask|0|0|')],
    );
  });

  test('answers no ask that was not shown, in other words, or with another threshold', () => {
    for (const other of [
      [],
      [{ ...money('60.00'), ask: 'task:tsk_1:0:1@60.00' }],
      [{ ...money('60.00'), reason: money('60.00').reason.replace('Large', 'Small') }],
      [money('60.00', '51.00')],
      [{ ask: 'task:tsk_1:0:0', reason: 'Large.' }],
    ]) {
      assert.equal(withYes({ asks: other }), asks, JSON.stringify(other));
    }
    const ruled = [{ ask: 'policy:large', reason: 'large says so.' }];
    assert.equal(withYes({}, {}, judged('ask', 'large')), `${asks} policy:large`, 'all of them or none');
    assert.equal(withYes({ asks: ruled }, { spent: new Map() }, judged('ask', 'large')), 'permit');
    const reworded = [{ ask: 'policy:large', reason: 'Large says so.' }];
    assert.equal(withYes({ asks: reworded }, { spent: new Map() }, judged('ask', 'large')), 'ask policy:large');
  });

  test('answers neither a task that asks each time nor a write of which nobody knows the end', () => {
    const each = { chain: chainOf(asking(always)) };
    const shown = [{ ask: 'task:tsk_1:0:0', reason: always.reason }];
    assert.equal(withYes({ asks: shown }, each), 'ask task:tsk_1:0:0');
    const unknownBefore = 'ent_9' as EntryId;
    const doubt = decide(facts({ question: clean, unknownBefore }), rules);
    const seen = doubt.kind === 'ask' ? doubt.asks.map(({ name, reason }) => ({ ask: name, reason })) : [];
    assert.equal(seen.length, 1);
    assert.equal(withYes({ asks: seen }, { chain: chainOf({}), unknownBefore }), 'ask unknown:ent_9');
  });

  test('stands for its own task and agent, until its end, by the rules that were in force', () => {
    assert.equal(withYes({}), 'permit');
    for (const more of [
      { task: 'tsk_2' as TaskId },
      { agent: 'agt_other' as AgentId },
      { until: now },
      { policyVersion: 'sha-256:other' },
    ]) {
      assert.equal(withYes(more), asks, JSON.stringify(more));
    }
    const child = chainOf({}, asking(over));
    assert.match(withYes({}, { chain: child }), /^ask task:tsk_1/, 'a task below is another one');
  });

  test('is bounded: beyond the grant, with a limit that is used up, and without any limit a person is asked', () => {
    assert.equal(withYes({ grant: grant({ where: { 'body.amount': { all: [{ equals: 1 }] } } }) }), asks);
    assert.equal(withYes({ grant: grant({ actions: [orders.id] }) }), asks);
    assert.equal(withYes({ charges: [] }), asks);
    assert.equal(withYes({ charges: [charges[0]!, { ...charges[1]!, used: decimalOf('30.51') }] }), asks);
    assert.equal(withYes({ charges: [charges[0]!, { ...charges[1]!, used: decimalOf('30.50') }] }), 'permit');
    assert.equal(withYes({ charges: [{ ...charges[0]!, max: null }, charges[1]!] }), asks);
  });

  test('is none for what cannot be undone, is opaque, mints a credential, came from outside or is beyond the task', () => {
    const classified = (more: Partial<typeof refund>) => ({ question: { ...clean, action: { ...refund, ...more } } });
    assert.equal(withYes({}, classified({ reversibility: 'irreversible' })), asks);
    assert.equal(withYes({}, classified({ opaque: true })), asks);
    assert.equal(withYes({}, classified({ mintsCredential: true })), asks);
    assert.equal(withYes({}, classified({ reversibility: 'reversible' })), 'permit');
    assert.equal(withYes({}, { question: { ...clean, provenance: ['stranger'] } }), asks);
    const more = elevationOfTask('tsk_1', [grant({ asks: [over] })]);
    const under = decided({
      ...base,
      spent: new Map([[linkCounter(more.id, 'ask|0|0|'), decimalOf('120.00')]]),
      elevated: [more],
    });
    assert.match(under, /^ask task:tsk_1:elv_/);
    const shown = [{ ...money('60.00'), ask: `task:tsk_1:${more.id}:0:0@60.00` }];
    const elevated = { spent: new Map([[linkCounter(more.id, 'ask|0|0|'), decimalOf('120.00')]]), elevated: [more] };
    assert.equal(withYes({ asks: shown }, elevated), under);
  });

  test('lifts no denial, and a parked call has its own answer', () => {
    assert.equal(withYes({}, {}, judged('deny', 'large')), 'policy.denied');
    assert.equal(withYes({}, { chain: chainOf({ authority: mayNot }) }), 'authority.not_covered');
    assert.equal(withYes({}, { charges: [charge({ used: decimalOf('5') })] }), 'limits.calls_exceeded');
    assert.equal(withYes({}, { chain: chainOf({ ...asking(over), state: 'revoked' }) }), 'task.ended');
    assert.equal(withYes({}, { approval: yes('something') }), asks);
  });
});

const permittedBecause = (decision: Decision) => (decision.kind === 'permit' ? decision.because : []);

describe('a threshold in the task stands in for the general question', () => {
  let safe: PolicySet;
  before(async () => {
    safe = await publish(defaultPolicies);
  });
  const irreversible = { ...question, action: { ...refund, reversibility: 'irreversible' as const } };
  const general = 'ask policy:irreversible-asks';
  const ask = (more: Partial<Facts>) => outcome(decide(facts({ question: irreversible, ...more }), safe));
  const high = asking(over('500.00'));

  test('where the person who asked wrote it', () => {
    assert.equal(ask({}), general);
    assert.equal(ask({ chain: chainOf(high) }), 'permit');
    assert.equal(ask({ chain: chainOf({}, {}, high) }), 'permit');
    assert.equal(ask({ chain: chainOf(asking(over('10.00'))) }), 'ask task:tsk_1:0:0@0');
  });

  test('and not where an agent did, or a grant of another action did', () => {
    assert.equal(ask({ chain: chainOf(high, {}) }), general);
    assert.equal(ask({ chain: chainOf(high, high, {}) }), general);
    const standing = {
      ...high,
      requester: null,
      origin: { by: 'standing-grant', grant: 'sgr_1' as StandingGrantId } as const,
    };
    assert.equal(ask({ requester: null, chain: chainOf(standing) }), general);
    assert.equal(ask({ requester: null, chain: chainOf(high) }), general);
    const lost = { ...high, origin: { by: 'delegation', parent: 'tsk_0' as TaskId } as const };
    assert.equal(ask({ chain: chainOf(lost) }), general);
    const elsewhere = [grant(), grant({ actions: [orders.id], asks: [over('500.00')] })];
    assert.equal(ask({ chain: chainOf({ authority: elsewhere }) }), general);
    assert.equal(ask({ chain: chainOf(asking()) }), general, 'a list of no asks is no threshold');
  });

  test('and not where the task does not cover the call at all', () => {
    assert.equal(questionOf(facts({ chain: chainOf({ authority: mayNot }) })).askCovered, false);
  });

  test('and not because the question claims it', () => {
    assert.equal(ask({ question: { ...irreversible, askCovered: true } }), general);
    assert.equal(questionOf(facts({ question: { ...question, askCovered: true } })).askCovered, false);
  });
});

// ---- laws

type Drawn = {
  readonly chain: readonly Authority[];
  readonly bounds: readonly Authority[];
  readonly charges: readonly { readonly used: number; readonly max: number }[];
  readonly ruling: Judgement['kind'];
  readonly unknown: boolean;
  readonly answered: boolean;
};
const drawn = authorities.chain((first) => {
  const alike = fc.oneof({ weight: 12, arbitrary: fc.constant(first) }, { weight: 1, arbitrary: authorities });
  return fc.tuple(
    fc.record({
      chain: fc.array(alike, { minLength: 1, maxLength: 4 }),
      bounds: fc.array(alike, { maxLength: 2 }),
      charges: fc.array(fc.record({ used: fc.nat(6), max: fc.integer({ min: 5, max: 20 }) }), { maxLength: 2 }),
      ruling: fc.constantFrom<Judgement['kind']>('permit', 'permit', 'permit', 'ask', 'deny'),
      unknown: fc.boolean(),
      answered: fc.boolean(),
    }),
    fc.oneof({ weight: 4, arbitrary: callsWithin(first) }, { weight: 1, arbitrary: calls }),
  );
});

const factsOf = ({ chain, bounds, charges, unknown }: Drawn, call: Facts['call']): Facts =>
  facts({
    chain: chainOf(...chain.map((authority) => ({ authority }))),
    bounds: bounds.map((authority) => ({ whose: 'x', authority, code: 'authority.beyond_ceiling' })),
    charges: charges.map(({ used, max }) => charge({ used: decimalOf(`${used}`), max: decimalOf(`${max}`) })),
    unknownBefore: unknown ? ('ent_9' as EntryId) : null,
    call,
  });

test('law: deny beats ask beats permit; nothing is permitted that any link or bound does not cover or that does not fit', () => {
  const seen = { permit: 0, ask: 0, deny: 0 };
  fc.assert(
    fc.property(drawn, ([one, call]) => {
      const asked = factsOf(one, call);
      const ruling = judged(one.ruling, 'rule');
      const first = decide(asked, rules, ruling);
      const names = first.kind === 'ask' ? first.asks.map((ask) => ask.name) : [];
      const again = one.answered ? decide({ ...asked, approval: yes(...names) }, rules, ruling) : first;
      const isCovered = [...one.chain, ...one.bounds].every((authority) => covers(authority, call).covered);
      const fits = one.charges.every(({ used, max }) => used + 1 <= max);
      const mustDeny = !isCovered || !fits || one.ruling === 'deny';
      assert.equal(first.kind === 'deny', mustDeny);
      assert.equal(again.kind === 'deny', mustDeny, 'a yes changes no denial');
      if (!mustDeny && (one.unknown || one.ruling === 'ask')) assert.equal(first.kind, 'ask');
      if (first.kind === 'ask' && one.answered) assert.equal(again.kind, 'permit');
      if (again.kind === 'permit') {
        assert.equal(again.permit.grants.length, one.chain.length);
        for (const { task, index, grant } of again.permit.grants) assert.equal(task.authority[index], grant);
        for (const { counter, used } of asked.charges) {
          assert.ok(again.permit.charges.some((charge) => charge.counter === counter && charge.used === used));
        }
      }
      seen[first.kind]++;
    }),
    { numRuns: 600 },
  );
  for (const [kind, times] of Object.entries(seen)) assert.ok(times > 5, `${kind} came ${times} times`);
});

test('law: of each link the task or an elevation of that very task covers what is permitted, and every bound does', () => {
  const seen = { permit: 0, other: 0 };
  const elevating = drawn.chain(([one, call]) =>
    fc.tuple(
      fc.constant({ ...one, charges: [], ruling: 'permit' as const, unknown: false }),
      fc.constant(call),
      fc.array(
        fc.record({ link: fc.nat(5), isOver: fc.boolean(), authority: fc.oneof(authorities, callsOnly(call)) }),
        {
          maxLength: 3,
        },
      ),
    ),
  );
  fc.assert(
    fc.property(elevating, ([one, call, given]) => {
      const plain = factsOf(one, call);
      const elevated = given.map(({ link, isOver, authority }, i) => ({
        ...elevationOfTask(`tsk_${link}`, authority),
        id: `elv_${i}` as ElevationId,
        expiresAt: isOver ? now : now + 1,
      }));
      const decision = decide({ ...plain, elevated }, rules, judged('permit'));
      if (decision.kind !== 'permit') return void seen.other++;
      seen.permit++;
      for (const task of plain.chain) {
        const beside = elevated.filter((each) => each.task === task.id && now < each.expiresAt);
        const sources = [task.authority, ...beside.map((each) => each.authority)];
        assert.ok(sources.some((authority) => covers(authority, call).covered));
      }
      for (const { authority } of plain.bounds) assert.ok(covers(authority, call).covered);
    }),
    { numRuns: 400 },
  );
  assert.ok(seen.permit > 5 && seen.other > 5, JSON.stringify(seen));
});

/** A grant of exactly the action of that call, whatever its arguments. */
const callsOnly = ({ action }: Facts['call']) => fc.constant<Authority>([{ type: 'ambit_grant', actions: [action] }]);

const elevationOfTask = (task: string, authority: Authority): Elevation => ({
  id: 'elv_1' as ElevationId,
  task: task as TaskId,
  run: 'tsk_1' as TaskId,
  agent: bot.id,
  authority,
  approval: 'apr_1' as ApprovalId,
  state: 'standing',
  grantedAt: now - 1000,
  expiresAt: now + 1000,
  endedAt: null,
});

test('law: the same facts and rules give the same decision, and deciding changes neither', () => {
  fc.assert(
    fc.property(drawn, ([one, call]) => {
      const asked = factsOf(one, call);
      const [before, ruling] = [printed(asked), judged(one.ruling, 'rule')];
      assert.equal(outcome(decide(asked, rules, ruling)), outcome(decide(asked, rules, ruling)));
      assert.equal(printed(asked), before);
    }),
    { numRuns: 50 },
  );
});

const printed = ({ chain, bounds, charges, spent, call }: Facts) =>
  JSON.stringify([chain, bounds, charges, [...spent], [...call.arguments]]);

test('a yes to a rule’s question is no yes to another question under the same name', () => {
  const asking = judged('ask', 'night-shift');
  const shown: ApprovalFact = { ...yes(), asks: [{ ask: 'policy:night-shift', reason: 'night-shift says so.' }] };
  assert.equal(decided({ approval: shown }, asking), 'permit');
  const reworded: ApprovalFact = { ...yes(), asks: [{ ask: 'policy:night-shift', reason: 'It used to say this.' }] };
  assert.equal(decided({ approval: reworded }, asking), 'ask policy:night-shift');
});

test('what a task came from asks too: a ceiling, a standing grant, what a person may delegate', () => {
  const plain = [grant()];
  const asking = [grant({ asks: [{ always: true, reason: 'Never unseen.' }] })];
  for (const whose of ['agent:agt_1', 'grant:stg_1', 'person:psn_1']) {
    const bounds = [{ whose, authority: asking, code: 'authority.beyond_ceiling' as const }];
    assert.equal(decided({ bounds }), `ask bound:${whose}:0:0`);
    assert.equal(decided({ bounds: [{ whose, authority: plain, code: 'authority.beyond_ceiling' }] }), 'permit');
  }
});

// ---- what the log keeps

describe('a denial says why, for the log', () => {
  const whyOf = (more: Partial<Facts>, ruling?: Judgement) => {
    const decision = decide(facts(more), rules, ruling);
    return decision.kind === 'deny' ? decision.because : assert.fail(outcome(decision));
  };

  test('what is over, and since when it is', () => {
    assert.equal(whyOf({ chain: chainOf({ state: 'revoked' }) }), 'task tsk_1 is revoked');
    assert.equal(whyOf({ chain: chainOf({}, { expiresAt: now }) }), 'task tsk_1 has run out of time');
    assert.equal(whyOf({ agents: [] }), 'an agent of the chain, or its owner, is gone');
    assert.equal(whyOf({ agents: [{ ...bot, state: 'suspended' }] }), 'agent agt_refund is suspended');
    assert.equal(whyOf({ owners: [{ ...olga, state: 'disabled' }] }), 'person psn_olga is disabled');
    assert.equal(whyOf({ requester: { ...alice, state: 'disabled' } }), 'person psn_alice is disabled');
  });

  test('whose authority does not reach, and what that authority says', () => {
    const says = 'refunds.create is not among the actions granted; ask for an elevation.';
    assert.equal(whyOf({ chain: chainOf({}, { authority: mayNot }) }), `task tsk_1: ${says}`);
    const bound = { whose: 'the ceiling of agt_refund', authority: mayNot, code: 'authority.beyond_ceiling' } as const;
    assert.equal(whyOf({ bounds: [bound] }), `the ceiling of agt_refund: ${says}`);
  });

  test('which counter is full, and by how much', () => {
    const full = charge({ used: decimalOf('5') });
    assert.equal(whyOf({ charges: [charge({ max: null }), full] }), 'calls|task:tsk_1|0|all: 5 and 1 pass 5');
  });

  test('which rules deny, and that none permits', () => {
    assert.equal(whyOf({}, judged('deny', 'a', 'b')), 'a (a says so.); b (b says so.)');
    assert.equal(whyOf({}, { kind: 'deny', because: [], errors: ['c'] }), 'c');
    assert.equal(whyOf({}, { ...judged('deny', 'a'), errors: ['c', 'd'] }), 'a (a says so.); c; d');
    assert.equal(whyOf({}, { kind: 'deny', because: [], errors: [] }), 'no rule permits it');
  });
});

describe('a denial has parts, of which people are told', () => {
  const partsOf = (more: Partial<Facts>, ruling?: Judgement) => {
    const decision = decide(facts(more), rules, ruling);
    return decision.kind === 'deny' ? decision.parts : assert.fail(outcome(decision));
  };
  const cutOf = (ruling: Judgement) => {
    const decision = decide(facts(), rules, ruling);
    assert.ok(decision.kind === 'deny' && decision.parts.is === 'rules');
    const { why, cuts = [] } = decision.parts;
    return [why, ...cuts.flatMap((from, i) => (i % 2 === 0 ? [decision.because.slice(from, cuts[i + 1])] : []))];
  };

  test('who is over, and how each stands', () => {
    const over = (whose: string, state: string) => ({ is: 'over', whose, state });
    assert.deepEqual(partsOf({ chain: chainOf({ state: 'revoked' }) }), over('tsk_1', 'revoked'));
    assert.deepEqual(partsOf({ chain: chainOf({}, { expiresAt: now }) }), over('tsk_1', 'time'));
    assert.deepEqual(partsOf({ agents: [] }), over('', 'gone'));
    assert.deepEqual(partsOf({ agents: [{ ...bot, state: 'suspended' }] }), over('agt_refund', 'suspended'));
    assert.deepEqual(partsOf({ agents: [{ ...bot, expiresAt: now }] }), over('agt_refund', 'time'));
    assert.deepEqual(partsOf({ requester: { ...alice, state: 'disabled' } }), over('psn_alice', 'disabled'));
  });

  test('the bound that was met, and whose it is where it is not that of the task itself', () => {
    const range = { range: { max: '20.00' } };
    const less: Authority = [grant({ where: { ...anything, 'body.amount': { all: [range] } } })];
    const met = { is: 'bound', name: 'body.amount', must: range };
    assert.deepEqual(partsOf({ chain: chainOf({ authority: less }) }), met);
    assert.deepEqual(partsOf({ chain: chainOf({}, { authority: less }) }), { ...met, of: 'tsk_1' });
    const bound = { whose: 'agent:agt_refund', authority: less, code: 'authority.beyond_ceiling' } as const;
    assert.deepEqual(partsOf({ bounds: [bound] }), { ...met, of: 'agent:agt_refund' });
    assert.deepEqual(partsOf({ chain: chainOf({ authority: mayNot }) }), { is: 'action' });
  });

  test('the place of the counter that is full, and when it has room', () => {
    const full = charge({ used: decimalOf('5') });
    assert.deepEqual(partsOf({ charges: [charge({ max: null }), full] }), { is: 'limit', at: 1 });
    assert.deepEqual(partsOf({ charges: [{ ...full, freeAt: now + 9 }] }), { is: 'limit', at: 0, free: now + 9 });
  });

  test('how long a rest is, and the currency of what cannot be counted', () => {
    const halted = { code: 'limits.caller_resting', because: 'it keeps failing', retryAfterSeconds: 5 } as const;
    assert.deepEqual(partsOf({ halted }), { is: 'wait', seconds: 5 });
    const uncountable = {
      code: 'limits.currency_unknown',
      because: 'EUR',
      says: 'Send USD.',
      currency: 'USD',
    } as const;
    assert.deepEqual(partsOf({ uncountable }), { is: 'currency', currency: 'USD' });
  });

  test('where the sentences of the rules are; those that forbid before one that errs', () => {
    assert.deepEqual(cutOf(judged('deny', 'a', 'b')), ['forbid', 'a says so.', 'b says so.']);
    const mixed = { ...judged('deny', 'a', 'b'), errors: ['b'] };
    assert.deepEqual(cutOf(mixed), ['forbid', 'a says so.']);
    assert.deepEqual(cutOf({ ...mixed, errors: ['a', 'b'] }), ['error', 'a says so.', 'b says so.']);
    assert.deepEqual(cutOf(denyUnreadable(['The body is odd.'])), ['unread', 'The body is odd.']);
    assert.deepEqual(cutOf({ kind: 'deny', because: [], errors: [] }), ['permit']);
    const many = judged('deny', ...Array.from({ length: 40 }, (_, i) => `rule-${i}`));
    assert.equal(cutOf(many).length, 6);
  });

  test('how fresh a sign-in the rules want, where a fresh one would help', () => {
    const old = { ...judged('deny', 'fresh'), stepUp: { maxAgeSeconds: 60, otherwise: judged('permit') } };
    const rules = { is: 'rules', why: 'forbid', cuts: [7, 21] };
    assert.deepEqual(partsOf({}, old), { ...rules, age: 60 });
    assert.deepEqual(partsOf({}, judged('deny', 'fresh')), rules);
  });

  test('or its code alone, where that says it all', () => {
    const chain = chainOf({
      origin: { by: 'standing-grant', grant: 'stg_1' as StandingGrantId, templateKey: 'tky_1' as TemplateKeyId },
    });
    const action = { ...refund, reversibility: 'irreversible' as const };
    assert.deepEqual(partsOf({ chain, question: { ...question, action } }), { is: 'code' });
  });

  test('and that none permits', async () => {
    const none = await publish('@id("none") @reason("Never.") permit(principal, action, resource) when { 1 > 2 };');
    const decision = decide(facts(), none);
    assert.ok(decision.kind === 'deny');
    assert.deepEqual(decision.parts, { is: 'rules', why: 'permit' });
  });

  test('law: whatever is denied, its parts are few and can be read again as they are', () => {
    let longest = 0;
    fc.assert(
      fc.property(fc.tuple(authorities, calls), ([authority, call]) => {
        const decision = decide(facts({ chain: chainOf({}, { authority }), call }), rules);
        if (decision.kind !== 'deny') return;
        const text = JSON.stringify(decision.parts);
        longest = Math.max(longest, Buffer.byteLength(text));
        assert.deepEqual(readDenialParts(JSON.parse(text)), decision.parts);
      }),
      { numRuns: 500 },
    );
    assert.ok(longest > 0 && longest <= 180, `${longest} bytes`);
  });
});

const anything: NonNullable<Grant['where']> = Object.fromEntries(
  Object.keys(question.arguments).map((name) => [name, { all: [{ any: true }] }]),
);

describe('a question says who asks, and why', () => {
  const asksOf = (more: Partial<Facts>, ruling?: Judgement) => {
    const decision = decide(facts(more), rules, ruling);
    return decision.kind === 'ask' ? decision.asks : assert.fail(outcome(decision));
  };

  test('a rule: the words of the question before those of the rule', () => {
    const because = [
      { policy: 'large', reason: 'Refunds are large.', effect: 'ask', question: 'Is it damaged?' },
    ] as const;
    assert.deepEqual(asksOf({}, { kind: 'ask', because, errors: [] }), [
      { source: 'policy', name: 'policy:large', reason: 'Is it damaged? Refunds are large.' },
    ]);
  });

  test('a grant: its own words, and the sum behind them where there is one', () => {
    assert.deepEqual(asksOf({ chain: chainOf(asking(always)) }), [
      { source: 'task', name: 'task:tsk_1:0:0', reason: 'Ask me.' },
    ]);
  });

  test('the plane: the same call whose outcome nobody knows', () => {
    assert.deepEqual(asksOf({ unknownBefore: 'ent_1' as EntryId }), [
      {
        source: 'plane',
        name: 'unknown:ent_1',
        reason: 'The same call was sent before and its outcome is not known. Look before it is sent again.',
      },
    ]);
  });
});

test('a counter without a maximum is never full, and one behind an ask is charged as it was read', () => {
  const asks: Ask[] = [{ over: { amount: '100.00', currency: 'USD' }, reason: 'Large.' }];
  const open = charge({ max: null, used: decimalOf('999') });
  const permit = permitted({ chain: chainOf({ authority: [grant({ asks })] }), charges: [open] });
  assert.deepEqual(permit.charges, [
    open,
    {
      ...{ counter: linkCounter('tsk_1', 'ask|0|0|'), window: 0, by: '30.50', max: null, used: '0' },
      ...{ otherwise: 'state.changed', says: '', freeAt: null },
    },
  ]);
});
