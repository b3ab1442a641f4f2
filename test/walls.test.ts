/**
 * The walls of the house: who may import whom. dependency-cruiser reads every import (type-only ones too), the rules
 * are below, and the number of modules it saw is asserted: a checker that looks at nothing is green.
 */
import assert from 'node:assert/strict';
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';

const root = join(import.meta.dirname, '..');

/** A room imports only rooms before it. Reordering this line is the rarest kind of change. */
const rooms = [
  ...['foundation', 'audit', 'authority', 'identity', 'proposals', 'catalog', 'tasks', 'policy', 'tokens', 'limits'],
  ...['provenance', 'approvals', 'elevations', 'vault', 'endings', 'signals', 'views', 'gateway'],
];
const testFile = '\\.test\\.ts$|[./-]testing[^/]*\\.ts$|/testing/';
// The foundation is cellars, each with a door of its own.
const door = '^server/src/([^/]+|foundation/[^/]+)/index\\.ts$';
const anyRoom = '^server/src/([^/]+)/';

/** What one package may reach besides itself; all else, from npm too, is a wall. `protocol` and `console` may not reach Node. */
const mayReach = {
  protocol: [],
  sdk: ['^protocol/src/(wire/)?index\\.ts$', 'node_modules/jose/', 'node_modules/@napi-rs/keyring/'],
  server: ['^protocol/src/(wire/)?index\\.ts$', 'node_modules/'],
  // A page in a browser: what it knows of the plane, it knows by the people's API.
  console: ['^protocol/src/index\\.ts$', '^sdk/src/operator/index\\.ts$', 'node_modules/'],
  cli: ['^(protocol|server|sdk)/src/index\\.ts$', '^sdk/src/operator/index\\.ts$', 'node_modules/'],
  examples: ['^sdk/src/(operator/|guard/)?index\\.ts$', 'node_modules/'],
};

/** Packages that one room knows, so that they can be replaced in one place. */
const atHome = {
  'better-sqlite3': '^server/src/foundation/database/',
  fastify: '^server/src/foundation/http/|^examples/',
  '@simplewebauthn/server': '^server/src/identity/',
  undici: '^server/src/(foundation/outbound|gateway)/',
  '@cedar-policy/cedar-wasm': '^server/src/policy/',
  '@apidevtools/swagger-parser': '^server/src/catalog/',
  cockatiel: '^server/src/limits/',
  '@napi-rs/keyring': '^sdk/src/agent-key\\.ts$',
  nodemailer: '^server/src/approvals/channels/',
  commander: '^cli/',
};

