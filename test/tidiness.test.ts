/** The habits of the house, as far as a machine can see them. Each test names the file and the line it minds. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';

const root = join(import.meta.dirname, '..');
const linesMax = 600;
/** The formatter aims at 120 and can't break a comment or a sentence; here a line stops being readable. */
const columnsMax = 140;

/** Long files that are tables: data with one row per line, read by looking up, not from top to bottom. */
const tables: string[] = [];

/** Files whose results follow from their arguments alone: no clock, no chance, no I/O. `room/*` is a whole room. */
const pureFiles = [
  'server/src/authority/*',
  ...['tree'].map((name) => `server/src/audit/${name}`),
  ...['classify', 'match-call'].map((name) => `server/src/catalog/${name}`),
  ...['question', 'facts', 'judge', 'decide', 'compile'].map((name) => `server/src/policy/${name}`),
  ...['verify', 'verify-token', 'dpop'].map((name) => `server/src/tokens/${name}`),
  'server/src/limits/rate',
  ...['label', 'trace-values'].map((name) => `server/src/provenance/${name}`),
  'server/src/approvals/approval',
  'server/src/gateway/call',
  'protocol/src/*',
];

const skippedFolders = new Set([
  'node_modules',
  '.node',
  '.git',
  'dist',
  'out',
  'data',
  'keys',
  'example-keys',
  '.bench',
]);
const textKinds = new Set([
  '.ts',
  '.tsx',
  '.js',
  '.mjs',
  '.json',
  '.md',
  '.yaml',
  '.yml',
  '.html',
  '.css',
  '.cedar',
  '.sh',
  '',
]);

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    // In a linked worktree `.git` is a file.
    if (skippedFolders.has(entry.name)) return [];
    if (entry.isDirectory()) return walk(path);
    return entry.isFile() && textKinds.has(extname(entry.name)) ? [path] : [];
  });
}

type File = { path: string; text: string; lines: string[] };
const files: File[] = walk('').map((path) => {
  const text = readFileSync(join(root, path), 'utf8');
  return { path, text, lines: text.split('\n') };
});
const isCode = ({ path }: File) => /\.(ts|tsx|js|mjs)$/.test(path);
const isTest = ({ path }: File) => /\.test\.ts$/.test(path);
const code = files.filter(isCode);
const typed = code.filter(({ path }) => /\.tsx?$/.test(path));
const trees = new Map(
  typed.map(({ path, text }) => [path, ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)]),
);

/** Every place where `minds` says something about a line of one of the files, as `file:line what`. */
function placesIn(among: File[], minds: (line: string, file: File) => string | undefined): string[] {
  return among.flatMap((file) =>
    file.lines.flatMap((line, index) => {
      const found = minds(line, file);
      return found === undefined ? [] : [`${file.path}:${index + 1} ${found}`];
    }),
  );
}

/** The same for the syntax tree: every node about which `minds` says something. */
function nodesIn(among: File[], minds: (node: ts.Node) => string | undefined): string[] {
  return among.flatMap(({ path }) => {
    const tree = trees.get(path);
    assert.ok(tree, `${path} was not parsed`);
    return nodesOf(tree, minds).map(({ node, what }) => {
      const { line } = tree.getLineAndCharacterOfPosition(node.getStart(tree));
      return `${path}:${line + 1} ${what}`;
    });
  });
}

