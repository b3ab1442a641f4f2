import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { after, describe, test } from 'node:test';
import { compile } from './compile.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { asArray, asObject, asText, type Json, parseExactly } from './json.ts';
import { loadEntities, loadRequest } from './load.ts';
import { readSchema } from './load-schema.ts';
import { startOfficial } from './official.ts';

// Cedar's own integration tests: policies, entities, schemas and requests with the decision, reasons and errors expected.
const corpora = process.env.AMBIT_CORPORA ?? join(import.meta.dirname, '../../../../../shared/corpora');
const root = join(corpora, 'policies/cedar-integration-tests');
const absent = existsSync(root) ? false : `no corpus at ${root}; set AMBIT_CORPORA`;

function testFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name))
    .sort();
}

function read(path: unknown): string {
  return readFileSync(join(root, asText(path, 'a path')), 'utf8');
}

describe('Cedar’s own integration tests', { skip: absent }, () => {
  const official = startOfficial();
  after(official.close);
  const files = absent ? [] : testFiles(join(root, 'tests'));

  test('the corpus is there', () => assert.ok(files.length >= 20, `only ${files.length} files`));

  for (const file of files) {
    test(`both evaluators give the expected answers of ${relative(root, file)}`, async () => {
      const story = asObject(parseExactly(readFileSync(file, 'utf8')), file);
      const [policyText, schemaText] = [read(story.policies), read(story.schema)];
      const entitiesText = read(story.entities);
      const parsed = await official.parse(policyText);
      assert.ok(parsed.kind === 'parsed');
      const trees = await official.trees(parsed.policies);
      const compiled = compile(trees.map((tree, place) => ({ id: `policy${place}`, tree })));
      const schema = readSchema(await official.resolveSchema(schemaText));
      const entities = loadEntities(parseExactly(entitiesText), schema);
      for (const each of asArray(story.requests, 'requests')) {
        const wanted = asObject(each, 'a request');
        const expected = summary({
          decision: wanted.decision === 'allow' ? 'allow' : 'deny',
          reasons: ids(wanted.reason),
          errors: ids(wanted.errors),
        });
        const { principal, action, resource, context } = wanted;
        const policies = { staticPolicies: policyText };
        const call = { principal, action, resource, context, policies, schema: schemaText };
        const text = `${JSON.stringify(call).slice(0, -1)},"entities":${entitiesText}}`;
        const name = asText(wanted.description, 'a description');
        assert.deepEqual(summary(evaluate(compiled, loadRequest(wanted, schema), entities)), expected, name);
        assert.deepEqual(summary(await official.authorizeText(text)), expected, `official: ${name}`);
      }
    });
  }
});

function ids(json: Json | undefined): string[] {
  return asArray(json, 'ids').map((id) => asText(id, 'an id'));
}

/** The official build lists reasons in no order. */
function summary({ decision, reasons, errors }: Evaluation): unknown {
  return { decision, reasons: reasons.toSorted(), errors: errors.toSorted() };
}
