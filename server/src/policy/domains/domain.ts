import type { Entities } from '../cedar/entities.ts';
import type { Schema } from '../cedar/load-schema.ts';
import type { EntityUid } from '../cedar/value.ts';
import type { PolicySet } from '../policy-set.ts';

export type { DomainDraft } from '@ambit/protocol/wire';

/**
 * A world of an organisation's own beside agents and tasks: a schema, rules, and a directory of who and what there is.
 * Enforcement points that are registered for it ask about it, and about nothing else; no agent's call is decided here.
 */
export type Domain = {
  readonly name: string;
  /** The published version. */
  readonly number: number;
  readonly set: PolicySet;
  readonly schema: Schema;
  readonly told: Told;
  readonly directory: Entities;
  /** What the directory holds, by entity type, in the order of ids: what a search looks at. */
  readonly byType: ReadonlyMap<string, readonly EntityUid[]>;
  /** Actions by the name that a point gives; an action that nothing can be done with is a group and not here. */
  readonly actions: ReadonlyMap<string, EntityUid>;
};

/**
 * What an enforcement point may tell about an entity, marked `@told` in the schema. INVARIANT (closed by default): all
 * else is what the directory says, and what the directory says of an entity is never told otherwise.
 */
export type Told = {
  /** Entity types of which a point may name one that the directory does not hold. */
  readonly types: ReadonlySet<string>;
  /** By entity type, the attributes whose values a point may tell. */
  readonly attributes: ReadonlyMap<string, ReadonlySet<string>>;
};

// A type is searched entity by entity, and a directory is held in memory whole.
export const entitiesMax = 10_000;
