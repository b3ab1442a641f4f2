import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative, resolve } from 'node:path';
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

/** Whether the port is free, or what answers on it is a plane. */
export async function examinePort(about: string, host: string, port: number): Promise<Finding> {
  if (port === 0) return good(about, 'a free port is picked at each start');
  const code = await listenFault(host, port);
  if (code === undefined) return good(about, `${host}:${port} is free`);
  if (code !== 'EADDRINUSE')
    return bad(about, `${host}:${port} cannot be used (${code})`, 'Name another port or address');
  if (await isPlane(`http://${host}:${port}`)) return good(about, `a plane answers on ${host}:${port}`);
  return bad(about, `something else listens on ${host}:${port}`, 'Free it, or name another port');
}

function listenFault(host: string, port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (error) => done(codeOf(error)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => done(undefined)));
  });
}

async function isPlane(origin: string): Promise<boolean> {
  try {
    const response = await fetch(`${origin}/health`, { signal: AbortSignal.timeout(3000), redirect: 'error' });
    const body = (await response.json()) as { readonly status?: unknown; readonly entries?: unknown };
    return response.ok && body.status === 'ok' && typeof body.entries === 'number';
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
