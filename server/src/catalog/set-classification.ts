import { canonicalJson, holesOf, withoutReadings } from '@ambit/protocol';
import type { Classified, OverlayPreview } from '@ambit/protocol/wire';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import type { ActionRecord, Classification } from './action.ts';
import { effective, fields, ruled } from './classify.ts';
import { type Lowered, loweredFields } from './confirm.ts';
import { type OverlayWord, readOverlay } from './overlay.ts';
import { readWords } from './proposal.ts';
import { recordChange, requireApi, requireRevision } from './record-change.ts';
import { changeApi, changeRecord, listLiving } from './store.ts';

export type { Classified };

/** A person classifies one action. The word counts at once, upwards and downwards; the entry names what it lowered. */
export function setClassification(
  ground: Ground,
  by: PersonCaller,
  ask: {
    readonly api: string;
    readonly action: string;
    readonly fields: unknown;
    readonly revision?: number | undefined;
  },
): Promise<Classified> {
  return span('catalog/set-classification', () => apply(ground, by, planOne(ask)));
}

/** Which gates would stand lower after that word. */
export const planClassification = (ground: Ground, by: PersonCaller, ask: OneAsk) => plan(ground, by, planOne(ask));

type OneAsk = Parameters<typeof setClassification>[2];
const planOne = (ask: OneAsk): Ask => ({
  ...ask,
  source: 'person',
  read: () => [{ action: ask.action, words: readWords(ask.api, ask.fields) }],
});

/** A person lays a file over a description: confirmed by that person. */
export function applyOverlay(
  ground: Ground,
  by: PersonCaller,
  ask: { readonly api: string; readonly overlay: string; readonly revision?: number | undefined },
): Promise<Classified> {
  return span('catalog/apply-overlay', () => apply(ground, by, planFile(ask)));
}

/** Which gates would stand lower under that file. */
export const planOverlay = (ground: Ground, by: PersonCaller, ask: FileAsk) => plan(ground, by, planFile(ask));

/** Says it, and changes nothing. Refuses whatever `applyOverlay` would. */
export function previewOverlay(ground: Ground, by: PersonCaller, ask: FileAsk): Promise<OverlayPreview> {
  return span('catalog/preview-overlay', async () => {
    const { api, after, lowered } = await planOverlay(ground, by, ask);
    const isLowered = (one: Lowered) =>
      lowered.some(({ action, field }) => action === one.action && field === one.field);
    const changes = after.flatMap(({ before, record }) => changedFields(before, record));
    const patterns = after.flatMap(({ before, record }) => changedPatterns(before, record));
    const changed = new Set([...changes, ...patterns].map(({ action }) => action));
    return {
      revision: api.revision,
      changes: changes.map((one) => ({ ...one, lowers: isLowered(one) })),
      patterns,
      unchanged: after.map(({ record }) => record.shape.id).filter((id) => !changed.has(id)),
    };
  });
}

function changedFields(before: ActionRecord, after: ActionRecord): readonly Lowered[] {
  const [was, is] = [effective(before), effective(after)];
  return fields.flatMap((field) =>
    canonicalJson(was[field]) === canonicalJson(is[field])
      ? []
      : [{ action: is.id, field, from: was[field], to: is[field] }],
  );
}

const changedPatterns = (before: ActionRecord, { shape, patterns }: ActionRecord) =>
  [...new Set([...Object.keys(before.patterns), ...Object.keys(patterns)])]
    .map((name) => ({
      action: shape.id,
      name,
      from: before.patterns[name] ?? null,
      to: patterns[name] ?? null,
    }))
    .filter(({ from, to }) => from !== to);

type FileAsk = Parameters<typeof applyOverlay>[2];
const planFile = (ask: FileAsk): Ask => ({
  ...ask,
  source: 'overlay',
  read: (records) => readOverlay(ask.api, ask.overlay, records),
});

type Ask = {
  readonly api: string;
  readonly revision?: number | undefined;
  readonly source: 'overlay' | 'person';
  readonly read: (records: readonly ActionRecord[]) => readonly OverlayWord[];
};

async function plan(ground: Ground, by: PersonCaller, ask: Ask) {
  const api = await requireApi(ground, by, ask.api);
  requireRevision(api, ask.revision);
  const records = await listLiving(ground, by.tenant, api.name);
  const words = ask.read(records);
  const after = wordsLaidOver(records, words, { person: by.person, at: ground.clock(), source: ask.source });
  const lowered = after.flatMap(({ before, record }) => loweredFields(before, record));
  // A pattern that a path parameter had to match is a gate as well.
  const patterns = after.flatMap(({ before, record }) =>
    Object.entries(before.patterns)
      .filter(([name, from]) => record.patterns[name] !== from)
      .map(([name, from]) => ({ action: record.shape.id, name, from, to: record.patterns[name] ?? null })),
  );
  return { api, words, after, lowered, patterns };
}

