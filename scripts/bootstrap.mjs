/**
 * Every npm script starts here: `node scripts/bootstrap.mjs <name> [arguments]` brings the right Node and the packages
 * where they are missing, then runs scripts/<name>.ts under that Node. Plain JavaScript, so that any Node ≥ 20.19 can
 * read it. It writes to standard error only: standard output belongs to the script.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  become,
  bringNode,
  broughtVersion,
  hasNode,
  isOldNode,
  nodeIn,
  npm,
  whatToDo,
  withFirst,
} from '../cli/bin/bring-node.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const nodeFolder = join(root, '.node');
const stampFile = join(root, 'node_modules', '.ambit-installed');
const lockFile = join(nodeFolder, 'lock');
const lockWaitSecondsMax = 600;
const outputLinesMax = 40;

const say = (text) => process.stderr.write(text);

class Stop extends Error {}

const [name, ...args] = process.argv.slice(2);
// The scripts of package.json that run variants of the tests have a colon where a file's name has a hyphen.
const command = name === 'start' || name === 'test' ? `npm ${name}` : `npm run ${name?.replace(/^test-/, 'test:')}`;

try {
  refuseAncientNode();
  const script = findScript();
  const node = await prepare();
  // npm hands SIGTERM to the shell in between and ends: what it had started would hold its ports for good.
  if (process.env.npm_lifecycle_event !== undefined) await import(`../cli/bin/end-with-launcher.js?${process.ppid}`);
  const compiled = process.env.NODE_COMPILE_CACHE ?? join(nodeFolder, 'compiled');
  const env = { ...process.env, PATH: withFirst(dirname(node), process.env.PATH), NODE_COMPILE_CACHE: compiled };
  become(node, ['--conditions=ambit-source', script, ...args], env);
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  say(`ambit: ${error.message}\n`);
  process.exitCode = 1;
}

function refuseAncientNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Stop(
    `this is Node ${process.versions.node}, and even fetching a newer one needs 20.19: install Node 24 (https://nodejs.org), then run: ${command}`,
  );
}

function findScript() {
  const names = readdirSync(join(root, 'scripts'))
    .filter((file) => /^[a-z-]+\.ts$/.test(file))
    .map((file) => file.slice(0, -'.ts'.length));
  if (names.includes(name)) return join(root, 'scripts', `${name}.ts`);
  throw new Stop(`there is no script ${JSON.stringify(name ?? '')}; there are: ${names.join(', ')}`);
}

async function prepare() {
  const isReady = () => (!isOldNode() || hasNode(nodeFolder)) && readStamp() === stampNow();
  if (!isReady()) {
    await withLock(async () => {
      // Looked at again: whoever held the lock before us may have done it all.
      if (isOldNode() && !hasNode(nodeFolder))
        await step(`Bringing Node ${broughtVersion}`, () => bringNode(nodeFolder));
      if (readStamp() !== stampNow()) await step('Bringing packages', install);
    });
  }
  return rightNode();
}

function rightNode() {
  return isOldNode() ? nodeIn(nodeFolder) : process.execPath;
}

async function install() {
  const isUntouched = readStamp() !== undefined;
  rmSync(stampFile, { force: true });
  // Nobody knows what an interrupted install left behind: without a stamp it starts over, exactly as locked. (npm ci
  // would refuse a lock file that was made on a mirror without the optional binaries of other platforms.)
  if (!isUntouched) rmSync(join(root, 'node_modules'), { recursive: true, force: true });
  await npm(isUntouched ? ['install'] : ['install', '--no-save'], { cwd: root, node: rightNode() });
  // INVARIANT (whole install): the stamp is written last and removed first.
  writeFileSync(stampFile, stampNow());
}

function readStamp() {
  return existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : undefined;
}

/** What the packages on disk follow from: the lock file, what every manifest asks for, and the kind of machine. */
function stampNow() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const files = ['package-lock.json', 'package.json', ...manifest.workspaces.map((folder) => `${folder}/package.json`)];
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of files) {
    if (!existsSync(join(root, file)))
      throw new Stop(`${file} is missing from this checkout; fetch the whole repository, then run: ${command}`);
    hash.update(`${file}\n${whatMatters(readFileSync(join(root, file), 'utf8'))}\n`);
  }
  return hash.digest('hex');
}

/** A new script or another layout of a manifest installs nothing new. */
function whatMatters(text) {
  const { packages, workspaces, bin, ...rest } = JSON.parse(text);
  const asked = Object.entries(rest).filter(([field]) => /dependencies|overrides/i.test(field));
  return JSON.stringify([packages, workspaces, bin, asked]);
}

async function step(what, run) {
  const started = Date.now();
  say(`ambit: ${what} … `);
  try {
    await run();
    say(`${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  } catch (error) {
    say(`failed after ${((Date.now() - started) / 1000).toFixed(1)} s\n${firstLines(error.output ?? '')}`);
    throw new Stop(whatToDo(error, command));
  }
}

function firstLines(output) {
  const lines = output.split('\n');
  const rest = lines.length > outputLinesMax ? [`… and ${lines.length - outputLinesMax} lines more`] : [];
  return output === '' ? '' : `${[...lines.slice(0, outputLinesMax), ...rest].join('\n')}\n`;
}

/** One at a time per checkout; the others wait, say so, and find the work done. */
async function withLock(run) {
  mkdirSync(nodeFolder, { recursive: true });
  await takeLock();
  try {
    await run();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

async function takeLock() {
  const waitUntil = Date.now() + lockWaitSecondsMax * 1000;
  for (let isFirst = true; ; isFirst = false) {
    const holder = tryLock();
    if (holder === undefined) return;
    if (!isAlive(holder)) removeLockOf(holder);
    else {
      if (isFirst) say(`ambit: another command is installing here (process ${holder}); waiting for it\n`);
      if (Date.now() > waitUntil)
        throw new Stop(
          `process ${holder} has held ${lockFile} for ${lockWaitSecondsMax} s; end it or remove that file, then run: ${command}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Undefined once the lock is ours, else the process that holds it (0 where its number is not written yet). */
function tryLock() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
    return undefined;
  } catch (error) {
    if (error.code !== 'EEXIST')
      throw new Stop(
        `${lockFile} can't be written (${error.code}): make the checkout writable for you, then run: ${command}`,
      );
    return readHolder(lockFile);
  }
}

function readHolder(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return 0;
    throw error;
  }
}

function isAlive(holder) {
  if (holder === 0) return true;
  try {
    process.kill(holder, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function removeLockOf(dead) {
  // Renamed before it is removed: of several who saw the same dead holder, one wins and nobody removes a fresh lock.
  const aside = `${lockFile}-${process.pid}`;
  try {
    renameSync(lockFile, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (readHolder(aside) === dead) rmSync(aside, { force: true });
  else renameSync(aside, lockFile);
}
