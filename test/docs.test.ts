/** The references in docs/ are what the tables in the code say, and every link in a document leads somewhere. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { rows as commands } from '../cli/src/commands/index.ts';
import { listeners, references } from '../scripts/parts/references.ts';
import { notation } from '../scripts/parts/shape-notation.ts';
import { traceToSvg } from '../scripts/parts/trace-picture.ts';
import { parseAuthority } from '../server/src/authority/index.ts';
import { defaultPolicies, policySchema, preparePolicySet, startOfficial } from '../server/src/policy/index.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root });

for (const [path, render] of Object.entries(references)) {
  test(`${path} is as the code has it`, () => {
    assert.equal(read(path), render(), `${path} is stale; run: npm run docs`);
  });
}

test('the reference lists every route that is mounted', () => {
  const mounted = /\.\.\.(\w+Routes(?:\.\w+)?|decisionDoors)\(/g;
  const namesIn = (path: string) => [...read(path).matchAll(mounted)].map(([, name]) => name).sort();
  const names = namesIn('server/src/main.ts');
  assert.ok(names.length >= 12, `only ${names.length} mounts were found`);
  assert.deepEqual(namesIn('scripts/parts/references.ts'), names);
});

test('no two routes of a listener are the same', () => {
  for (const { title, routes } of listeners()) {
    const calls = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ':')}`);
    assert.equal(new Set(calls).size, calls.length, title);
  }
});

test('a shape is written down with its bounds, and what may be absent is marked', () => {
  const schema = {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 80 },
      owner: { anyOf: [{ enum: ['a'] }, { type: 'null' }] },
    },
    required: ['name'],
  };
  assert.equal(notation(schema, new Map()), '{ name: text 1–80, owner?: "a" | null }');
  assert.equal(notation(schema, new Map([[JSON.stringify(schema), 'thing']])), 'thing');
});

/** `[text](target)`, without what stands in code. */
function linksIn(text: string): string[] {
  const prose = text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)].flatMap(([, target]) => target ?? []);
}

/** As forges make them of headings. */
function anchorsIn(text: string): Set<string> {
  const headings = text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/^#{1,6} (.+)$/gm);
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
  return new Set([...headings].map(([, heading]) => slug(heading ?? '')));
}

function leadsNowhere(document: string, target: string): boolean {
  if (/^[a-z]+:/.test(target)) return false;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? document : join(dirname(document), path);
  if (!existsSync(join(root, file))) return true;
  return anchor !== undefined && file.endsWith('.md') && !anchorsIn(read(file)).has(anchor);
}

test('every link in a document leads somewhere', () => {
  const links = documents.flatMap((document) => linksIn(read(document)).map((target) => ({ document, target })));
  assert.ok(links.length >= 30, `only ${links.length} links were found`);
  const broken = links.filter(({ document, target }) => leadsNowhere(document, target));
  assert.deepEqual(broken, []);
});

test('every setting that a document names exists', () => {
  // The command reads it before there is a plane, so it is no setting of one.
  const known = new Set([...(read('docs/settings.md').match(/AMBIT_[A-Z_]+/g) ?? []), 'AMBIT_BRING_NODE']);
  const named = documents.flatMap((document) =>
    (read(document).match(/\bAMBIT_[A-Z_]*[A-Z]\b/g) ?? []).map((name) => `${document}: ${name}`),
  );
  assert.deepEqual(
    named.filter((place) => !known.has(place.split(': ')[1] ?? '')),
    [],
  );
});

test('every npm script that a document names exists', () => {
  const scripts = Object.keys(JSON.parse(read('package.json')).scripts);
  const named = documents.flatMap((document) =>
    [...read(document).matchAll(/\bnpm run ([a-z-]+)/g)].map(([, name]) => name ?? ''),
  );
  assert.ok(named.length > 0);
  assert.deepEqual(
    named.filter((name) => !scripts.includes(name)),
    [],
  );
});

test('the page on security names every attack that a test plays', () => {
  const page = read('SECURITY.md');
  assert.ok([...page.matchAll(/^\| `[a-z-]+` \|.*\|.*\| (?:open|\[test\]\([^)]+\)) \|$/gm)].length >= 30);
  const played = globSync('server/test/attacks/*.test.ts', { cwd: root });
  assert.ok(played.length > 0);
  assert.deepEqual(
    played.filter((path) => !page.includes(`(${path})`)),
    [],
  );
});

test('the page of dependencies lists every package with its version, and no other', () => {
  const manifests = globSync(
    ['package.json', '{protocol,server,sdk,cli,console}/package.json', 'examples/*/package.json'],
    {
      cwd: root,
    },
  );
  const asked = manifests.flatMap((path) => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(read(path));
    return Object.entries<string>({ ...dependencies, ...devDependencies });
  });
  const wanted = asked
    .filter(([name]) => !name.startsWith('@ambit/'))
    .map(([name, version]) => `${name} ${version.replace(/^npm:.*@/, '')}`);
  const rows = [...read('docs/dependencies.md').matchAll(/^\| ([^|]+) \| ([0-9., ]+) \|/gm)];
  const listed = rows.flatMap(([, names = '', versions = '']) => {
    const each = versions.split(', ');
    return names.split(', ').map((name, i) => `${name.replace(/ \(.*\)$/, '')} ${each[i]?.trim()}`);
  });
  assert.deepEqual(listed.toSorted(), [...new Set(wanted)].sort());
});

/** Every `ambit …` in a document: in code alone, and in the lines of a block. */
function commandsIn(text: string): string[] {
  const joined = text.replaceAll(/ \\\n\s*/g, ' ');
  return [...joined.matchAll(/(?:`|^|\s\| )(?:[A-Z_]+=\S+ )*ambit ([a-z][^`\n|]*)/gm)].map(([, rest = '']) =>
    rest.trim(),
  );
}

