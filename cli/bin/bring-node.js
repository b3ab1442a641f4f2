/**
 * Plain JavaScript that any Node since 18 can read: Ambit needs Node 24 (its store crashes on older ones), and this
 * brings it from npm, where `node-<platform>-<arch>` holds the official binary and needs no install script.
 * Used by the published binary (ambit.js) and by the checkout's bootstrap; it imports nothing but Node.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const neededMajor = 24;
export const broughtVersion = '24.21.0';

export const isOldNode = (version = process.versions.node) => Number(version.split('.')[0]) < neededMajor;

const platform = process.platform === 'win32' ? 'win' : process.platform;
export const nodePackage = `node-${platform}-${process.arch}`;

/** Where the binary is once `folder` holds it. */
export function nodeIn(folder) {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  return join(folder, 'node_modules', nodePackage, 'bin', name);
}

/** True only for a whole copy of the pinned version: it is renamed into place, so half a download is never found. */
export function hasNode(folder) {
  const manifest = join(folder, 'node_modules', nodePackage, 'package.json');
  if (!existsSync(nodeIn(folder)) || !existsSync(manifest)) return false;
  return JSON.parse(readFileSync(manifest, 'utf8')).version === broughtVersion;
}

/** Installs the pinned Node below `folder`; answers its path, or throws an Error whose `output` is what npm said. */
export async function bringNode(folder) {
  const incoming = join(folder, `incoming-${process.pid}`);
  removeLeftovers(folder, incoming);
  mkdirSync(incoming, { recursive: true });
  try {
    // A manifest of its own keeps npm from looking for a project further up.
    writeFileSync(join(incoming, 'package.json'), '{ "private": true }\n');
    await npm(['install', '--prefix', incoming, '--save-exact', `${nodePackage}@${broughtVersion}`], { cwd: incoming });
    await runQuietly(nodeIn(incoming), ['--version'], {});
    moveIntoPlace(join(incoming, 'node_modules'), folder);
  } finally {
    rmSync(incoming, { recursive: true, force: true });
  }
  return nodeIn(folder);
}

/** What earlier, killed attempts left; an hour is longer than any attempt that is still going on. */
function removeLeftovers(folder, own) {
  const oldest = Date.now() - 3_600_000;
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const path = join(folder, name);
    const isLeft = name.startsWith('incoming-') && (path === own || statSync(path).mtimeMs < oldest);
    if (isLeft) rmSync(path, { recursive: true, force: true });
  }
}

function moveIntoPlace(from, folder) {
  // Another process may have been quicker: its copy is as good as ours.
  if (hasNode(folder)) return;
  rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
  renameSync(from, join(folder, 'node_modules'));
}

const quietly = [
  '--no-audit',
  '--no-fund',
  '--no-update-notifier',
  '--ignore-scripts',
  '--include=dev',
  '--include=optional',
  '--loglevel=error',
  '--fetch-retries=3',
  '--fetch-retry-factor=2',
  '--fetch-retry-mintimeout=500',
  '--fetch-retry-maxtimeout=4000',
];

/** Runs npm without a word; a failure throws an Error with `output`. `node` is the Node it shall run under. */
export function npm(args, { cwd, node = process.execPath }) {
  // Settings of the npm that started us (--silent, --json, --workspace …) are about that run, not about this one.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isSettingOfTheRun(name)));
  env.PATH = withFirst(dirname(node), env.PATH);
  const started = process.env.npm_execpath ?? '';
  if (/npm-cli\.[cm]?js$/.test(started)) return runQuietly(node, [started, ...args, ...quietly], { cwd, env });
  const windows = process.platform === 'win32';
  return runQuietly(windows ? 'npm.cmd' : 'npm', [...args, ...quietly], { cwd, env, shell: windows });
}

const settingsOfTheRun =
  /^npm_config_(loglevel|silent|json|quiet|workspaces?|include_workspace_root|prefix|local_prefix|omit|production|dry_run|global)$/i;
const isSettingOfTheRun = (name) => settingsOfTheRun.test(name) || name === 'NODE_ENV';

export const withFirst = (folder, path) =>
  [folder, path].filter(Boolean).join(process.platform === 'win32' ? ';' : ':');

function runQuietly(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    const unhook = passSignalsTo(child);
    const fail = (message) => {
      unhook();
      reject(Object.assign(new Error(message), { output: Buffer.concat(chunks).toString('utf8').trim() }));
    };
    child.on('error', (error) => fail(`${command} could not be started: ${error.message}`));
    child.on('close', (code, signal) => {
      if (code !== 0) return fail(`${args[0]?.endsWith('-cli.js') ? 'npm' : command} ended with ${signal ?? code}`);
      unhook();
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}

const registryFaults =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|E4\d\d|E5\d\d|FETCH_ERROR)\b/;

/** One sentence that says what went wrong with npm and what to run next. */
export function whatToDo(error, again) {
  const output = String(error.output ?? '');
  if (/\bSIG(INT|TERM|HUP)\b/.test(output + error.message))
    return `That was interrupted, and counts as not done; to go on, run: ${again}`;
  if (/\bE404\b|ETARGET|notarget/.test(output))
    return `The npm registry does not have what is needed for ${process.platform} ${process.arch}; install Node ${neededMajor} yourself (https://nodejs.org), then run: ${again}`;
  if (registryFaults.test(output))
    return `The npm registry could not be reached; check the connection (npm ping), then run: ${again}`;
  if (/ENOSPC/.test(output)) return `The disk is full; make room, then run: ${again}`;
  if (/EACCES|EPERM|EROFS/.test(output))
    return `npm may not write here; make the folder writable for you, then run: ${again}`;
  if (/could not be started/.test(error.message))
    return `npm was not found; install Node ${neededMajor} with npm (https://nodejs.org), then run: ${again}`;
  return `${error.message}; what it said is above. When that is mended, run: ${again}`;
}

/** Hands signals on until the answer is called: we must outlive the child to report how it ended. */
function passSignalsTo(child) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const handlers = signals.map((signal) => {
    // Ctrl-C at a terminal reaches the whole group: passing it on would make one press count twice.
    const handler = () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal));
    process.on(signal, handler);
    return [signal, handler];
  });
  return () => {
    for (const [signal, handler] of handlers) process.removeListener(signal, handler);
  };
}

/** Options of a Node that shall end when this process is gone, even where it was killed and could not say so. */
const endingWithUs = () => ['--import', new URL(`end-with-launcher.js?${process.pid}`, import.meta.url).href];

/** Runs `node` in our place: same terminal, same signals, same end, whichever of the two it comes to first. */
export function become(node, args, env = process.env) {
  const child = spawn(node, [...endingWithUs(), ...args], { stdio: 'inherit', env });
  const unhook = passSignalsTo(child);
  child.on('error', (error) => {
    process.stderr.write(`ambit: ${node} could not be started: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    unhook();
    if (signal) process.kill(process.pid, signal);
    else process.exit(code ?? 1);
  });
}
