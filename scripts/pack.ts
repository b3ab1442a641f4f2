/**
 * npm run pack: builds every package and leaves three tarballs in out/: `ambit` (the plane and its command line, with
 * its sibling packages inside), and `@ambit/protocol` and `@ambit/sdk` for those who write agents.
 *
 * npm leaves sibling workspaces out of a bundle without a word, so the package is staged first: real copies under
 * node_modules/@ambit, and their own dependencies lifted into the manifest that is published.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { buildConsole } from './parts/build-console.ts';

const root = join(import.meta.dirname, '..');
const out = join(root, 'out');
const stage = join(out, 'stage');
const published = join(stage, 'ambit');
const consoleName = '@ambit/console';

type Manifest = {
  name: string;
  version: string;
  bin?: Record<string, string>;
  exports?: Record<string, string | Record<string, string>>;
  dependencies?: Record<string, string>;
  [field: string]: unknown;
};
type Built = { folder: string; manifest: Manifest; place: string };
type Packed = { filename: string; size: number; unpackedSize: number; entryCount: number; files: { path: string }[] };

/** In the order of who needs whose types; the last is the one that is published with the others inside. */
const folders = ['protocol', 'server', 'sdk', 'cli'];

rmSync(stage, { recursive: true, force: true });
for (const old of globSync('*.tgz', { cwd: out })) rmSync(join(out, old));
const built: Built[] = [];
for (const folder of folders) built.push(await timed(`build ${folder}`, () => build(folder, built)));
await timed('build console', packConsole);
const siblings = built.filter(({ folder }) => folder !== 'cli');
writeManifest(published, publishedManifest());
copyRootFiles(published);

for (const { place, manifest } of siblings.filter(({ folder }) => folder !== 'server')) {
  const packed = await timed(`check ${manifest.name}`, () => packAndCheck(place, manifest));
  print(packed);
}
print(await timed('pack ambit', () => pack(published)));

async function build(folder: string, before: Built[]): Promise<Built> {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
  const place = folder === 'cli' ? published : join(published, 'node_modules', manifest.name);
  const source = join(root, folder, 'src');
  mkdirSync(place, { recursive: true });
  compile(folder, source, place, before);
  copyAssets(source, join(place, 'dist'));
  if (folder !== 'cli') writeManifest(place, siblingManifest(manifest));
  else cpSync(join(root, 'cli/bin'), join(place, 'bin'), { recursive: true });
  refuseSourceNames(join(place, 'dist'));
  refuseMissingTargets(place, manifest);
  return { folder, manifest, place };
}

/** Compiles against what was built before, exactly as an installed package would see it: never against its sources. */
function compile(folder: string, source: string, place: string, before: Built[]) {
  const config = join(stage, `tsconfig.${folder}.json`);
  const doors = before.flatMap(({ manifest, place: at }) =>
    doorsOf(manifest).map(([name, file]) => [name, [join(at, file)]]),
  );
  const settings = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      noEmitOnError: true,
      declaration: true,
      customConditions: [],
      typeRoots: [join(root, 'node_modules/@types')],
      paths: Object.fromEntries(doors),
      rootDir: source,
      outDir: join(place, 'dist'),
    },
    include: [source],
    exclude: [`${source}/**/*.test.ts`, `${source}/**/*testing*.ts`, `${source}/**/testing/**`],
  };
  writeFileSync(config, JSON.stringify(settings, undefined, 2));
  run(process.execPath, [join(root, 'node_modules/ts7/bin/tsc'), '-p', config]);
}

function doorsOf({ name, exports = {} }: Manifest): [string, string][] {
  return Object.entries(exports).flatMap(([path, targets]) =>
    typeof targets === 'object' && targets.types !== undefined ? [[join(name, path), targets.types]] : [],
  );
}

/** What is read at run time and is not TypeScript (a schema, a page) lies beside the code that reads it. */
function copyAssets(source: string, target: string) {
  for (const path of globSync('**/*', { cwd: source })) {
    if (/\.ts$/.test(path) || statSync(join(source, path)).isDirectory()) continue;
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(join(source, path), join(target, path));
  }
}

