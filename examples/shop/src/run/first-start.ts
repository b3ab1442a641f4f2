import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentNames, castFileOf, keyFileOf, personNames } from './cast.ts';
import { ExampleFault } from './fault.ts';
import type { Settings } from './settings.ts';

/**
 * A first start makes keys, a plane and a cast, one after the other. Before the first of them it leaves a marker that
 * names every path which was not there and that it is about to make; the marker goes when all of them are there.
 * INVARIANT (nothing else): only paths that the marker names are removed, and a folder only when it is empty.
 */
type Marker = {
  readonly process: number;
  readonly dataDirectory: string;
  readonly keyFile: string;
  readonly makes: readonly string[];
  readonly folders: readonly string[];
};

export const markerOf = ({ exampleDirectory }: Settings): string => join(exampleDirectory, 'first-start');

const storeFiles = ['ambit.db', 'ambit.db-wal', 'ambit.db-shm', 'ambit.db-journal', 'lock.db', 'lock.db-journal'];

export function beginFirstStart(asked: Settings): void {
  const { dataDirectory, keyFile, exampleDirectory, checkpointFile } = asked;
  const makes = [
    ...storeFiles.map((name) => join(dataDirectory, name)),
    keyFile,
    checkpointFile,
    ...[...personNames, ...agentNames].map((name) => keyFileOf(exampleDirectory, name)),
    ...['shop-api-key.txt', 'shop.jsonl'].map((name) => join(exampleDirectory, name)),
  ].filter((path) => !existsSync(path));
  const folders = [dataDirectory, exampleDirectory].filter((path) => !existsSync(path));
  mkdirSync(exampleDirectory, { recursive: true, mode: 0o700 });
  // Of a plane whose keys are gone: the new cast takes its place.
  rmSync(castFileOf(exampleDirectory), { force: true });
  const marker: Marker = { process: process.pid, dataDirectory, keyFile, makes, folders };
  writeFileSync(markerOf(asked), `${JSON.stringify(marker, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
}

export const endFirstStart = (asked: Settings): void => rmSync(markerOf(asked), { force: true });

/** Takes back what a first start made that did not get to its end; answers whether there was one. */
export function undoUnfinished(asked: Settings): boolean {
  const file = markerOf(asked);
  if (!existsSync(file)) return false;
  const marker = readMarker(file);
  if (isStarting(marker.process)) {
    throw new ExampleFault(`another npm start (process ${marker.process}) is making its plane here: wait for it`);
  }
  if (existsSync(castFileOf(asked.exampleDirectory))) {
    endFirstStart(asked);
    return false;
  }
  requireSamePlaces(marker, asked);
  for (const path of marker.makes) rmSync(path, { force: true });
  // Last of all, so that what is interrupted here is taken up again.
  endFirstStart(asked);
  for (const folder of marker.folders) {
    if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
  }
  return true;
}

function readMarker(file: string): Marker {
  try {
    const { process: id, dataDirectory, keyFile, makes = [], folders = [] } = JSON.parse(readFileSync(file, 'utf8'));
    const isList = (list: unknown) => Array.isArray(list) && list.every((path) => typeof path === 'string');
    if (typeof id === 'number' && isList(makes) && isList(folders)) {
      return { process: id, dataDirectory, keyFile, makes, folders };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new ExampleFault(
    `${file} cannot be read, so nobody knows what an unfinished first start made: name empty places in AMBIT_DATA and AMBIT_KEYS`,
  );
}

function requireSamePlaces(marker: Marker, asked: Settings): void {
  if (marker.dataDirectory === asked.dataDirectory && marker.keyFile === asked.keyFile) return;
  throw new ExampleFault(
    `an unfinished first start is in the way, with AMBIT_DATA=${marker.dataDirectory} AMBIT_KEYS=${marker.keyFile}: start once more with those, or name another folder for the keys`,
  );
}

/** Whether that process is there, and, where the system tells, is a start and not a later one with the same number. */
function isStarting(id: number): boolean {
  if (id === process.pid) return false;
  try {
    process.kill(id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const commandLine = `/proc/${id}/cmdline`;
  return !existsSync(commandLine) || /start\.ts/.test(readFileSync(commandLine, 'utf8'));
}
