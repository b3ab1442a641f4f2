import { hash } from 'node:crypto';
import {
  type EntryId,
  type Grant,
  JsonFault,
  JsonNumber,
  jsonDigest,
  parseAsWritten,
  type TaskId,
  type UndoTask,
} from '@ambit/protocol';
import { entriesOfTask, findReadableEntry, readDetail, undoneUntil } from '../audit/index.ts';
import {
  type Action,
  type CatalogSnapshot,
  type DeclaredArgument,
  declaredArguments,
  printTemplate,
  resourceOf,
} from '../catalog/index.ts';
import { type Fields, type Ground, type PersonCaller, refuse, type StoredEntry, span } from '../foundation/index.ts';
import { findPerson, whyBeyond } from '../identity/index.ts';
import { findTask } from '../tasks/index.ts';
import { lastUndo } from './last-undo.ts';

const undoSeconds = 3600;
const sha256 = (bytes: Uint8Array) => hash('sha256', bytes, 'buffer');

/** What takes one call back, by the entry that its call is known by, and the run in which it was done. */
export type Undoable = { readonly proposal: Omit<UndoTask, 'beyond'>; readonly run: TaskId };

/**
 * The task by which one call could be undone, filled from what was sent and what came back: for a person to look at and to
 * open like any other. Refused where that was done already, or is under way. It promises nothing: whether the API takes it
 * back is the API's word.
 */
export function undoOf(
  ground: Ground,
  caller: PersonCaller,
  id: EntryId,
  catalog: Pick<CatalogSnapshot, 'actions' | 'apis'>,
): Promise<UndoTask> {
  return span('views/undo-of', async () => {
    const { proposal, run } = await findUndoable(ground, caller, id, catalog);
    await lastUndo(ground, caller.tenant, { entry: proposal.entry, run });
    const person = await findPerson(ground, caller.tenant, caller.person);
    const beyond = whyBeyond({ id: caller.person, delegable: person?.delegable ?? [] }, proposal.task.authority);
    return { ...proposal, beyond };
  });
}

/** The same with what else it takes to do it. */
export async function findUndoable(
  ground: Ground,
  caller: PersonCaller,
  id: EntryId,
  { actions, apis }: Pick<CatalogSnapshot, 'actions' | 'apis'>,
): Promise<Undoable> {
  const { header, ...rest } = await decisionOf(ground, caller, id);
  const { id: entry, run, task: under, action } = header;
  const none = (because: string, says: string) => refuse('undo.none', `${id}: ${because}`, says);
  if (header.kind !== 'call.decided' || run === null || under === null || action === null || header.who.agent === null)
    throw none('no call of an action', 'Only a call that was made can be undone: name the entry of its decision.');
  const done = actions.get(action);
  const undo = actions.get(done?.undo ?? '');
  const api = undo && apis.get(undo.api);
  if (done === undefined || undo === undefined || api === undefined)
    throw none(`${action} names no undo`, `Nothing undoes ${action}: the catalog names no action.`);
  const entries = await entriesOfTask(ground, caller.tenant, { run, task: under, from: rest.index });
  const outcome = outcomeOf(entry, entries);
  if (outcome === undefined)
    throw none('it was not done', 'It was not done, as far as the log knows: look at its run.');
  const until = undoneUntil(outcome.header.at, done);
  if (until !== null && ground.clock() >= until)
    throw refuse(
      'undo.too_late',
      `${id} could be undone until ${until}`,
      `${undo.id} took it back until ${new Date(until).toISOString()}. Nothing was sent.`,
    );
  const sent = fieldsOf(detailOf(ground, { header, ...rest })?.arguments) ?? {};
  const values = valuesFor(undo, sent, answerOf(detailOf(ground, outcome)));
  const task = await findTask(ground, caller.tenant, under);
  const type = task?.purposeType;
  if (type === undefined) throw none('its task is not there', 'The task that it was done under is not there any more.');
  const shown = {
    entry,
    action: undo.id,
    call: `${undo.method} ${resourceOf(api)}${printTemplate(undo.template)}`,
    arguments: values.arguments,
  };
  const proposal = {
    ...shown,
    missing: values.missing,
    digest: jsonDigest(shown, sha256),
    task: {
      agent: header.who.agent,
      purpose: { type, text: `Undo ${entry} by ${undo.id}.` },
      authority: [grantOf(undo, values.arguments)],
      ttlSeconds: undoSeconds,
    },
  };
  return { proposal, run };
}

