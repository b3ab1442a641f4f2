import { isObject, type Json, type JsonObject } from './json.ts';

/** What an expression depends on, beside the principal, the action and plain values. */
export type Reads = {
  /** Attributes of the context, by name. */
  readonly context: ReadonlySet<string>;
  /** Anything else: the whole context, which resource it is, an entity that is named. */
  readonly other: boolean;
};

/**
 * Of a syntax tree. Coarser than it could be: what might read an entity by its name counts as reading anything. What a
 * resource shows (its attributes, its type) is no reading of which one it is: see `Standing`.
 */
export function readsOf(tree: Json): Reads {
  const context = new Set<string>();
  // A stack of its own: a long chain of `&&` is a deep tree.
  const open: Json[] = [tree];
  while (open.length > 0) {
    const node = open.pop()!;
    if (Array.isArray(node)) open.push(...node);
    else if (isObject(node)) {
      for (const [name, under] of Object.entries(node)) {
        const within = partsRead(name, under, context);
        if (within === 'anything') return { context, other: true };
        open.push(...within);
      }
    }
  }
  return { context, other: false };
}

/** The parts under an operator that are still to be looked at. */
function partsRead(name: string, under: Json, context: Set<string>): readonly Json[] | 'anything' {
  switch (name) {
    case 'Value':
      return typeof under === 'object' ? 'anything' : [];
    case 'Var':
      return under === 'principal' || under === 'action' ? [] : 'anything';
    case 'Slot':
      return 'anything';
    default:
      return isObject(under) ? operandsRead(name, under, context) : [under];
  }
}

function operandsRead(name: string, under: JsonObject, context: Set<string>): readonly Json[] {
  const { left, right, attr } = under;
  if (left === undefined) return [under];
  switch (name) {
    case '.':
    case 'has': {
      const first = Array.isArray(attr) ? attr[0] : attr;
      if (isVariable(left, 'resource')) return [];
      if (!isVariable(left, 'context') || typeof first !== 'string') return [left];
      context.add(first);
      return [];
    }
    case 'is': {
      const within = under.in === undefined ? [] : [under.in];
      return isVariable(left, 'resource') ? within : [left, ...within];
    }
    case '==':
    case '!=':
      return [left, right!].filter((side) => !isEntity(side));
    case 'in':
      return isEntity(right) || isListOfEntities(right) ? [left] : [left, right!];
    case 'contains':
      return isListOfEntities(left) ? [right!] : [left, right!];
    default:
      return [under];
  }
}

const isVariable = (node: Json | undefined, name: string): boolean => isObject(node) && node.Var === name;

/** Compared by its name alone, an entity is a plain value. */
const isEntity = (node: Json | undefined): boolean =>
  isObject(node) && isObject(node.Value) && Object.hasOwn(node.Value, '__entity');

const isListOfEntities = (node: Json | undefined): boolean =>
  isObject(node) && Array.isArray(node.Set) && node.Set.every(isEntity);
