import { CompileError, refuseTree } from './compile-error.ts';
import { compileCondition } from './compile-expression.ts';
import { compileScope, type Scope, type Slots } from './compile-scope.ts';
import type { Frame } from './frame.ts';
import { asArray, asObject, isObject, LoadError, own } from './json.ts';
import { indexByScope, type ScopeIndex } from './scope-index.ts';
import { isStanding } from './standing.ts';

/** A policy as the official build prints it in JSON, under the name that decisions will give as a reason. */
export type PolicySource = {
  readonly id: string;
  readonly tree: unknown;
  /** What fills the slots of a template; a static policy has none. */
  readonly slots?: Slots;
};

export type Effect = 'permit' | 'forbid';

export type CompiledPolicy = {
  readonly id: string;
  readonly effect: Effect;
  readonly annotations: ReadonlyMap<string, string>;
  /** Whether the policy speaks of this request at all; never errors. */
  readonly applies: (frame: Frame) => boolean;
  /** Its conditions, in order; throws an EvaluationError where Cedar errs. */
  readonly holds: (frame: Frame) => boolean;
  /** Whether its conditions are about the principal and the action alone. */
  readonly isStanding: boolean;
};

export type Compiled = {
  readonly policies: readonly CompiledPolicy[];
  readonly index: ScopeIndex;
};

/** Turns syntax trees into closures. Whatever it does not know, it refuses: a policy is never half understood. */
export function compile(sources: readonly PolicySource[]): Compiled {
  const ids = new Set<string>();
  for (const { id } of sources) {
    if (ids.has(id)) throw new CompileError(id, 'two policies have this id');
    ids.add(id);
  }
  const parts = sources.map(compilePolicy);
  return { policies: parts.map(({ policy }) => policy), index: indexByScope(parts.map(({ scope }) => scope)) };
}

function compilePolicy(source: PolicySource): { policy: CompiledPolicy; scope: Scope } {
  try {
    const tree = asObject(source.tree, 'a policy');
    const known = ['effect', 'principal', 'action', 'resource', 'conditions', 'annotations'];
    for (const name of Object.keys(tree)) if (!known.includes(name)) refuseTree(`unknown part \`${name}\``);
    const scope = compileScope(tree, source.slots ?? {});
    const conditions = asArray(tree.conditions, 'conditions').map(compileCondition);
    const policy: CompiledPolicy = {
      id: source.id,
      effect: compileEffect(tree.effect),
      annotations: compileAnnotations(own(tree, 'annotations')),
      applies: scope.applies,
      holds: (frame) => conditions.every((condition) => condition(frame)),
      isStanding: isStanding(tree.conditions),
    };
    return { policy, scope };
  } catch (error) {
    if (error instanceof LoadError) throw new CompileError(source.id, error.message, { cause: error });
    throw error;
  }
}

function compileEffect(effect: unknown): Effect {
  return effect === 'permit' || effect === 'forbid' ? effect : refuseTree('an effect is permit or forbid');
}

function compileAnnotations(annotations: unknown): ReadonlyMap<string, string> {
  if (annotations === undefined) return new Map();
  if (!isObject(annotations)) refuseTree('annotations must be an object');
  // An annotation without a value, like `@ask`, is printed as null; it says the same as an empty text.
  return new Map(Object.entries(annotations).map(([name, text]) => [name, typeof text === 'string' ? text : '']));
}
