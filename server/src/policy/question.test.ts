import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { JsonNumber, type JsonValue } from '@ambit/protocol';
import fc from 'fast-check';
import { orders, question, refund } from './cast.testing.ts';
import { parseDecimal } from './cedar/extensions/decimal.ts';
import { startOfficial } from './cedar/official.ts';
import { printEntities, printRequest } from './cedar/print.ts';
import { equal, kindOf, setOf, type Value } from './cedar/value.ts';
import { type ArgumentType, containersOf, pathOf, type Question, toCedar } from './question.ts';
import { policySchema } from './schema.ts';

const official = startOfficial();
after(official.close);

function cedarOf(asked: Question) {
  const cedar = toCedar(asked);
  return cedar.kind === 'question' ? cedar : assert.fail(cedar.because.join('\n'));
}

function argument(asked: Question, ...path: string[]): Value | undefined {
  let found: Value | undefined = cedarOf(asked).request.context.get('arguments');
  for (const name of path) found = found instanceof Map ? found.get(name) : assert.fail(`nothing at ${name}`);
  return found;
}

/** The official build accepts the call only if request, context and entities fit the schema. */
async function fitsSchema(asked: Question): Promise<void> {
  const { request, entities } = cedarOf(asked);
  const policies = '{"staticPolicies":"permit(principal, action, resource);"}';
  const rest = `"schema":${JSON.stringify(policySchema([asked.action, orders]))},"policies":${policies}`;
  const answer = await official.authorizeText(
    `{${printRequest(request)},"entities":${printEntities(entities)},${rest}}`,
  );
  assert.equal(answer.decision, 'allow');
}

