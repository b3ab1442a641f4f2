import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { JsonNumber, type JsonValue } from '@ambit/protocol';
import fc from 'fast-check';
import { question, refund } from './cast.testing.ts';
import { startOfficial } from './cedar/official.ts';
import { defaultPolicies } from './default-policies.cedar.ts';
import { type Judgement, judge, judgeQuestion } from './judge.ts';
import { judgeOfficially } from './judge-officially.ts';
import type { PolicySet } from './policy-set.ts';
import { preparePolicySet } from './publish.ts';
import { type Question, toCedar } from './question.ts';
import { policySchema } from './schema.ts';

const official = startOfficial();
after(official.close);
const publish = (text: string) => preparePolicySet({ text, schema: policySchema([refund]) }, official);

/** Both engines must say the same, reasons included; their errors are worded differently. */
async function ruled(set: PolicySet, asked: Question): Promise<Judgement> {
  const cedar = toCedar(asked);
  assert.ok(cedar.kind === 'question');
  const [ours, theirs] = [judge(set, cedar), await judgeOfficially(set, cedar, official)];
  const summary = ({ kind, because, errors }: Judgement) => [
    kind,
    because.map(({ policy }) => policy).toSorted(),
    errors.toSorted(),
  ];
  assert.deepEqual(summary(ours), summary(theirs));
  return ours;
}

const names = ({ because }: Judgement): string[] => because.map(({ policy }) => policy);

const permit = '@id("permit") @reason("Fine.") permit(principal, action, resource);';
const forbid = '@id("forbid") @reason("Never.") forbid(principal, action, resource);';
const ask = (id: string): string =>
  `@id("${id}") @reason("Because ${id}.") @ask("May ${id}?") forbid(principal, action, resource);`;
// Valid by the schema and yet an error: 64 bits are not enough.
const overflow = 'context.arguments.body has lines && context.arguments.body.lines * 9223372036854775807 > 0';
const erring = (effect: string): string =>
  `@id("erring") ${effect}(principal, action == Action::"shop:refunds.create", resource) when { ${overflow} };`;