/** What is wrong with a command as it is written; undefined where nothing is. */
function commandFault(written: string): string | undefined {
  const words = written.split(/\s+/);
  const row = commands
    .filter(({ name }) => `${words.join(' ')} `.startsWith(`${name} `))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
  if (row === undefined) return `no such command: ambit ${written}`;
  const flags = Object.keys(row.flags ?? {}).map((name) => name.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`));
  const known = new Set([...flags, 'url', 'person', 'key', 'json', 'help']);
  const odd = [...written.replaceAll(/"[^"]*"/g, '').matchAll(/(?<=\s)--([a-z-]+)/g)].find(
    ([, name = '']) => !known.has(name),
  );
  return odd === undefined ? undefined : `${row.name} has no ${odd[0]}: ambit ${written}`;
}

test('every command that a document names exists, with the options it is given', () => {
  const unread = documents.filter((document) => /^ {4}ambit /m.test(read(document).replaceAll(/```[\s\S]*?```/g, '')));
  assert.deepEqual(unread, [], 'commands stand in fenced blocks, where they are read');
  const written = documents.flatMap((document) => commandsIn(read(document)));
  assert.ok(written.length >= 40, `only ${written.length} commands were found`);
  assert.deepEqual(
    written.map(commandFault).filter((fault) => fault !== undefined),
    [],
  );
});

const blocksIn = (document: string, language: string) =>
  [...read(document).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  );

test('every authority in a guide can be read', () => {
  const texts = [
    ...documents.flatMap((document) => blocksIn(document, 'json')),
    ...globSync('docs/guides/tickets/*.json', { cwd: root }).map(read),
  ];
  assert.ok(texts.length >= 3);
  for (const text of texts) assert.ok(parseAuthority(JSON.parse(text)).length > 0);
});

test('the rules in the guide can be published, and it tells of every default rule', async (t) => {
  const official = startOfficial();
  t.after(() => official.close());
  const reads = { effect: 'read', reversibility: 'reversible', reach: 'internal' } as const;
  const pays = { effect: 'write', reversibility: 'irreversible', reach: 'external' } as const;
  const schema = policySchema([
    { id: 'shop:orders.get', ...reads, arguments: [{ name: 'path.orderId', type: 'string', required: true }] },
    {
      id: 'shop:refunds.create',
      ...pays,
      arguments: [
        { name: 'path.orderId', type: 'string', required: true },
        { name: 'body.amount', type: 'string', required: true },
        { name: 'body.reason', type: 'string', required: false },
      ],
    },
  ]);
  const texts = blocksIn('docs/guides/policies.md', 'cedar');
  assert.ok(texts.length > 0);
  for (const text of texts) assert.deepEqual((await preparePolicySet({ text, schema }, official)).warnings, []);
  for (const [, id = ''] of defaultPolicies.matchAll(/@id\("([^"]+)"\)/g))
    assert.ok(read('docs/guides/policies.md').includes(`| \`${id}\` |`), `${id} is not in the guide`);
});

test('every refusal in the guides for operators exists', () => {
  const codes = ['operating', 'nginx'].flatMap((name) => [
    ...read(`docs/guides/${name}.md`).matchAll(/`((?:authority|policy|limits|gateway|plane)\.[a-z_]+)`/g),
  ]);
  assert.ok(codes.length >= 5);
  assert.deepEqual(
    codes.map(([, code = '']) => code).filter((code) => !read('docs/refusals.md').includes(`| \`${code}\` |`)),
    [],
  );
});

test('the picture of a run holds its calls and its end, without lines of ids and the plane’s own reads', () => {
  const trace = [
    'Run tsk_1',
    '  08:06:38.837Z  ✓ permit  shop:orders.get',
    '      asked    GET https://shop.example/orders/1042?a=<b>',
    '      token tok_1, key abc',
    '      entry ent_1 (28), next ent_2',
    '  08:06:38.980Z  ✓ permit  shop:orders.get (by Ambit itself: the look before a yes)',
    '      asked    GET https://shop.example/looked',
    '  08:06:40.093Z  ·  refund-bot completed the task. With it ended 1 token.',
    '               token tok_1 of tsk_1',
  ].join('\n');
  const picture = traceToSvg(trace);
  for (const text of ['✓ permit', '?a=&lt;b&gt;', 'completed the task', 'token tok_1 of tsk_1'])
    assert.ok(picture.includes(text), text);
  for (const text of ['key abc', 'ent_1', 'looked']) assert.ok(!picture.includes(text), text);
});

/** What a configuration of nginx says within its locations, without addresses and secrets. */
function directivesIn(configuration: string): string[] {
  const within = configuration.slice(configuration.indexOf('location / {'));
  const named = /^\s*((?:proxy_set_header|add_header|auth_request_set) \S+|[a-z_]+(?= )[^;{]*|location [^{]*)[;{ ]/gm;
  return [...within.matchAll(named)].map(([, text = '']) => text.replace(/^proxy_pass .*/, 'proxy_pass').trim()).sort();
}

test('nginx is configured in the guide as in the test that runs it', () => {
  const guide = blocksIn('docs/guides/nginx.md', 'nginx')[0] ?? '';
  const source = read('server/test/conformance/nginx/auth-request.test.ts');
  const tested = source.slice(source.indexOf('const configuration'), source.indexOf('async function stop'));
  assert.ok(directivesIn(guide).length >= 15, directivesIn(guide).join(', '));
  assert.deepEqual(directivesIn(guide), directivesIn(tested));
  for (const text of [guide, tested]) assert.match(text, /merge_slashes off;/);
});
