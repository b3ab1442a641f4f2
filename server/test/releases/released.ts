import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Config, readConfig } from '../../src/config.ts';

/** What a release wrote: its store as SQL, its keys, and the checkpoints that it gave out. */
export const releases = ['0.1.0'] as const;

export type Released = {
  readonly directory: string;
  readonly data: string;
  readonly config: (more?: Readonly<Record<string, string>>) => Config;
  readonly env: Readonly<Record<string, string>>;
};

/** A plane as that release left it: an order refunded after a person's yes, and its whole log. */
export function madeBy(release: (typeof releases)[number]): Released {
  const from = (kind: string) => join(import.meta.dirname, `${release}.${kind}`);
  const directory = mkdtempSync(join(tmpdir(), 'ambit-release-'));
  const [data, keys, anchors] = ['data', 'ambit.keys', 'second-place.txt'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(data, { mode: 0o700 });
  const file = new Sqlite(join(data, 'ambit.db'));
  file.pragma('journal_mode = WAL');
  file.exec(readFileSync(from('sql'), 'utf8'));
  file.close();
  copyFileSync(from('keys'), keys);
  chmodSync(keys, 0o600);
  copyFileSync(from('anchors'), anchors);
  const env = {
    AMBIT_DATA: data,
    AMBIT_KEYS: keys,
    AMBIT_CHECKPOINT_FILE: anchors,
    AMBIT_AGENT_PORT: '0',
    AMBIT_PEOPLE_PORT: '0',
  };
  return { directory, data, env, config: (more = {}) => readConfig({ ...env, ...more }) };
}
