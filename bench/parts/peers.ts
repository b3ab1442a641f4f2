import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { benchFolder } from './places.ts';

const folder = join(benchFolder, 'peers');
const manifest = join(folder, 'package.json');
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
  const { status, stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--save-exact'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the peers could not be installed in ${folder}: ${stderr}`);
  writeFileSync(stamp, wanted);
}

/** A module of a peer, by its name. */
export async function importPeer<T>(name: string): Promise<T> {
  const path = createRequire(manifest).resolve(name);
  return (await import(pathToFileURL(path).href)) as T;
}
