import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { benchFolder } from './places.ts';

const folder = join(benchFolder, 'peers');
const manifest = join(folder, 'package.json');
// A module is looked up from the file that asks for it.
const loader = join(folder, 'load.mjs');
const stamp = join(folder, 'installed');
const listFile = new URL('../peers.json', import.meta.url);

/** Brings the peers of `peers.json`, in exactly those versions. They are no part of the project. */
export function installPeers(say: (text: string) => void): void {
  const dependencies = JSON.parse(readFileSync(listFile, 'utf8')) as Record<string, string>;
  const wanted = JSON.stringify({ name: 'peers', private: true, type: 'module', dependencies }, null, 2);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('installing the peers from npm');
  mkdirSync(folder, { recursive: true });
  writeFileSync(manifest, wanted);
  writeFileSync(loader, 'export const load = (name) => import(name);\n');
  const { status, stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--save-exact'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the peers could not be installed in ${folder}: ${stderr}`);
  writeFileSync(stamp, wanted);
}

/** A module of a peer, by its name. */
export async function importPeer<T>(name: string): Promise<T> {
  const { load } = (await import(pathToFileURL(loader).href)) as { load(name: string): Promise<unknown> };
  return (await load(name)) as T;
}
export const peerFile = (path: string): string => join(folder, 'node_modules', path);

/** A program of Debian's; where it is missing, it is installed if that is possible here. Undefined where it is not. */
export function program(name: string, debianPackage: string, say: (text: string) => void): string | undefined {
  const found = findProgram(name);
  if (found !== undefined) return found;
  say(`installing ${debianPackage} from Debian`);
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', debianPackage], { stdio: 'ignore' });
  return findProgram(name);
}

function findProgram(name: string): string | undefined {
  const places = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin', '/sbin'];
  return places.map((place) => join(place, name)).find((path) => existsSync(path));
}