/** The compiler rewrites imports, not `new URL('./thread.ts', import.meta.url)`, which would only fail when it runs. */
function refuseSourceNames(folder: string) {
  const named = globSync('**/*.js', { cwd: folder }).filter((file) =>
    /new URL\(\s*['"`][^'"`]*\.ts['"`]/.test(readFileSync(join(folder, file), 'utf8')),
  );
  if (named.length > 0)
    throw new Error(`${named.join(', ')}: a URL names a .ts file; take the extension from import.meta.url`);
}

function refuseMissingTargets(place: string, { name, exports = {}, bin = {} }: Manifest) {
  const targets = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(withoutSource(target)),
  );
  const missing = [...targets, ...Object.values(bin)].filter(
    (file) => file !== './package.json' && !existsSync(join(place, file)),
  );
  if (missing.length > 0) throw new Error(`${name} promises ${missing.join(', ')}, which the build did not make`);
}

function withoutSource(targets: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(targets).filter(([condition]) => condition !== 'ambit-source'));
}

/** Nothing of it runs in Node: its built files lie where the server looks for them, beside its own package. */
async function packConsole() {
  await buildConsole();
  const place = join(published, 'node_modules', consoleName);
  cpSync(join(root, 'console/dist'), join(place, 'dist'), { recursive: true });
  const { version, license } = JSON.parse(readFileSync(join(root, 'console/package.json'), 'utf8')) as Manifest;
  writeManifest(place, { name: consoleName, version, license, files: ['dist'] });
}

function isSibling(name: string): boolean {
  return folders.some((folder) => name === `@ambit/${folder}`);
}

function publicExports({ exports = {} }: Manifest) {
  const entries = Object.entries(exports).map(([path, target]) => [
    path,
    typeof target === 'string' ? target : withoutSource(target),
  ]);
  return Object.fromEntries(entries);
}

/** Without its third-party dependencies: those are the published manifest's, and npm finds them one folder up. */
function siblingManifest(manifest: Manifest): Manifest {
  const own = Object.entries(manifest.dependencies ?? {}).filter(([name]) => isSibling(name));
  return { ...manifest, exports: publicExports(manifest), dependencies: Object.fromEntries(own) };
}

function publishedManifest(): Manifest {
  const cli = built.find(({ folder }) => folder === 'cli');
  if (cli === undefined) throw new Error('cli was not built');
  const lifted = built.flatMap(({ manifest }) => Object.entries(manifest.dependencies ?? {}));
  const sorted = lifted.toSorted(([a], [b]) => a.localeCompare(b));
  return {
    ...cli.manifest,
    // The binary itself runs on older ones, and brings the Node that the rest needs.
    engines: { node: '>=20.19' },
    exports: publicExports(cli.manifest),
    dependencies: Object.fromEntries([...sorted, [consoleName, cli.manifest.version]]),
    bundleDependencies: [...siblings.map(({ manifest }) => manifest.name), consoleName],
  };
}

function writeManifest(place: string, manifest: Manifest) {
  writeFileSync(join(place, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

function copyRootFiles(place: string) {
  for (const file of ['LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md'])
    if (existsSync(join(root, file))) cpSync(join(root, file), join(place, file));
}

/** A package of its own: its own dependencies in its manifest, looked at the way its users' tools will. */
async function packAndCheck(place: string, manifest: Manifest): Promise<Packed> {
  const alone = join(stage, manifest.name.replace('/', '-'));
  cpSync(join(place, 'dist'), join(alone, 'dist'), { recursive: true });
  cpSync(join(root, 'LICENSE'), join(alone, 'LICENSE'));
  writeManifest(alone, { ...manifest, exports: publicExports(manifest) });
  const packed = pack(alone);
  const tarball = join(out, packed.filename);
  const tool = (path: string) => join(root, 'node_modules', path);
  run(process.execPath, [tool('publint/src/cli.js'), 'run', alone, '--strict', '--pack', 'false']);
  run(process.execPath, [tool('@arethetypeswrong/cli/dist/index.js'), tarball, '--profile', 'esm-only', '--no-color']);
  return packed;
}

function pack(folder: string): Packed {
  const npm = process.env.npm_execpath;
  const args = ['pack', folder, '--pack-destination', out, '--json', '--ignore-scripts', '--loglevel=error'];
  const answer = npm === undefined ? run('npm', args) : run(process.execPath, [npm, ...args]);
  const [packed] = Object.values(JSON.parse(answer) as Packed[] | Record<string, Packed>);
  if (packed === undefined) throw new Error('npm pack made nothing');
  return packed;
}

function run(command: string, args: string[]): string {
  try {
    return execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    process.stderr.write(`${stdout}${stderr}`);
    throw new Error(`${relative(root, args[0] ?? command)} found something wrong; it is above`);
  }
}

async function timed<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  process.stderr.write(`${what} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
  return result;
}

function print({ filename, size, unpackedSize, entryCount }: Packed) {
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`;
  const sizes = `${kilobytes(size)}, unpacked ${kilobytes(unpackedSize)}`;
  process.stdout.write(`${relative(process.cwd(), join(out, filename))}  ${entryCount} files, ${sizes}\n`);
}