describe('deny beats ask beats permit', () => {
  test('a matching permit permits, with its reason', async () => {
    const { kind, because, errors } = await ruled(await publish(permit), question);
    assert.deepEqual(
      { kind, because, errors },
      { kind: 'permit', because: [{ policy: 'permit', reason: 'Fine.', effect: 'permit' }], errors: [] },
    );
  });

  test('no rule denies', async () => {
    const { kind, because } = await ruled(await publish(''), question);
    assert.deepEqual([kind, because[0]!.policy], ['deny', 'closed-by-default']);
  });

  test('every matching ask is put to the person', async () => {
    const { kind, because } = await ruled(await publish(`${ask('one')}${permit}${ask('two')}`), question);
    assert.deepEqual(kind, 'ask');
    assert.deepEqual(because, [
      { policy: 'one', reason: 'Because one.', effect: 'ask', question: 'May one?' },
      { policy: 'two', reason: 'Because two.', effect: 'ask', question: 'May two?' },
    ]);
  });

  test('a plain forbid denies, whatever asks or permits', async () => {
    const { kind, because } = await ruled(await publish(`${ask('one')}${permit}${forbid}`), question);
    assert.deepEqual([kind, because], ['deny', [{ policy: 'forbid', reason: 'Never.', effect: 'forbid' }]]);
  });

  test('an ask without a permit denies: a yes would have nothing to stand on', async () =>
    assert.deepEqual(names(await ruled(await publish(ask('one')), question)), ['closed-by-default']));

  test('a forbid with @max_age denies for whoever does not know how fresh the sign-in is, and says what is left after it', async () => {
    const stale = (id: string, seconds: number) =>
      `@id("${id}") @reason("Because ${id}.") @max_age("${seconds}") forbid(principal, action, resource);`;
    const both = await ruled(await publish(`${stale('old', 900)}${permit}${stale('older', 60)}`), question);
    assert.deepEqual([both.kind, names(both)], ['deny', ['old', 'older']]);
    assert.equal(both.stepUp?.maxAgeSeconds, 60);
    assert.equal(both.stepUp?.otherwise.kind, 'permit');
    const asking = await ruled(await publish(`${stale('old', 900)}${permit}${ask('one')}`), question);
    assert.deepEqual([asking.kind, asking.stepUp?.otherwise.kind], ['deny', 'ask']);
    for (const more of [forbid, '']) {
      const denied = await ruled(await publish(`${stale('old', 900)}${more}${more === '' ? '' : permit}`), question);
      assert.deepEqual([denied.kind, denied.stepUp], ['deny', undefined], 'where no sign-in helps, none is asked for');
    }
  });

  test('what @acr wants is told with how fresh it has to be, once', async () => {
    const stale = (id: string, acr: string) =>
      `@id("${id}") @max_age("900") @acr("${acr}") forbid(principal, action, resource);`;
    const ruling = await ruled(await publish(`${stale('a', 'phr')}${stale('b', 'phr')}${permit}`), question);
    assert.deepEqual([ruling.kind, ruling.stepUp?.acrs], ['deny', ['phr']]);
  });

  test('an applicable rule that errs denies, be it permit, forbid or ask', async () => {
    for (const effect of ['permit', 'forbid', '@ask("May it?") forbid']) {
      const judgement = await ruled(await publish(`${permit}${erring(effect)}`), question);
      assert.deepEqual([judgement.kind, judgement.errors, names(judgement)], ['deny', ['erring'], ['erring']]);
      assert.match(
        judge(await publish(`${permit}${erring(effect)}`), cedarOf(question)).because[0]!.reason,
        /does not fit 64 bits/,
      );
    }
  });

  test('a rule that errs elsewhere does not concern this call', async () => {
    const set = await publish(`${permit}${erring('forbid').replace('(principal,', '(principal is Person,')}`);
    assert.equal((await ruled(set, question)).kind, 'permit');
  });

  test('adding a forbid never opens anything, removing a permit neither', async () => {
    const parts = [permit, permit.replace('"permit"', '"second"'), ask('one'), ask('two'), forbid, erring('forbid')];
    const rank = { deny: 0, ask: 1, permit: 2 };
    const sets = await Promise.all(
      Array.from({ length: 2 ** parts.length }, (_, chosen) =>
        publish(parts.filter((_, place) => chosen & (1 << place)).join('\n')),
      ),
    );
    const ranks = sets.map((set) => rank[judge(set, cedarOf(question)).kind]);
    for (const [chosen, found] of ranks.entries()) {
      for (const place of [2, 3, 4, 5]) assert.ok(ranks[chosen | (1 << place)]! <= found);
      for (const place of [0, 1]) assert.ok(ranks[chosen & ~(1 << place)]! <= found);
    }
  });
});

function cedarOf(asked: Question) {
  const cedar = toCedar(asked);
  return cedar.kind === 'question' ? cedar : assert.fail(cedar.because.join());
}

describe('the default rules', async () => {
  const set = await publish(defaultPolicies);
  const rule = async (change: Partial<Question>): Promise<[string, string[]]> => {
    const judgement = await ruled(set, { ...question, ...change });
    return [judgement.kind, names(judgement)];
  };
  const action = (change: Partial<Question['action']>): Partial<Question> => ({ action: { ...refund, ...change } });
  const who = (change: object): Partial<Question> => ({ who: { ...question.who, ...change } as Question['who'] });

  test('permit what the task covers, and nothing without a task', async () => {
    assert.deepEqual(await rule({}), ['permit', ['task-covers']]);
    assert.deepEqual(await rule({ task: null }), ['deny', ['closed-by-default']]);
  });

  test('let zones and environments not cross', async () => {
    assert.deepEqual(await rule(who({ zone: 'lab' })), ['deny', ['zones-do-not-cross']]);
    assert.deepEqual(await rule(who({ environment: 'test' })), ['deny', ['environments-do-not-cross']]);
    const both = await rule(who({ zone: 'lab', environment: 'test' }));
    assert.deepEqual(both, ['deny', ['zones-do-not-cross', 'environments-do-not-cross']]);
  });

  test('ask before what cannot be undone, unless the task says from when on to ask', async () => {
    assert.deepEqual(await rule(action({ reversibility: 'irreversible' })), ['ask', ['irreversible-asks']]);
    assert.deepEqual(await rule({ ...action({ reversibility: 'irreversible' }), askCovered: true }), [
      'permit',
      ['task-covers'],
    ]);
  });

  test('deny what is opaque or mints a credential, also where a person would be asked', async () => {
    assert.deepEqual(await rule(action({ opaque: true })), ['deny', ['opaque-is-denied']]);
    const worst = action({ mintsCredential: true, reversibility: 'irreversible' });
    assert.deepEqual(await rule(worst), ['deny', ['no-new-credentials']]);
  });
});