describe('a question in Cedar’s terms', () => {
  test('fits the schema that policies are checked against', async () => {
    await fitsSchema(question);
    await fitsSchema({ ...question, who: { kind: 'person', id: 'psn_alice' }, task: null });
    await fitsSchema({
      ...question,
      who: { ...question.who, team: null } as Question['who'],
      resource: null,
      amount: null,
    });
    await fitsSchema({
      ...question,
      task: { ...question.task!, requester: null, origin: 'standing-grant' },
      provenance: [],
    });
    await fitsSchema({ ...question, action: { ...refund, ...orders }, arguments: { 'path.orderId': '1' } });
  });

  test('fits it also with any declared arguments, present or not', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((each) => each.isWellFormed());
    const values: Record<ArgumentType, fc.Arbitrary<JsonValue>> = {
      string: text,
      integer: fc.integer().map((each) => new JsonNumber(String(each))),
      number: fc.integer({ min: -(10 ** 9), max: 10 ** 9 }).map((each) => new JsonNumber(String(each / 100))),
      boolean: fc.boolean(),
      array: fc.array(fc.oneof(text, fc.boolean())),
      object: fc.dictionary(text, fc.boolean()),
      any: fc.oneof(text, fc.boolean(), fc.array(text)),
    };
    const types = Object.keys(values) as ArgumentType[];
    const part = fc.constantFrom('a', 'b', 'amount', 'a%2Eb', 'constructor', '__proto__', 'x y', '%25');
    const name = fc
      .tuple(fc.constantFrom('path', 'query', 'body'), fc.array(part, { minLength: 1, maxLength: 3 }))
      .map(([group, parts]) => [group, ...parts].join('.'));
    const declared = fc.uniqueArray(fc.record({ name, type: fc.constantFrom(...types), required: fc.boolean() }), {
      selector: (each) => each.name,
      maxLength: 8,
    });
    return fc.assert(
      fc.asyncProperty(declared, fc.infiniteStream(fc.nat()), async (args, seeds) => {
        const containers = containersOf(args);
        const sent: Record<string, JsonValue> = Object.create(null) as Record<string, JsonValue>;
        for (const { name, type, required } of args) {
          const seed = seeds.next().value as number;
          if (containers.has(name) || (!required && seed % 2 === 0)) continue;
          sent[name] = fc.sample(values[type], { numRuns: 1, seed })[0]!;
        }
        await fitsSchema({ ...question, action: { ...refund, arguments: args }, arguments: sent });
      }),
      { numRuns: 60 },
    );
  });

  test('has each argument at its own name', () => {
    assert.equal(argument(question, 'path', 'orderId'), '1042');
    assert.equal(argument(question, 'query', 'dryRun'), false);
    assert.ok(equal(argument(question, 'body', 'amount')!, parseDecimal('30.5')));
    assert.equal(argument(question, 'body', 'lines'), 3);
    assert.equal(argument(question, 'body', 'payee', 'account'), 'DE1');
    assert.equal(argument(question, 'header', 'x.trace'), 't-1');
    assert.ok(equal(argument(question, 'body', 'items')!, setOf(['2', 'lamp'])));
    assert.equal(argument(question, 'body', 'meta'), '{"a":"x","b":1}');
  });

  test('an optional argument that was not sent is absent, the records on its way are not', () => {
    const { 'body.lines': _, 'query.dryRun': __, ...sent } = question.arguments;
    const asked = { ...question, arguments: sent };
    assert.equal(argument(asked, 'body', 'lines'), undefined);
    assert.ok(argument(asked, 'query') instanceof Map);
    assert.equal(argument({ ...asked, arguments: { ...sent, 'body.lines': null } }, 'body', 'lines'), undefined);
  });

  test('a number is a decimal wherever one can hold it, and its own text where none can', () => {
    const amount = (text: string) =>
      argument(
        { ...question, arguments: { ...question.arguments, 'body.amount': new JsonNumber(text) } },
        'body',
        'amount',
      )!;
    for (const text of ['0', '30', '-30.5', '0.0001', '1.50000', '922337203685477'])
      assert.equal(kindOf(amount(text)), 'decimal', text);
    for (const text of ['0.00001', '52.520008', '922337203685478', '999999999999999']) assert.equal(amount(text), text);
  });

  test('an integer is no fraction, and no text', () => {
    const lines = (value: JsonValue) =>
      toCedar({ ...question, arguments: { ...question.arguments, 'body.lines': value } }).kind;
    assert.equal(lines(new JsonNumber('3')), 'question');
    for (const value of [new JsonNumber('3.5'), '3', true, [], {}]) assert.equal(lines(value), 'unreadable');
  });

  test('an object with declared members is a record of those; given whole it must be an object', () => {
    const args = [...refund.arguments, { name: 'body.payee', type: 'object', required: true }] as const;
    const asked = { ...question, action: { ...refund, arguments: args } };
    assert.ok(argument(asked, 'body', 'payee') instanceof Map);
    const whole = { ...question.arguments, 'body.payee': 'DE1' };
    assert.equal(toCedar({ ...asked, arguments: whole }).kind, 'unreadable');
  });

  test('knows who asks, for whom, where and on what', () => {
    const { request, entities } = cedarOf(question);
    assert.equal(request.principal.key, 'Agent::"agt_refund"');
    assert.equal(request.action.key, 'Action::"shop:refunds.create"');
    assert.equal(request.resource.key, 'Resource::"shop:order/1042"');
    assert.ok(entities.get(request.action.key)!.ancestors.has('Action::"shop:*"'));
    assert.deepEqual([...entities.get(request.resource.key)!.ancestors], ['Api::"shop"', 'Tenant::"ten_shop"']);
    assert.ok(
      equal(entities.get('Task::"tsk_1"')!.attributes.get('requester')!, entities.get('Person::"psn_alice"')!.uid),
    );
    assert.equal(cedarOf({ ...question, resource: null }).request.resource.key, 'Resource::"shop"');
    assert.equal(cedarOf({ ...question, task: null }).request.context.has('task'), false);
  });

  test('a dot inside a name is part of the name', () => {
    assert.deepEqual(pathOf('query.filter%2Estatus'), ['query', 'filter.status']);
    assert.deepEqual(pathOf('body.100%25%2E.x'), ['body', '100%.', 'x']);
    assert.deepEqual(pathOf('body.%252E'), ['body', '%2E']);
  });
});
