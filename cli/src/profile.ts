import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type PersonId, parseId } from '@ambit/protocol';
import { connectOperator, newKey, type Operator, type PrivateJwk, parseKey, printKey } from '@ambit/sdk/operator';
import type { Connection } from './command.ts';
import { CliFault } from './exit.ts';
import { codeOf } from './files.ts';
import type { World } from './world.ts';

/** Where the command line keeps who you are. The key itself is a file of its own. */
export type Profile = { readonly v: 1; readonly url: string; readonly person: PersonId; readonly key: string };

type Env = World['env'];

export const homeOf = (env: Env): string => resolve(env.AMBIT_HOME || join(env.HOME || homedir(), '.config', 'ambit'));
export const profilePath = (env: Env): string => join(homeOf(env), 'profile.json');
export const defaultKeyPath = (env: Env): string => join(homeOf(env), 'person.key');
export const defaultUrl = 'http://127.0.0.1:8421';

const enrolFirst = 'Enrol first: ambit enrol, or give --url, --person and --key';

export type Identity = { readonly url: string; readonly person: PersonId; readonly key: string };

/** Who the operator is: options before environment before profile. */
export function identityOf(env: Env, given: Connection): Identity {
  const url = given.url ?? env.AMBIT_URL;
  const person = given.person ?? env.AMBIT_PERSON;
  const key = given.key ?? env.AMBIT_PERSON_KEY;
  const isWhole = url !== undefined && person !== undefined && key !== undefined;
  const profile = isWhole ? undefined : readProfile(env);
  const who = {
    url: url ?? profile?.url,
    person: person === undefined ? profile?.person : personId(person),
    key: key ?? profile?.key,
  };
  if (who.url === undefined || who.person === undefined || who.key === undefined) {
    const missing = Object.entries(who).flatMap(([name, value]) => (value === undefined ? [name] : []));
    throw new CliFault('notAllowed', `Nothing says which ${missing.join(', which ')} to use.`, enrolFirst);
  }
  return { url: who.url, person: who.person, key: resolve(who.key) };
}

function personId(text: string): PersonId {
  const person = parseId('person', text);
  if (person !== undefined) return person;
  throw new CliFault('usage', 'The person given is no person’s id.', 'Give an id that begins with psn_');
}

export async function connect(env: Env, given: Connection): Promise<Operator> {
  const { url, person, key } = identityOf(env, given);
  requireOrigin(url);
  return connectOperator({ url, person, key: readKeyFile(key) });
}

export function requireOrigin(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isLocal = parsed !== undefined && ['127.0.0.1', '[::1]', 'localhost'].includes(parsed.hostname);
  const isSafe = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLocal);
  if (isSafe && parsed.origin === url.replace(/\/$/, '').toLowerCase()) return;
  const next = 'Give the origin of the people’s listener, such as https://ambit.example (http on loopback only)';
  throw new CliFault('usage', 'The address is not an https origin without a path.', next);
}

/** Undefined where there is none. One that others could have changed is not believed. */
export function readProfile(env: Env): Profile | undefined {
  const path = profilePath(env);
  if (!existsSync(path)) return undefined;
  requirePrivate(path);
  const profile = profileIn(readFileSync(path, 'utf8'));
  if (profile !== undefined) return profile;
  throw new CliFault('notAllowed', `${path} is not a profile.`, `Remove it and enrol again: ambit enrol`);
}

function profileIn(text: string): Profile | undefined {
  try {
    const { v, url, person, key } = JSON.parse(text) as Partial<Record<keyof Profile, unknown>>;
    const id = parseId('person', person);
    if (v !== 1 || typeof url !== 'string' || typeof key !== 'string' || id === undefined) return undefined;
    return { v, url, person: id, key };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

export function writeProfile(env: Env, profile: Profile): void {
  writePrivate(profilePath(env), `${JSON.stringify(profile, null, 2)}\n`, 'w');
}

/** A private key of a person or agent. A file that others can read is refused: the key may be theirs as well. */
export function readKeyFile(path: string): PrivateJwk {
  requirePrivate(path);
  return parseKey(readFileSync(path, 'utf8'));
}

export function requirePrivate(path: string): void {
  const found = statOf(path);
  if (!found.isFile()) throw new CliFault('notAllowed', `${path} is not a file.`, 'Name a key file with --key');
  // Windows has no such bits: there the folder of the user is what protects it.
  if (process.platform === 'win32' || (found.mode & 0o077) === 0) return;
  throw new CliFault('notAllowed', `Others on this machine can open ${path}.`, `Run: chmod 600 ${path}`);
}

function statOf(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    const sentence = `The key file ${path} cannot be read (${codeOf(error)}).`;
    throw new CliFault('notAllowed', sentence, enrolFirst, { cause: error });
  }
}

/** A new key in a new file; what is there already is never overwritten. */
export async function makeKeyFile(path: string): Promise<PrivateJwk> {
  const key = await newKey();
  writePrivate(path, printKey(key), 'wx');
  return key;
}

export const removeFile = (path: string): void => unlinkSync(path);

function writePrivate(path: string, text: string, flag: 'w' | 'wx'): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600, flag });
    // The mode above counts for a new file only.
    chmodSync(path, 0o600);
  } catch (error) {
    const because = codeOf(error) === 'EEXIST' ? 'exists already' : `cannot be written (${codeOf(error)})`;
    throw new CliFault('usage', `${path} ${because}.`, 'Name another file', { cause: error });
  }
}