/**
 * INVARIANT (once): a call that a person said yes to was decided twice, and is one call: known by the entry that asked,
 * whichever of the two is named.
 */
async function decisionOf(ground: Ground, caller: PersonCaller, id: EntryId): Promise<StoredEntry> {
  const named = await findReadableEntry(ground, caller, id);
  const { kind, about } = named.header;
  return kind === 'call.decided' && about !== null ? decisionOf(ground, caller, about) : named;
}

/** Entries of one call complete one another (`about`), from its decision through a person's answer to its outcome. */
function outcomeOf(id: EntryId, entries: readonly StoredEntry[]): StoredEntry | undefined {
  const thread = new Set<string>([id]);
  return entries.find(({ header }) => {
    if (header.about === null || !thread.has(header.about)) return false;
    thread.add(header.id);
    return header.kind === 'call.outcome' && header.code === 'done';
  });
}

function detailOf(ground: Ground, entry: StoredEntry): Fields | null {
  const read = readDetail(ground.database.log, entry);
  return typeof read === 'string' ? null : (read.detail as Fields);
}

const fieldsOf = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;

/** What came back, where its copy is whole JSON, with its numbers as the API wrote them. */
function answerOf(detail: Fields | null): Fields | null {
  if (typeof detail?.copy !== 'string') return null;
  try {
    return fieldsOf(parseAsWritten(Buffer.from(detail.copy, 'base64').toString('utf8')));
  } catch (error) {
    // An answer may be of any kind, and its copy is cut where it was long: then nothing is taken from it.
    if (error instanceof JsonFault) return null;
    throw error;
  }
}

type Scalar = string | number | boolean;

/** Arguments of the same name as they were sent; the id of what was made, where the undo is about it. All else is missing. */
function valuesFor(undo: Action, sent: Fields, answer: Fields | null) {
  const found: Record<string, Scalar> = {};
  const missing: string[] = [];
  const declared = declaredArguments(undo);
  const unsent = declared.filter(
    ({ name, required }) => required && name.startsWith('path.') && !Object.hasOwn(sent, name),
  );
  for (const argument of declared) {
    const { name, required } = argument;
    // What was made is named by its `id`: of the one place in the path that nothing else fills.
    const isMade = undo.resource?.id === name || (unsent.length === 1 && unsent[0]?.name === name);
    const made = answer?.[leafOf(name)] ?? (isMade ? answer?.id : undefined);
    const value = Object.hasOwn(sent, name) ? sent[name] : required ? made : undefined;
    const typed = typedAs(argument, value);
    if (typed !== undefined) found[name] = typed;
    else if (required) missing.push(name);
  }
  return { arguments: found, missing };
}

const leafOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

/**
 * Numbers come as they were written; a bound compares them as what the action declares. THREATS: decided-is-not-sent. One
 * that another number would be sent for is missing: it names another thing than the one that was made.
 */
function typedAs({ type }: DeclaredArgument, value: unknown): Scalar | undefined {
  if (typeof value === 'boolean') return type === 'boolean' || type === 'any' ? value : undefined;
  if (typeof value !== 'string') return undefined;
  if (type === 'string' || type === 'any') return value;
  const number = type === 'integer' || type === 'number' ? numberIn(value) : undefined;
  return type === 'integer' && !Number.isInteger(number) ? undefined : number;
}

function numberIn(text: string): number | undefined {
  try {
    return new JsonNumber(text).toNumber();
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

function grantOf(undo: Action, values: Readonly<Record<string, Scalar>>): Grant {
  const where = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { all: [{ equals: value }] }]));
  return { type: 'ambit_grant', actions: [undo.id], where, limits: [{ calls: 1 }] };
}
