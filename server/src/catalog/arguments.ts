import type { Action } from './action.ts';
import type { JsonType, ValueSchema } from './value-schema.ts';

/** An argument with the one type it always has; `any` where the description leaves it open or names several. */
export type DeclaredArgument = {
  readonly name: string;
  readonly type: Exclude<JsonType, 'null'> | 'any';
  readonly required: boolean;
};

/** Every argument that the description of an action names. */
export function declaredArguments(action: Action): DeclaredArgument[] {
  const parameters = action.parameters.map((one) => ({
    name: one.argument,
    type: typeOf(one.schema),
    required: one.required,
  }));
  const body = Object.entries(action.body?.arguments ?? {}).map(([name, schema]) => ({
    name,
    type: typeOf(schema),
    required: isRequired(action, name),
  }));
  return [...parameters, ...body];
}

function typeOf(schema: ValueSchema): DeclaredArgument['type'] {
  const [only, ...others] = schema.types ?? [];
  if (schema.anyOf !== undefined || only === undefined || only === 'null' || others.length > 0) return 'any';
  return only;
}

/** A member is always there only where every object around it is, up to the body itself. */
function isRequired(action: Action, name: string): boolean {
  const parts = name.split('.');
  let parent = 'body';
  for (const part of parts.slice(1)) {
    const object = action.body?.objects[parent];
    if (object === undefined || object.nullable || !object.required.some((one) => encoded(one) === part)) return false;
    parent = `${parent}.${part}`;
  }
  return action.body?.required === true;
}

const encoded = (name: string) => name.replaceAll('%', '%25').replaceAll('.', '%2E');