function nodesOf(tree: ts.SourceFile, minds: (node: ts.Node) => string | undefined) {
  const found: { node: ts.Node; what: string }[] = [];
  const visit = (node: ts.Node) => {
    const what = minds(node);
    if (what !== undefined) found.push({ node, what });
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

const parsed = (text: string) => ts.createSourceFile('planted.ts', text, ts.ScriptTarget.Latest, true);

test('there is something to look at', () => {
  assert.ok(typed.length >= 100, `only ${typed.length} TypeScript files`);
  assert.ok(files.some(({ path }) => path === 'package.json'));
});

const isAny = (node: ts.Node) => (node.kind === ts.SyntaxKind.AnyKeyword ? 'any' : undefined);

test('nothing is of type any', () => {
  assert.deepEqual(nodesIn(typed, isAny), []);
  assert.equal(nodesOf(parsed('const many: any[] = [];'), isAny).length, 1);
});

const checkOff = new RegExp(`@ts-(${['ignore', 'nocheck', 'expect-error'].join('|')})`);

test('no check of a type is switched off', () => {
  const off = placesIn(code, (line) => checkOff.exec(line)?.[0]);
  assert.deepEqual(off, []);
});

function isSilence(node: ts.Node): string | undefined {
  if (ts.isCatchClause(node) && node.block.statements.length === 0) return 'an empty catch';
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const [handler] = node.arguments;
  if (node.expression.name.text !== 'catch' || handler === undefined || !ts.isArrowFunction(handler)) return undefined;
  return ts.isBlock(handler.body) && handler.body.statements.length === 0 ? 'an empty .catch' : undefined;
}

test('no fault is swallowed without a word', () => {
  assert.deepEqual(nodesIn(typed, isSilence), []);
  assert.equal(nodesOf(parsed('try { f() } catch {}; g().catch(() => {});'), isSilence).length, 2);
});

// Put together here, so that this file does not hold what it looks for.
const joined = (...parts: string[]) => parts.join('');
const postponed = new RegExp(
  `\\b(${[joined('TO', 'DO'), joined('FIX', 'ME'), joined('XX', 'X'), joined('HA', 'CK')].join('|')})\\b|(//|\\*).*\\b${joined('for', ' now')}\\b`,
);

test('nothing is put off in a comment', () => {
  const found = placesIn(code, (line) => postponed.exec(line)?.[0]);
  assert.deepEqual(found, []);
});

const privateWords = [
  ...[joined('/wo', 'rk/'), joined('/fa', 'rm/'), joined('\\bfa', 'rm-'), joined('\\bsha', 'red/(?!corpora)')],
  ...[
    joined('cla', 'ude'),
    joined('anth', 'ropic'),
    joined('chat', 'gpt'),
    joined('cop', 'ilot'),
    joined('co', 'dex\\b'),
  ],
  ...[
    joined('gem', 'ini\\b'),
    joined('AI', ' assistant'),
    joined('language', ' model wrote'),
    joined('\\biss', 'ue #?\\d'),
  ],
  joined('co-authored', '-by'),
];
const privateWord = new RegExp(privateWords.join('|'), 'i');

test('nothing speaks of how or where it was made', () => {
  const isHash = (line: string) => /^\s*"integrity": /.test(line);
  const found = placesIn(files, (line) => (isHash(line) ? undefined : privateWord.exec(line)?.[0]));
  assert.deepEqual(found, []);
  assert.match(joined('see /wo', 'rk/notes'), privateWord);
});

test('a file can be read in one sitting', () => {
  const long = code.filter((file) => !isTest(file) && !tables.includes(file.path) && file.lines.length > linesMax + 1);
  assert.deepEqual(
    long.map(({ path, lines }) => `${path}: ${lines.length - 1} lines`),
    [],
  );
  const gone = tables.filter((path) => !files.some((file) => file.path === path));
  assert.deepEqual(gone, [], 'an exception for a file that is gone');
});

/** The formatter breaks what it can; a sentence or a pattern in quotes stays on its line, and so does an address. */
const isUnbreakable = (line: string) => /https?:\/\/|(['"`/]).{40,}\1/.test(line);

test('a line fits the page', () => {
  const wide = placesIn(code, (line) =>
    line.length > columnsMax && !isUnbreakable(line) ? `${line.length} columns` : undefined,
  );
  assert.deepEqual(wide, []);
});

const roomsAt = 'server/src';
const rooms = readdirSync(join(root, roomsAt), { withFileTypes: true }).filter((entry) => entry.isDirectory());

test('every room has a door with a preface', () => {
  const faults = rooms.flatMap(({ name }) => {
    const door = files.find(({ path }) => path === `${roomsAt}/${name}/index.ts`);
    if (door === undefined) return [`${name} has no index.ts`];
    const preface = /^\/\*\*\n([\s\S]*?)\*\//.exec(door.text)?.[1] ?? '';
    const lines = preface.split('\n').filter((line) => /\w/.test(line)).length;
    return lines >= 3 && lines <= 14
      ? []
      : [`${name}/index.ts opens with ${lines} lines of preface; say what it knows, promises, and does not know`];
  });
  assert.deepEqual(faults, []);
});

test('files are named in lower case with hyphens', () => {
  const shouting = new Set([
    'README.md',
    'ARCHITECTURE.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'LICENSE',
  ]);
  const odd = files.filter(
    ({ path }) => !shouting.has(basename(path)) && !/^\.?[a-z0-9]+([-.][a-z0-9]+)*$/.test(basename(path)),
  );
  assert.deepEqual(
    odd.map(({ path }) => path),
    [],
  );
});

test('decisions are numbered, each number once', () => {
  const decisions = files.filter(({ path }) => path.startsWith('docs/decisions/')).map(({ path }) => basename(path));
  const odd = decisions.filter((name) => !/^\d{4}-[a-z0-9-]+\.md$/.test(name));
  assert.deepEqual(odd, []);
  const numbers = decisions.map((name) => name.slice(0, 4));
  assert.equal(new Set(numbers).size, numbers.length, `a number twice: ${numbers.join(' ')}`);
});

function isPicked(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const { expression, name } = node.expression;
  const isRunner = ts.isIdentifier(expression) && ['test', 'it', 'describe', 'suite'].includes(expression.text);
  return isRunner && ['only', 'todo', 'skip'].includes(name.text) ? `${expression.text}.${name.text}` : undefined;
}

test('no test is picked out, put off or left out for good', () => {
  assert.deepEqual(nodesIn(typed.filter(isTest), isPicked), []);
  assert.equal(nodesOf(parsed("test.only('x', f)"), isPicked).length, 1);
});

const reachingOut = new Set([
  ...['Date', 'process', 'performance', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ...['console', 'crypto', 'globalThis', 'WebSocket', 'XMLHttpRequest', 'navigator', 'window', 'document'],
]);

/** What makes a file impure: a module of Node, or a global that reads the clock, chance or the world. */
function impurity(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const from = node.moduleSpecifier;
    if (!from || !ts.isStringLiteral(from) || !from.text.startsWith('node:')) return undefined;
    return isOnlyTypes(node) || (from.text === 'node:crypto' && isArithmetic(node))
      ? undefined
      : `imports ${from.text}`;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return 'imports at run time';
  if (!ts.isIdentifier(node)) return undefined;
  if (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node)
    return node.parent.getText() === 'Math.random' ? 'rolls dice' : undefined;
  return isReference(node) && reachingOut.has(node.text) ? `uses ${node.text}` : undefined;
}

/** Of Node's cryptography, what depends on its arguments alone. */
const arithmetic = new Set(['createHash', 'hash', 'createPublicKey', 'verify', 'timingSafeEqual']);

function isOnlyTypes(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function isArithmetic(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (!ts.isImportDeclaration(node) || node.importClause?.namedBindings === undefined) return false;
  const { namedBindings } = node.importClause;
  if (!ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.every(
    (each) => each.isTypeOnly || arithmetic.has((each.propertyName ?? each.name).text),
  );
}

/** An identifier that stands for a value: not the name of a member, a parameter or a type's field. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  const isName =
    ('name' in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent)) ||
    (ts.isBindingElement(parent) && parent.propertyName === node);
  return !isName && !ts.isTypeNode(parent) && !ts.isImportSpecifier(parent);
}

function isPure({ path }: File): boolean {
  if (/\.test\.ts$|testing/.test(path)) return false;
  return pureFiles.some((pure) => (pure.endsWith('*') ? path.startsWith(pure.slice(0, -1)) : path === `${pure}.ts`));
}

test('pure files stay pure', () => {
  assert.ok(typed.filter(isPure).length >= 30, 'the list of pure files finds too few of them');
  assert.deepEqual(nodesIn(typed.filter(isPure), impurity), []);
});

test('impurity is noticed', () => {
  const planted = [
    ["import { readFileSync } from 'node:fs';", 1],
    ["import { createHash, randomBytes } from 'node:crypto';", 1],
    ["import { createHash, type KeyObject } from 'node:crypto';", 0],
    ["import type { Readable } from 'node:stream';", 0],
    ['export const now = Date.now();', 1],
    ['export const dice = () => Math.random();', 1],
    ['export const env = process.env;', 1],
    ['const { fetch: get } = globalThis;', 1],
    ['export type Row = { process: string; Date: number }; const row = { process: 1 }; row.process;', 0],
    ["// Date.now is not used here\nexport const text = 'process.env';", 0],
  ] as const;
  for (const [text, times] of planted) assert.equal(nodesOf(parsed(text), impurity).length, times, text);
});