async function apply(ground: Ground, by: PersonCaller, ask: Ask): Promise<Classified> {
  const { api, words, after, lowered } = await plan(ground, by, ask);
  const actions = after.map(({ record }) => record.shape.id);
  const entry = await recordChange(ground, by, {
    kind: 'catalog.classified',
    keys: [`catalog:api/${api.name}`],
    changes: [changeApi({ ...api, revision: api.revision + 1 }), ...after.map(({ record }) => changeRecord(record))],
    detail: {
      api: api.name,
      source: ask.source,
      set: words.map(({ action, words: { fields, patterns } }) => ({ action, ...fields, patterns })),
      lowered,
    },
  });
  return { entry, actions, lowered };
}

type Laid = { readonly before: ActionRecord; readonly record: ActionRecord };

function wordsLaidOver(
  records: readonly ActionRecord[],
  words: readonly OverlayWord[],
  by: Parameters<typeof ruled>[2],
): Laid[] {
  const laid = new Map<string, Laid>();
  const byId = new Map(records.map((record) => [record.shape.id, record]));
  for (const { action, words: set } of words) {
    const before = byId.get(action);
    if (before === undefined) throw refuse('thing.not_found', `no action ${action}`, `There is no action ${action}.`);
    const so = laid.get(action)?.record ?? before;
    const patterns = { ...so.patterns, ...set.patterns };
    laid.set(action, { before, record: { ...ruled(so, set.fields, by), patterns } });
  }
  for (const { record } of laid.values()) requireSense(record, byId);
  return [...laid.values()];
}

/** Words that would never count are refused rather than kept: they would look like a decision that was made. */
function requireSense(record: ActionRecord, byId: ReadonlyMap<string, ActionRecord>): void {
  const action = effective(record);
  const fault = (says: string) => refuse('catalog.overlay_invalid', `${action.id}: ${says}`, `${action.id}: ${says}`);
  for (const field of ['undo', 'lookAgain'] as const) {
    const other = action[field];
    if (other !== null && !byId.has(other)) throw fault(`${field} names ${other}, which is no action of this API.`);
  }
  const undoing = action.undo === null ? undefined : byId.get(action.undo);
  if (undoing !== undefined && effective(undoing).effect === 'read')
    throw fault(`undo names ${action.undo}, which only reads: it takes nothing back.`);
  const isRead = withoutReadings(action.sentence) !== action.sentence;
  if (action.lookAgain === null && (isRead || holesOf(action.sentence).some(({ label }) => label !== null)))
    throw fault('the sentence names a place in what is read again, but nothing is: name a lookAgain.');
  if (action.reversibility === 'compensable' && action.undo === null) throw fault('compensable needs an undo.');
  for (const name of Object.keys(record.patterns)) {
    const isLeaf =
      record.shape.body?.arguments[name] !== undefined || record.shape.parameters.some((one) => one.argument === name);
    if (!isLeaf) throw fault(`patterns names ${name}, which the action does not declare.`);
  }
  for (const [field, argument] of argumentsNamed(action)) {
    if (!declares(record, argument)) throw fault(`${field} names ${argument}, which the action does not declare.`);
  }
}

function argumentsNamed(action: Classification): [string, string][] {
  const named: [string, string][] = [];
  if (action.money !== null) named.push(['money.amount', action.money.amount]);
  if (action.money?.currency.includes('.') === true) named.push(['money.currency', action.money.currency]);
  if (action.resource !== null) named.push(['resource.id', action.resource.id]);
  for (const [, hole = ''] of withoutReadings(action.sentence).matchAll(/\{([^}]*)\}/g))
    named.push(['sentence', hole.replace(/\|.*$/, '')]);
  return named;
}

/** Bodies that are open, or deeper than the catalog reads, may have arguments that nothing declares. */
function declares({ shape }: ActionRecord, argument: string): boolean {
  if (shape.parameters.some((one) => one.argument === argument)) return true;
  if (!argument.startsWith('body.') || shape.body === null) return false;
  const parent = argument.slice(0, argument.lastIndexOf('.'));
  return shape.body.arguments[argument] !== undefined || shape.body.objects[parent]?.closed !== true;
}
