/** The Todo interop of the AuthZEN working group: every recorded decision, asked over HTTP of a domain written for it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type House, openHouse } from '../../house.ts';
import { type Answer, type Asking, registerPoint } from './asking.ts';
import { todoEntities, todoRules, todoSchema } from './todo-domain.ts';

const corpus = join(
  process.env.AMBIT_CORPORA ?? resolve(import.meta.dirname, '../../../../../shared/corpora'),
  'authzen',
);
const skip = existsSync(corpus) ? false : `no AuthZEN corpus at ${corpus}: set AMBIT_CORPORA`;
const read = (name: string) => JSON.parse(readFileSync(join(corpus, name), 'utf8'));

type Single = { readonly request: Record<string, unknown>; readonly expected: boolean };
type Batch = {
  readonly request: Record<string, unknown>;
  readonly expected: readonly { readonly decision: boolean }[];
};
const decisions: { readonly evaluation: readonly Single[]; readonly evaluations: readonly Batch[] } = skip
  ? { evaluation: [], evaluations: [] }
  : read('todo.decisions.json');

let house: House;
let app: Asking;
before(async () => {
  if (skip) return;
  house = await openHouse();
  await house.ada.operator.persons.setRoles(house.alice.id, ['policy']);
  const entities = todoEntities(read('todo.directory.json'));
  await house.alice.operator.domains.publish('todo', { schema: todoSchema, rules: todoRules, entities });
  app = await registerPoint(house, { domain: 'todo' });
});
after(() => house?.close());

test('the corpus has its 40 single decisions and its 3 batches', { skip }, () => {
  assert.equal(decisions.evaluation.length, 40);
  assert.equal(decisions.evaluations.length, 3);
});

for (const [i, { request, expected }] of decisions.evaluation.entries()) {
  const { action, resource } = request as { action: { name: string }; resource: { type: string; id: string } };
  test(`evaluation ${i + 1}: ${action.name} on ${resource.type} ${resource.id}: ${expected}`, async () => {
    const { decision, context } = await app.ask('evaluation', request);
    assert.equal(decision, expected, String(context.reason));
    assert.equal(context.basis, 'domain');
  });
}

for (const [i, { request, expected }] of decisions.evaluations.entries()) {
  test(`evaluations ${i + 1}: ${expected.map(({ decision }) => decision).join(', ')}`, async () => {
    const { evaluations } = await app.ask<{ evaluations: Answer[] }>('evaluations', request);
    assert.deepEqual(
      evaluations.map(({ decision }) => ({ decision })),
      expected,
    );
  });
}

test('the batches under the other two semantics end where they are settled', { skip }, async () => {
  for (const [semantic, stop] of [
    ['deny_on_first_deny', false],
    ['permit_on_first_permit', true],
  ] as const) {
    for (const { request, expected } of decisions.evaluations) {
      const options = { evaluations_semantic: semantic };
      const { evaluations } = await app.ask<{ evaluations: Answer[] }>('evaluations', { ...request, options });
      const all = expected.map(({ decision }) => decision);
      const at = all.indexOf(stop);
      assert.deepEqual(
        evaluations.map(({ decision }) => decision),
        at < 0 ? all : all.slice(0, at + 1),
        semantic,
      );
    }
  }
});

test('requests and answers keep to the published schemas', { skip }, async () => {
  const ajv = new Ajv2020({ strict: false });
  const isRequest = ajv.compile(read('evaluation-request.schema.json'));
  const isResponse = ajv.compile(read('evaluation-response.schema.json'));
  for (const { request } of decisions.evaluation) {
    assert.ok(isRequest(request), JSON.stringify(isRequest.errors));
    assert.ok(isResponse(await app.ask('evaluation', request)), JSON.stringify(isResponse.errors));
  }
});
