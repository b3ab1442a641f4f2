import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { orders, refund } from './cast.testing.ts';
import { startOfficial } from './cedar/official.ts';
import { defaultPolicies } from './default-policies.cedar.ts';
import { PolicyTextError, preparePolicySet } from './publish.ts';
import { policySchema } from './schema.ts';

const official = startOfficial();
after(official.close);
const schema = policySchema([refund, orders]);

const publish = (text: string) => preparePolicySet({ text, schema }, official);

/** Everything the author of this text is told. */
async function complaintsOf(text: string): Promise<string> {
  try {
    await publish(text);
  } catch (error) {
    if (error instanceof PolicyTextError) return error.message;
    throw error;
  }
  return assert.fail('the text was published');
}

const permit = '@id("all") permit(principal, action, resource);';

describe('a policy set that is published', () => {
  test('carries ids, reasons, questions, lines, texts and closures', async () => {
    const set =
      await publish(`// ours\n${permit}\n\n@id("big")\n@reason("Refunds over 50 need a yes.")\n@ask("Refund it?")
forbid(principal, action == Action::"shop:refunds.create", resource)
when { context.arguments.body.amount.greaterThan(decimal("50.0")) };`);
    assert.deepEqual([...set.about.keys()], ['all', 'big']);
    assert.deepEqual(set.about.get('big'), { effect: 'forbid', reason: 'Refunds over 50 need a yes.', line: 4 });
    assert.equal(set.about.get('all')!.reason, 'The rule all permits this call.');
    assert.deepEqual([...set.asks], [['big', 'Refund it?']]);
    assert.deepEqual(
      set.compiled.policies.map(({ id }) => id),
      ['all', 'big'],
    );
    assert.match(set.texts.get('big')!, /^@id\("big"\)/);
    assert.match(set.version, /^sha-256:[\w-]{43}$/);
  });

  test('keeps the names of its rules also from the eleventh on', async () => {
    const rules = Array.from(
      { length: 13 },
      (_, place) => `@id("rule-${place}") permit(principal, action, resource) when { context.channel == "${place}" };`,
    );
    const set = await publish(rules.join('\n'));
    for (const [place, [id, text]] of [...set.texts].entries())
      assert.ok(text.includes(`"${place}"`) && id === `rule-${place}`);
  });

  test('has a version that follows the text and the schema, not line ends', async () => {
    const version = async (text: string, actions = [refund, orders]) =>
      (await preparePolicySet({ text, schema: policySchema(actions) }, official)).version;
    const first = await version(`${permit}\n`);
    assert.equal(await version(`${permit}\n`), first);
    assert.equal(await version(`${permit}\r\n`), first);
    assert.notEqual(await version(`${permit} // note\n`), first);
    assert.notEqual(await version(`${permit}\n`, [refund]), first);
  });

  test('the default set publishes without a warning and gives each rule a reason', async () => {
    const set = await publish(defaultPolicies);
    assert.deepEqual(set.warnings, []);
    assert.deepEqual(
      [...set.about.keys()],
      [
        'task-covers',
        'zones-do-not-cross',
        'environments-do-not-cross',
        'irreversible-asks',
        'opaque-is-denied',
        'no-new-credentials',
      ],
    );
    for (const { reason } of set.about.values()) assert.doesNotMatch(reason, /^The rule/);
  });

  test('a rule that can never match is a warning with its line', async () => {
    const set = await publish(`${permit}\n@id("never") permit(principal is Tenant, action, resource);`);
    assert.ok(set.warnings.every(({ policy, line }) => policy === 'never' && line === 2) && set.warnings.length > 0);
  });

  test('an empty set is one that permits nothing', async () => assert.equal((await publish('')).about.size, 0));
});

