import { once } from 'node:events';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { codeOf } from '../files.ts';
import { bad, type Finding, good, look, skipped } from './finding.ts';

export const nodeMajor = 24;

export function examineNode(version: string): Finding {
  const major = Number(version.split('.')[0]);
  if (major === nodeMajor) return good('Node', version);
  const next = `Install Node ${nodeMajor}; the binary ambit brings it by itself`;
  return major > nodeMajor
    ? look('Node', `${version}, newer than what Ambit is tested on`, next)
    : bad('Node', version, next);
}

/** The file of the plane's own keys: there, private, and apart from the data it opens. */
export function examinePlaneKeys(file: string, data: string): Finding {
  const about = 'keys of the plane';
  const inside = relative(resolve(data), resolve(file));
  if (!inside.startsWith('..') && !inside.startsWith('/')) {
    return bad(about, `${file} lies in the data directory`, 'Move it: who copies the data must not get its keys');
  }
  if (!existsSync(file))
    return skipped(about, `${file} is not there; the plane does not run from here, or wants ambit init`);
  const { mode } = statSync(file);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    return bad(about, `others on this machine can open ${file}`, `Run: chmod 600 ${file}`);
  }
  return good(about, `${file} is private and apart from the data; keep a copy elsewhere`);
}

export function examineData(directory: string): Finding {
  const about = 'data';
  if (!existsSync(directory)) return skipped(about, `${directory} is not there yet`);
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return bad(about, `${directory} cannot be written (${codeOf(error)})`, 'Give it to the user that runs Ambit');
  }
  const { mode } = statSync(directory);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    return look(about, `others on this machine can look into ${directory}`, `Run: chmod 700 ${directory}`);
  }
  return good(about, `${directory} can be written`);
}

/** The pages that people see. Without them everything else works, so they would only be missed by whoever opens one. */
export function examineConsole(files: string | null): Finding {
  if (files === null) return skipped('console', 'AMBIT_CONSOLE is off: people use the command line and the API');
  if (existsSync(join(files, 'index.html'))) return good('console', `its pages are in ${files}`);
  return bad('console', `was not built: ${files} has no index.html`, 'In a checkout run: npm run console');
}

/**
 * Whether the port is free, or what answers on it is the plane of these keys. Another plane there looks the same to everybody
 * who does not compare: `logKey` is the thumbprint of the key that signs this one's log, null where it cannot be read here.
 */
export async function examinePort(
  about: string,
  host: string,
  port: number,
  logKey: string | null,
  scheme: 'http' | 'https' = 'http',
): Promise<Finding> {
  if (port === 0) return good(about, 'a free port is picked at each start');
  const code = await listenFault(host, port);
  if (code === undefined) return good(about, `${host}:${port} is free`);
  if (code !== 'EADDRINUSE')
    return bad(about, `${host}:${port} cannot be used (${code})`, 'Name another port or address');
  const plane = await planeAt(`${scheme}://${host}:${port}`);
  if (plane !== null) return whosePlane(about, `${host}:${port}`, plane, logKey);
  return bad(about, `something else listens on ${host}:${port}`, 'Free it, or name another port');
}

function listenFault(host: string, port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (error) => done(codeOf(error)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => done(undefined)));
  });
}

/** What a plane says of itself. */
export type Answering = { readonly entries: number; readonly logKey: string | null };

export function whosePlane(about: string, place: string, plane: Answering, logKey: string | null): Finding {
  if (logKey === null || plane.logKey === null)
    return look(about, `a plane answers on ${place}; whose it is was not compared`, 'Run this where its keys are');
  if (plane.logKey === logKey) return good(about, `this plane answers on ${place}`);
  const says = `another plane answers on ${place}: its log is signed by ${plane.logKey}, that of these keys by ${logKey}`;
  return bad(about, says, 'Stop that one, name another port, or name the keys of that plane: --data and --keys');
}

async function planeAt(origin: string): Promise<Answering | null> {
  try {
    const { status, text } = await (origin.startsWith('https:') ? getOverTls(origin) : getPlain(origin));
    return readHealth(status === 200, JSON.parse(text));
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

type Got = { readonly status: number; readonly text: string };

async function getPlain(origin: string): Promise<Got> {
  const response = await fetch(`${origin}/health`, { signal: AbortSignal.timeout(3000), redirect: 'error' });
  return { status: response.status, text: await response.text() };
}

/** Whoever signed the certificate: nothing is told to the other end, and what it says is compared with a key. */
async function getOverTls(origin: string): Promise<Got> {
  const request = get(`${origin}/health`, { rejectUnauthorized: false, signal: AbortSignal.timeout(3000) });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, text: await text(response) };
}

/** Planes of older releases do not name their key. */
export function readHealth(isOk: boolean, said: unknown): Answering | null {
  const { status, entries, logKey } = (said ?? {}) as Record<string, unknown>;
  if (!isOk || status !== 'ok' || typeof entries !== 'number') return null;
  return { entries, logKey: typeof logKey === 'string' ? logKey : null };
}