const forbidden: IForbiddenRuleType[] = [
  ...rooms.map((room, position) => ({
    name: `${room} imports only rooms before it`,
    severity: 'error' as const,
    from: { path: `^server/src/${room}/` },
    to: { path: '^server/src/', pathNot: rooms.slice(0, position + 1).map((each) => `^server/src/${each}/`) },
  })),
  {
    name: 'a room is entered through its door',
    severity: 'error',
    from: { path: anyRoom, pathNot: testFile },
    to: { path: anyRoom, pathNot: ['^server/src/$1/', door] },
  },
  {
    name: 'main and the door of the server enter rooms through their doors',
    severity: 'error',
    from: { path: '^server/src/[^/]+\\.ts$', pathNot: testFile },
    // Routes are mounted by main, which knows who may call what.
    to: { path: anyRoom, pathNot: [door, '^server/src/[^/]+/routes\\.ts$'] },
  },
  {
    name: 'the test of a room enters others through their door, or what they offer to tests',
    severity: 'error',
    from: { path: anyRoom, pathNot: `^(?!.*(${testFile}))` },
    to: { path: anyRoom, pathNot: ['^server/src/$1/', door, testFile] },
  },
  {
    name: 'what is offered to tests stays out of the product',
    severity: 'error',
    from: { path: '^(protocol|server|sdk|cli|console)/src/', pathNot: testFile },
    to: { path: `^(protocol|server|sdk|cli|console)/.*(${testFile})` },
  },
  ...Object.entries(mayReach).map(([name, reach]) => ({
    name: `${name} reaches only what it may`,
    severity: 'error' as const,
    from: { path: `^${name}/`, pathNot: `${testFile}|^${name}/test/|^console/vite\\.config\\.ts$` },
    to: {
      pathNot: [`^${name}/`, ...reach],
      couldNotResolve: false,
      ...(['protocol', 'console'].includes(name) ? {} : { dependencyTypesNot: ['core' as const] }),
    },
  })),
  ...Object.entries(atHome).map(([name, home]) => ({
    name: `${name} is known in one place`,
    severity: 'error' as const,
    from: { pathNot: `${home}|${testFile}|^(test|server/test|scripts|bench)/` },
    to: { path: `node_modules/${name}/` },
  })),
  {
    name: 'nothing goes in circles',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'every import leads somewhere',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
];

const scratch = mkdtempSync(join(tmpdir(), 'ambit-walls-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

async function look(baseDir: string): Promise<ICruiseResult> {
  const places = [...Object.keys(mayReach).map((name) => `${name}/**/*.{ts,tsx}`), 'test/**/*.ts', 'scripts/**/*.ts'];
  const files = globSync(places, { cwd: baseDir, exclude: (path) => /(^|\/)(node_modules|dist|out)$/.test(path) });
  const result = await cruise(
    files,
    {
      baseDir,
      ruleSet: { forbidden },
      validate: true,
      tsPreCompilationDeps: true,
      doNotFollow: { path: ['node_modules'] },
      exclude: { path: '(^|/)dist/' },
    },
    {
      conditionNames: ['ambit-source', 'types', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.js', '.json', '.d.ts'],
    },
  );
  assert.ok(typeof result.output === 'object');
  return result.output;
}

function broken(result: ICruiseResult): string[] {
  return result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`).sort();
}

const house = await look(root);

test('every import of the house keeps to the walls', () => {
  assert.deepEqual(broken(house), []);
});

test('every source file was looked at', () => {
  const files = globSync('{protocol,server,sdk,cli,console}/src/**/*.{ts,tsx}', { cwd: root });
  const seen = new Set(house.modules.map(({ source }) => source));
  assert.deepEqual(
    files.filter((file) => !seen.has(file)),
    [],
  );
  assert.ok(files.length >= 100, `only ${files.length} source files`);
  const edges = house.modules.flatMap(({ dependencies }) => dependencies);
  assert.ok(edges.length >= 2 * files.length, `only ${edges.length} imports in ${files.length} files`);
});

test('every room is one the order knows', () => {
  const found = globSync('server/src/*/', { cwd: root }).map((path) => path.split('/')[2] ?? '');
  assert.deepEqual(
    found.filter((room) => !rooms.includes(room)),
    [],
  );
});

test('packages are imported by name, never by a path into them', () => {
  const packageOf = (path: string) => /^(protocol|server|sdk|cli|console|examples\/[^/]+)\//.exec(path)?.[1];
  const byPath = house.modules.flatMap(({ source, dependencies }) =>
    dependencies
      .filter(
        ({ module, resolved }) =>
          module.startsWith('.') &&
          packageOf(source) &&
          packageOf(resolved) &&
          packageOf(source) !== packageOf(resolved) &&
          // A whole plane to stand a browser in front of: no package offers one.
          !(source.startsWith('console/test/') && resolved.startsWith('server/test/')) &&
          // A command as a person types it, with a terminal that the test holds: no package offers that either.
          !(source.startsWith('server/test/journeys/') && resolved === 'cli/src/main.ts'),
      )
      .map(({ module }) => `${source} → ${module}`),
  );
  assert.deepEqual(byPath, []);
});

/** Everything that a file imports, whether at once or later, and what of Node is imported there. */
function reachedFrom(start: string): { readonly files: ReadonlySet<string>; readonly ofNode: readonly string[] } {
  const modules = new Map(house.modules.map((one) => [one.source, one]));
  const files = new Set([start]);
  const ofNode: string[] = [];
  // What a set grows by while it is walked is walked too.
  for (const source of files) {
    for (const { resolved, module, dependencyTypes } of modules.get(source)?.dependencies ?? []) {
      if (dependencyTypes.includes('type-only')) continue;
      if (dependencyTypes.includes('core')) ofNode.push(`${source} → ${module}`);
      else files.add(resolved);
    }
  }
  return { files, ofNode };
}

test('the part of the SDK for people’s tools runs in a page: nothing that it imports needs Node', () => {
  const { files, ofNode } = reachedFrom('sdk/src/operator/index.ts');
  assert.deepEqual(ofNode, []);
  assert.ok(files.size > 60 && files.has('protocol/src/json.ts'), `only ${files.size} files were looked at`);
  assert.ok(reachedFrom('sdk/src/wire/certificate.ts').ofNode.length > 0, 'the need of Node is noticed where it is');
});

/** One violation a row: the file that breaks a wall, what it says, and the rule that has to notice. */
const planted: [file: string, text: string, rule: string][] = [
  ['server/src/audit/early.ts', "import '../gateway/index.ts';", 'audit imports only rooms before it'],
  [
    'server/src/audit/early-type.ts',
    "import type { G } from '../gateway/index.ts'; export type A = G;",
    'audit imports only rooms before it',
  ],
  ['server/src/gateway/burglar.ts', "import '../audit/tree.ts';", 'a room is entered through its door'],
  [
    'server/src/gateway/burglar.test.ts',
    "import '../audit/tree.ts';",
    'the test of a room enters others through their door, or what they offer to tests',
  ],
  ['server/src/gateway/props.ts', "import './props.testing.ts';", 'what is offered to tests stays out of the product'],
  ['server/src/policy/upwards.ts', "import '../main.ts';", 'policy imports only rooms before it'],
  [
    'server/src/main.ts',
    "import './audit/tree.ts';",
    'main and the door of the server enter rooms through their doors',
  ],
  ['protocol/src/io.ts', "import 'node:fs';", 'protocol reaches only what it may'],
  ['sdk/src/plane.ts', "import '../../server/src/index.ts';", 'sdk reaches only what it may'],
  ['examples/shop/src/plane.ts', "import '../../../server/src/index.ts';", 'examples reaches only what it may'],
  ['cli/src/inside.ts', "import '../../server/src/audit/tree.ts';", 'cli reaches only what it may'],
  ['console/src/plane.ts', "import '../../server/src/index.ts';", 'console reaches only what it may'],
  ['console/src/page.tsx', "import 'node:fs';", 'console reaches only what it may'],
  ['server/src/audit/first.ts', "import './second.ts';", 'nothing goes in circles'],
  ['server/src/audit/lost.ts', "import './nowhere.ts';", 'every import leads somewhere'],
];
const bystanders: [file: string, text: string][] = [
  ['server/src/audit/index.ts', "export * from './tree.ts';"],
  ['server/src/audit/tree.ts', 'export const tree = 1;'],
  ['server/src/audit/second.ts', "import './first.ts';"],
  ['server/src/gateway/index.ts', "export type G = 1; export { tree } from '../audit/index.ts';"],
  ['server/src/gateway/props.testing.ts', 'export const props = 1;'],
  ['server/src/index.ts', 'export const server = 1;'],
];

test('each wall is noticed when it is broken', async () => {
  for (const [file, text] of [...bystanders, ...planted.map(([path, content]) => [path, content] as const)]) {
    mkdirSync(dirname(join(scratch, file)), { recursive: true });
    writeFileSync(join(scratch, file), `${text}\n`);
  }
  const found = (await look(scratch)).summary.violations.map(({ rule, from }) => `${from}: ${rule.name}`);
  for (const [file, , rule] of planted)
    assert.ok(found.includes(`${file}: ${rule}`), `${file} went unnoticed by "${rule}"`);
  const innocent = found.filter((line) => bystanders.some(([file]) => line.startsWith(`${file}: `)));
  assert.deepEqual(
    innocent.filter((line) => !line.includes('circles')),
    [],
    'the walls stop what is allowed',
  );
});
