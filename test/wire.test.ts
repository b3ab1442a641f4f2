/**
 * What the people's listener takes and answers stands in one table, which the SDK reads. The compiler holds the server's rows
 * to it: here it reads rows that differ, and must not let them pass.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { listeners } from '../scripts/parts/references.ts';

const root = join(import.meta.dirname, '..');
const planted = join(root, 'server/src/foundation/http/planted.ts');
const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
  ts.sys,
  root,
);

const rows = {
  'the row as it is': `
    route({ method: 'PUT', path: '/v1/two-persons', who: 'administrator', says: '', body: object({ required: boolean() }),
      run: async ({ body }) => ({ status: 200, body }) });`,
  'another answer': `
    route({ method: 'PUT', path: '/v1/two-persons', who: 'administrator', says: '', body: object({ required: boolean() }),
      run: async () => ({ status: 200, body: { required: 'yes' } }) });`,
  'no answer': `
    route({ method: 'GET', path: '/v1/two-persons', who: 'person', says: '', run: async () => ({ status: 204 }) });`,
  'a body that wants more': `
    route({ method: 'PUT', path: '/v1/two-persons', who: 'administrator', says: '',
      body: object({ required: boolean(), reason: text({ max: 9 }) }),
      run: async ({ body: { required } }) => ({ status: 200, body: { required } }) });`,
  'a body that nobody reads': `
    route({ method: 'PUT', path: '/v1/two-persons', who: 'administrator', says: '',
      run: async () => ({ status: 200, body: { required: true } }) });`,
  'a query that lacks what is asked': `
    route({ method: 'GET', path: '/v1/proposals', who: 'person', says: '', query: object({}),
      run: async () => ({ status: 200, body: { proposals: [] } }) });`,
  'a row of people that is not in the table': `
    route({ method: 'GET', path: '/v1/secrets', who: 'person', says: '',
      run: async () => ({ status: 200, body: { secret: 'hunter2' } }) });`,
};

test('a row of people that takes or answers another thing than its table says does not compile', () => {
  const imports = `import { boolean, object, text } from '@ambit/protocol'; import { route } from './route.ts'; void text;`;
  const texts = new Map(
    Object.entries(rows).map(([name, row]) => [planted.replace('.ts', `-${name}.ts`), imports + row]),
  );
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (file) => texts.has(file) || fileExists(file);
  host.getSourceFile = (file, how) => {
    const text = texts.get(file);
    return text === undefined ? getSourceFile(file, how) : ts.createSourceFile(file, text, how, true);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  const passed = [...texts.keys()].filter(
    (file) => program.getSemanticDiagnostics(program.getSourceFile(file)).length === 0,
  );
  assert.deepEqual(passed, [...texts.keys()].slice(0, 1));
});

test('each row of the tables is one that a listener has', () => {
  const path = join(root, 'protocol/src/wire/routes.ts');
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  const told = file.statements.flatMap((one) =>
    ts.isTypeAliasDeclaration(one) && ts.isTypeLiteralNode(one.type) && /Routes$/.test(one.name.text)
      ? one.type.members.map(({ name }) => (name !== undefined && ts.isStringLiteral(name) ? name.text : ''))
      : [],
  );
  const mounted = new Set(listeners().flatMap(({ routes }) => routes.map((one) => `${one.method} ${one.path}`)));
  assert.ok(told.length > 100, `${told.length} rows`);
  // `main` itself answers how the plane is.
  assert.deepEqual(
    told.filter((one) => !mounted.has(one)),
    ['GET /health'],
  );
});
