import { refuseTree } from './compile-error.ts';
import { compileExpression, members, spine, treeDepthMax } from './compile-expression.ts';
import { type Conjunct, type Key, textOf } from './conjunct.ts';
import type { Code } from './frame.ts';
import { asObject, isObject, type Json, type JsonObject } from './json.ts';
import { readsOf } from './reads.ts';
import { type EntityUid, kindOf, type Value } from './value.ts';

/** The conditions of a policy, taken apart into what must all be so, in the order in which Cedar looks at it. */
export function compileConditions(conditions: readonly Json[]): readonly Conjunct[] {
  return conditions.flatMap((condition) => {
    const { kind, body } = members(asObject(condition, 'a condition'), 'kind', 'body');
    if (kind !== 'when' && kind !== 'unless') refuseTree(`condition ${String(kind)}`);
    return conjuncts(body!, kind === 'when', 0);
  });
}

/**
 * What must be so for the expression to be `wanted`. `a && b` is true, and `a || b` false, if both parts are; the second
 * is reached, and may err, only if the first is. `!` turns what is wanted: its part must be a boolean either way.
 */
function conjuncts(node: Json, wanted: boolean, depth: number): readonly Conjunct[] {
  if (depth > treeDepthMax) refuseTree(`nested more than ${treeDepthMax} deep`);
  const [name, ...others] = isObject(node) ? Object.keys(node) : [];
  const under = others.length === 0 && name !== undefined ? (node as JsonObject)[name]! : undefined;
  if (under !== undefined && name === (wanted ? '&&' : '||')) {
    return spine(under, wanted ? '&&' : '||').flatMap((part) => conjuncts(part, wanted, depth + 1));
  }
  if (under !== undefined && name === '!') {
    return conjuncts(members(asObject(under, 'an operator'), 'arg').arg!, !wanted, depth + 1);
  }
  return [conjunct(node, name, wanted, depth)];
}

function conjunct(node: Json, name: string | undefined, wanted: boolean, depth: number): Conjunct {
  // The whole is compiled in any case: what is not understood is refused in the same words wherever it stands.
  const whole = compileExpression(node, depth);
  const compile = (part: Json) => compileExpression(part, depth + 1);
  const looked = wanted ? lookup(name, (node as JsonObject)[name!]!, compile) : undefined;
  return looked ?? { by: 'truth', subject: whole, about: textOf(node), keys: [wanted], reads: readsOf(node) };
}

type Operands = { readonly left: Json; readonly right: Json };

/** A comparison with what is written in the policy, as a look into a table; undefined where it is none. */
function lookup(name: string | undefined, under: Json, compile: (part: Json) => Code): Conjunct | undefined {
  switch (name) {
    case '==': {
      const { left, right } = under as Operands;
      return equals(left, [right], compile) ?? equals(right, [left], compile);
    }
    case 'contains': {
      const { left, right } = under as Operands;
      return isObject(left) && Array.isArray(left.Set) ? equals(right, left.Set, compile) : undefined;
    }
    case 'in': {
      const { left, right } = under as Operands;
      const groups = entities(isObject(right) && Array.isArray(right.Set) ? right.Set : [right], compile);
      return groups && { by: 'group', ...subjectOf(left, compile), keys: groups };
    }
    case 'is': {
      const { left, entity_type, in: within } = under as JsonObject;
      if (within !== undefined) return undefined;
      const reads = readsOf({ is: under });
      return { by: 'type', ...subjectOf(left!, compile), keys: [entity_type as string], reads };
    }
    default:
      return undefined;
  }
}

function subjectOf(node: Json, compile: (part: Json) => Code) {
  return { subject: compile(node), about: textOf(node), reads: readsOf(node) };
}

/** `subject` equals one of these, all of them scalars or all of them entities. Equality never errs. */
function equals(subject: Json, written: readonly Json[], compile: (part: Json) => Code): Conjunct | undefined {
  const values = written.map((part) => compile(part).constant);
  if (values.every(isScalar)) return { by: 'scalar', ...subjectOf(subject, compile), keys: values };
  const keys = entities(written, compile);
  return keys && { by: 'entity', ...subjectOf(subject, compile), keys };
}

const isScalar = (value: Value | undefined): value is Key => value !== undefined && typeof value !== 'object';

function entities(written: readonly Json[], compile: (part: Json) => Code): readonly string[] | undefined {
  const values = written.map((part) => compile(part).constant);
  return values.every(isEntity) ? values.map(({ key }) => key) : undefined;
}

const isEntity = (value: Value | undefined): value is EntityUid => value !== undefined && kindOf(value) === 'entity';
