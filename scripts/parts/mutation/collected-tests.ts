/**
 * Stands in for `node:test` while mutants are tried: it keeps the tests of a file instead of running them, so that the
 * same ones can be run again and again in one warm process. It knows what the tests of the kernels use, and throws at
 * anything else.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

type Body = (context: TestContext) => unknown;
type Options = { readonly skip?: boolean | string };
type Hook = () => unknown;

export type TestContext = { readonly name: string; after(hook: Hook): void; diagnostic(says: string): void };

/** What is around a test: the file, and each `describe` inside it. */
type Scope = {
  readonly name: string;
  readonly outer: Scope | undefined;
  readonly isSkipped: boolean;
  readonly before: Hook[];
  readonly after: Hook[];
  isOpen: boolean;
};

export type CollectedTest = { readonly key: string; readonly run: () => Promise<void> };

const joint = ' › ';
const tests: CollectedTest[] = [];
const scopes: Scope[] = [];
/** The file that is being imported, and inside a `describe`, which may wait, that one. */
let fileScope: Scope | undefined;
const inside = new AsyncLocalStorage<Scope>();
const unfinished: Promise<unknown>[] = [];

const scopeOf = (name: string, outer: Scope | undefined, isSkipped: boolean): Scope => {
  const made = { name, outer, isSkipped, before: [], after: [], isOpen: false };
  scopes.push(made);
  return made;
};

/** Takes down what the import registers. */
export async function collectFrom(file: string, load: () => Promise<unknown>): Promise<readonly CollectedTest[]> {
  const before = tests.length;
  fileScope = scopeOf(file, undefined, false);
  await load();
  await Promise.all(unfinished.splice(0));
  fileScope = undefined;
  return tests.slice(before);
}

/** The file that a key begins with. */
export const fileOf = (key: string): string => key.slice(0, key.indexOf(joint));

/** What the tests opened for all of them together. */
export async function closeScopes(): Promise<void> {
  for (const { isOpen, after } of scopes.toReversed()) if (isOpen) for (const hook of after) await hook();
}

function here(): Scope {
  const scope = inside.getStore() ?? fileScope;
  if (scope === undefined) throw new Error('a test inside a running test can not be collected');
  return scope;
}

export function test(name: string, ...rest: [Body] | [Options, Body]): void {
  const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
  const around = here();
  if (isOff(options) || around.isSkipped) return;
  tests.push({ key: uniqueKey(`${pathOf(around)}${joint}${name}`), run: () => runTest(name, around, body) });
}

export function describe(name: string, ...rest: [Hook] | [Options, Hook]): void {
  const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
  const outer = here();
  const made = scopeOf(name, outer, isOff(options) || outer.isSkipped);
  unfinished.push(Promise.resolve(inside.run(made, body)));
}

export const before = (hook: Hook): void => void here().before.push(hook);
export const after = (hook: Hook): void => void here().after.push(hook);

const isOff = ({ skip }: Options) => skip !== undefined && skip !== false;
const pathOf = (of: Scope): string => (of.outer === undefined ? of.name : `${pathOf(of.outer)}${joint}${of.name}`);

function uniqueKey(key: string): string {
  const same = tests.filter((one) => one.key === key || one.key.startsWith(`${key} #`)).length;
  return same === 0 ? key : `${key} #${same + 1}`;
}

async function runTest(name: string, around: Scope, body: Body): Promise<void> {
  await open(around);
  const hooks: Hook[] = [];
  const context: TestContext = { name, after: (hook) => void hooks.push(hook), diagnostic: () => undefined };
  try {
    await body(new Proxy(context, { get: known }));
  } finally {
    for (const hook of hooks) await hook();
  }
}

function known(context: TestContext, name: string | symbol): unknown {
  if (Object.hasOwn(context, name)) return Reflect.get(context, name);
  throw new Error(`the tests of kernels have no context.${String(name)} yet`);
}

async function open(one: Scope): Promise<void> {
  if (one.outer !== undefined) await open(one.outer);
  if (one.isOpen) return;
  one.isOpen = true;
  for (const hook of one.before) await hook();
}
