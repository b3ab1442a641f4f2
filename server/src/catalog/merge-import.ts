import { canonicalJson } from '@ambit/protocol';
import type { Review } from '@ambit/protocol/wire';
import type { Action, ActionRecord, Field } from './action.ts';
import { effective, fields, fresh, isStricter, pending, reimported } from './classify.ts';
import type { ImportedOperation } from './importers/openapi.ts';
import { formOf } from './path-template.ts';
import { isNarrow } from './value-schema.ts';

export type { Review };

/** What an import does to the actions of one API. */
export type Merge = {
  readonly added: readonly ActionRecord[];
  readonly changed: readonly ActionRecord[];
  readonly removed: readonly ActionRecord[];
  readonly unchanged: number;
  readonly raised: readonly {
    readonly action: string;
    readonly field: Field;
    readonly from: unknown;
    readonly to: unknown;
  }[];
};

/**
 * Old actions and a new description as one. What the description no longer has can no
 * longer be called, but its name stays taken; what a person promoted stays, unless
 * the description now has an operation of the same method and path.
 */
export function mergeImport(old: readonly ActionRecord[], operations: readonly ImportedOperation[]): Merge {
  const before = new Map(old.map((record) => [record.shape.id, record]));
  const after = new Map(operations.map((one) => [one.shape.id, merged(before.get(one.shape.id), one)]));
  const forms = new Set(operations.map((one) => formKey(one.shape)));
  const stays = (record: ActionRecord) => record.origin === 'promoted' && !forms.has(formKey(record.shape));
  const removed = old.filter((record) => !record.gone && !after.has(record.shape.id) && !stays(record));
  const both = [...after.values()].filter((record) => before.has(record.shape.id));
  const changed = both.filter((record) => canonicalJson(record) !== canonicalJson(before.get(record.shape.id)));
  return {
    added: [...after.values()].filter((record) => !before.has(record.shape.id)),
    changed,
    removed: removed.map((record) => ({ ...record, gone: true })),
    unchanged: both.length - changed.length,
    raised: changed.flatMap((record) =>
      raisedFields(effective(before.get(record.shape.id) ?? record), effective(record)),
    ),
  };
}

function merged(before: ActionRecord | undefined, now: ImportedOperation): ActionRecord {
  return before === undefined
    ? fresh(now.shape, now.proposed, 'description')
    : reimported(before, now.shape, now.proposed);
}

const formKey = (shape: ActionRecord['shape']) => `${shape.method} ${shape.template.map(formOf).join('/')}`;

function raisedFields(before: Action, after: Action): Merge['raised'][number][] {
  return fields.flatMap((field) =>
    isStricter(field, after[field], before[field])
      ? [{ action: after.id, field, from: before[field], to: after[field] }]
      : [],
  );
}

const listedMax = 200;

export function review(all: readonly ActionRecord[]): Review {
  const records = all.filter((record) => !record.gone);
  const actions = records.map(effective);
  return {
    actions: actions.length,
    reads: actions.filter((one) => one.effect === 'read').length,
    held: actions
      .flatMap((one) => (one.held === null ? [] : [{ action: one.id, because: one.held }]))
      .slice(0, listedMax),
    opaque: actions.filter((one) => one.opaque).map((one) => one.id),
    mintsCredential: actions.filter((one) => one.mintsCredential).map((one) => one.id),
    wideParameters: actions.flatMap(wideParameters).slice(0, listedMax),
    pending: records
      .flatMap((record) => pending(record).map((one) => ({ action: record.shape.id, ...one })))
      .slice(0, 5 * listedMax),
  };
}

function wideParameters(action: Action): { action: string; argument: string }[] {
  const wide = action.parameters.filter((one) => one.in === 'path' && !isNarrow(one.schema));
  return wide.map((one) => ({ action: action.id, argument: one.argument }));
}
