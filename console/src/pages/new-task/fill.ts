import type { Authority } from '@ambit/sdk/operator';

/** Grants of a template with its parameters in the holes, to be read before it is opened. What is empty keeps its hole. */
export function fill(grants: Authority, parameters: Readonly<Record<string, string>>): Authority {
  return filled(grants, parameters) as Authority;
}

function filled(value: unknown, parameters: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return value.replace(/\{(\w+)\}/g, (hole, name: string) => parameters[name] || hole);
  if (Array.isArray(value)) return value.map((one) => filled(one, parameters));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one, parameters)]));
}