describe('a policy set that is not published says why, where, and what to do', () => {
  test('a mistake in the grammar, on its line', async () => {
    assert.match(
      await complaintsOf(`${permit}\n// é 😀\n@id("b")\npermit(principal, action resource);`),
      /^line 4: unexpected token/m,
    );
    assert.match(await complaintsOf(`${permit}\npermit(`), /^line 2: /m);
  });

  test('a name that does not exist, in the validator’s words without its ids', async () => {
    const text = `${permit}\n\n@id("zone")\nforbid(principal is Agent, action, resource)\nwhen { principal.zoen == "a" };`;
    assert.match(
      await complaintsOf(text),
      /^line 5, policy zone: attribute `zoen` on entity type `Agent` not found: did you mean `zone`\?$/m,
    );
    const action = '@id("a") permit(principal, action == Action::"shop:refund", resource);';
    assert.match(await complaintsOf(action), /^line 1, policy a: unrecognized action/m);
  });

  test('an optional argument read without asking whether it is there', async () => {
    const text = `@id("lines") forbid(principal, action == Action::"shop:refunds.create", resource)
      when { context.arguments.body.lines > 3 };`;
    assert.match(await complaintsOf(text), /policy lines: unable to guarantee safety of access to optional attribute/);
    await publish(text.replace('when {', 'when { context.arguments.body has lines &&'));
  });

  test('an argument of another type than declared', async () => {
    const text = `@id("t") forbid(principal, action == Action::"shop:refunds.create", resource)
      when { context.arguments.body.amount > 50 };`;
    assert.match(await complaintsOf(text), /policy t: .*(expected|types)/);
  });

  test('a policy without a name, a name used twice, a reserved or unreadable name', async () => {
    assert.match(await complaintsOf(`${permit}\n\npermit(principal, action, resource);`), /^line 3: .*@id/);
    assert.match(
      await complaintsOf(`${permit}\n${permit}`),
      /^line 2, policy all: the policy on line 1 has this @id already/,
    );
    assert.match(await complaintsOf(permit.replace('all', 'closed-by-default')), /reserved/);
    for (const id of ['', 'a b', '-a', 'a\\n', 'é', 'a'.repeat(101)]) {
      assert.match(await complaintsOf(permit.replace('all', id)), /may hold letters/);
    }
  });

  test('@ask on a permit, or without words', async () => {
    assert.match(await complaintsOf(`@ask("Really?") ${permit}`), /policy all: @ask belongs on a forbid/);
    const forbid = '@id("f") @ask forbid(principal, action, resource);';
    assert.match(await complaintsOf(forbid), /@reason and @ask hold one line/);
    await publish(forbid.replace('@ask', '@ask("Really?")'));
  });

  test('@max_age on a permit, beside an @ask, or without whole seconds', async () => {
    const forbid = '@id("f") @max_age("900") forbid(principal, action, resource);';
    assert.deepEqual([...(await publish(forbid)).maxAges], [['f', 900]]);
    assert.match(await complaintsOf(`@max_age("900") ${permit}`), /@max_age belongs on a forbid/);
    assert.match(await complaintsOf(`@ask("Really?") ${forbid}`), /are two rules/);
    for (const seconds of ['', '0', '-1', '1.5', '15m', '9'.repeat(9)]) {
      assert.match(await complaintsOf(forbid.replace('900', seconds)), /a whole number of seconds/, seconds);
    }
  });

  test('@acr without @max_age, or as what no challenge could name', async () => {
    const forbid = '@id("f") @max_age("900") @acr("https://idp.example/phr") forbid(principal, action, resource);';
    assert.deepEqual([...(await publish(forbid)).acrs], [['f', 'https://idp.example/phr']]);
    assert.match(await complaintsOf(forbid.replace('@max_age("900")', '')), /@acr stands beside @max_age/);
    for (const acr of ['', 'two values', 'a\\"b', 'ä']) {
      assert.match(await complaintsOf(forbid.replace('https://idp.example/phr', acr)), /@acr holds one value/, acr);
    }
  });

  test('a reason with line breaks, invisible or direction-changing characters, or without end', async () => {
    for (const reason of ['', ' ', 'a\\nb', 'a\\u{202e}b', 'a\\u{200b}b', 'a\\u{1b}[2J', 'x'.repeat(501)]) {
      assert.match(await complaintsOf(`@reason("${reason}") ${permit}`), /hold one line/);
    }
  });

  test('a template', async () =>
    assert.match(await complaintsOf('@id("t") permit(principal == ?principal, action, resource);'), /slots/));

  test('a text nested too deeply, before the official build sees it', async () => {
    const deep = `@id("deep") permit(principal, action, resource) when { ${'('.repeat(2_000)}true${')'.repeat(2_000)} };`;
    assert.match(await complaintsOf(`${permit}\n${deep}`), /^line 2: expressions are nested too deeply/);
  });

  test('an operator that the compiler does not know', async () => {
    const text = `${permit}\n@id("u") permit(principal, action, resource) when { unknown("x") == 1 };`;
    assert.match(await complaintsOf(text), /^line 2: .*unknown operator `unknown`/);
  });

  test('every problem at once', async () => {
    const message = await complaintsOf(
      'permit(principal, action, resource);\n@ask("x") @id("b") permit(principal, action, resource);',
    );
    assert.equal(message.split('\n').length, 2);
  });
});
