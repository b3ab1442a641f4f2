import { compileConditions } from './compile-conditions.ts';
import { CompileError, refuseTree } from './compile-error.ts';
import { compileScope, type Slots } from './compile-scope.ts';
import type { Conjunct } from './conjunct.ts';
import { asArray, asObject, isObject, LoadError, own } from './json.ts';
import { growTree, type RuleTree } from './rule-tree.ts';

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
};

export type Compiled = {
  readonly policies: readonly CompiledPolicy[];
  readonly tree: RuleTree;
};

/** Turns syntax trees into closures, and these into one tree. Whatever it does not know, it refuses: a policy is never half understood. */
export function compile(sources: readonly PolicySource[]): Compiled {
  const ids = new Set<string>();
  for (const { id } of sources) {
    if (ids.has(id)) throw new CompileError(id, 'two policies have this id');
    ids.add(id);
  }
  const parts = sources.map(compilePolicy);
  return {
    policies: parts.map(({ policy }) => policy),
    tree: growTree(parts.map(({ conjuncts }) => conjuncts)),
  };
}

function compilePolicy(source: PolicySource): { policy: CompiledPolicy; conjuncts: readonly Conjunct[] } {
  try {
    const tree = asObject(source.tree, 'a policy');
    const known = ['effect', 'principal', 'action', 'resource', 'conditions', 'annotations'];
    for (const name of Object.keys(tree)) if (!known.includes(name)) refuseTree(`unknown part \`${name}\``);
    const scope = compileScope(tree, source.slots ?? {});
    const conditions = compileConditions(asArray(tree.conditions, 'conditions'));
    const policy: CompiledPolicy = {
      id: source.id,
      effect: compileEffect(tree.effect),
      annotations: compileAnnotations(own(tree, 'annotations')),
    };
    return { policy, conjuncts: [...scope, ...conditions] };
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
