import type { Template } from '@ambit/protocol/wire';
import { refuse } from '../foundation/index.ts';

export type { Template };

// Filled values are plain words: nothing that a constraint could read as more than one value.
const plain = /^[\p{L}\p{N}][\p{L}\p{N} ._@:-]*$/u;

const hole = /\{([a-z][a-zA-Z0-9]*)\}/g;

/**
 * Refuses a template whose holes and parameters do not match. INVARIANT (closed by default): a hole that nothing fills
 * would stay in the grant as a text of its own, and to leave out that text is to leave out nothing.
 */
export function requireFillable(template: Pick<Template, 'name' | 'grants' | 'parameters'>): void {
  const texts = textsIn(template.grants);
  const holes = new Set(texts.flatMap((text) => [...text.matchAll(hole)].map(([, name]) => name)));
  const names = template.parameters.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw unfit(template, twice, 'it is declared twice');
  const unused = names.find((name) => !holes.has(name));
  if (unused !== undefined) throw unfit(template, unused, `no grant holds {${unused}}`);
  const loose = texts.find((text) =>
    /[{}]/.test(text.replaceAll(hole, (all, name) => (names.includes(name) ? '' : all))),
  );
  if (loose !== undefined)
    throw unfit(template, loose, 'braces hold the name of a declared parameter, such as {order}');
}

function textsIn(part: unknown): string[] {
  if (typeof part === 'string') return [part];
  return part === null || typeof part !== 'object' ? [] : Object.values(part).flatMap(textsIn);
}

/** The authority of a template with every hole filled; a missing, unknown or unfit parameter is refused by name. */
export function fillTemplate(template: Template, values: Readonly<Record<string, string>>): unknown {
  const declared = new Map(template.parameters.map((parameter) => [parameter.name, parameter]));
  const unknown = Object.keys(values).find((name) => !declared.has(name));
  if (unknown !== undefined) throw unfit(template, unknown, 'the template has no such parameter');
  for (const { name, lengthMax } of template.parameters) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw unfit(template, name, 'it is missing');
    if (value.length > lengthMax || !plain.test(value)) {
      throw unfit(template, name, `it must be plain text of at most ${lengthMax} characters`);
    }
  }
  return fill(template.grants, values);
}

function fill(part: unknown, values: Readonly<Record<string, string>>): unknown {
  if (typeof part === 'string') {
    return part.replaceAll(hole, (all, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? all) : all));
  }
  if (Array.isArray(part)) return part.map((one) => fill(one, values));
  if (part === null || typeof part !== 'object') return part;
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, fill(value, values)]));
}

function unfit(template: Pick<Template, 'name'>, name: string, why: string) {
  return refuse(
    'task.template_parameter',
    `template ${template.name}, parameter ${name}: ${why}`,
    `Parameter ${name}: ${why}.`,
  );
}