// Mallory omits or retypes an argument so that the forbid that reads it errs, or is false, and Cedar skips it.
describe('an argument that a forbid reads', async () => {
  const about = {
    'path.orderId': ['order', 'context.arguments.path.orderId == "1042"'],
    'body.amount': ['amount', 'context.arguments.body.amount == decimal("30.5")'],
    'body.payee.account': ['account', 'context.arguments.body.payee.account == "DE1"'],
  } as const;
  const forbids = Object.values(about).map(
    ([id, holds]) =>
      `@id("${id}") forbid(principal, action == Action::"shop:refunds.create", resource) when { ${holds} };`,
  );
  const set = await publish(`${permit}\n${forbids.join('\n')}`);
  const others: readonly JsonValue[] = [
    ...['', '1042', '30.5', 'DE1', true, false, [], ['1042'], ['DE1'], {}, { account: 'DE1' }],
    ...[new JsonNumber('0'), new JsonNumber('1042'), new JsonNumber('30.5'), new JsonNumber('30.50001'), null],
  ];

  test('cannot be omitted, added or retyped around it', async () => {
    assert.equal(judgeQuestion(set, question).kind, 'deny');
    for (const [place, name] of (['path.orderId', 'body.amount', 'body.payee.account'] as const).entries()) {
      const alone = await publish(`${permit}\n${forbids[place]}`);
      const { [name]: original, ...rest } = question.arguments;
      assert.deepEqual(names(judgeQuestion(alone, question)), [about[name][0]]);
      assert.equal(judgeQuestion(alone, { ...question, arguments: rest }).kind, 'deny', `${name} omitted`);
      for (const value of others) {
        const sameType =
          typeof value === typeof original && value instanceof JsonNumber === original instanceof JsonNumber;
        const retyped = { ...question, arguments: { ...rest, [name]: value } };
        const isOther = typeof value === 'object' && !(value instanceof JsonNumber) ? true : !sameType;
        if (isOther) assert.equal(judgeQuestion(alone, retyped).kind, 'deny', `${name} as ${JSON.stringify(value)}`);
      }
    }
  });

  test('says so for every argument, declared or not', () => {
    for (const { name, required } of refund.arguments) {
      const { [name]: original, ...rest } = question.arguments;
      const omitted = judgeQuestion(set, { ...question, arguments: rest });
      if (required)
        assert.match(omitted.because[0]!.reason, new RegExp(`^${name.replaceAll('.', '\\.')} is missing; `));
      const wrong = typeof original === 'string' ? [original] : String(original);
      const retyped = judgeQuestion(set, { ...question, arguments: { ...rest, [name]: wrong } });
      assert.deepEqual(names(retyped), ['closed-by-default'], name);
      assert.match(retyped.because[0]!.reason, /must be of type/);
    }
    const added = judgeQuestion(set, { ...question, arguments: { ...question.arguments, 'body.extra': 'x' } });
    assert.match(added.because[0]!.reason, /declares no argument body\.extra/);
  });

  test('whatever is sent, the judgement is never looser than without it', () => {
    const strict = judgeQuestion(set, question).kind;
    const anything = fc.oneof(
      fc.constantFrom(...others),
      fc.string(),
      fc.array(fc.string()),
      fc.dictionary(fc.string(), fc.boolean()),
    );
    fc.assert(
      fc.property(fc.constantFrom('query.dryRun', 'body.items', 'body.lines', 'body.meta'), anything, (name, value) => {
        const sent = { ...question, arguments: { ...question.arguments, [name]: value as JsonValue } };
        assert.equal(judgeQuestion(set, sent).kind, strict);
      }),
    );
  });
});
