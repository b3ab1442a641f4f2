import { asObject, asText, isObject, own, refuse } from './json.ts';
import { type EntityUid, entityUid } from './value.ts';

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;
const reserved = new Set(['true', 'false', 'if', 'then', 'else', 'in', 'is', 'like', 'has', '__cedar']);

/** A type name in its one normal form: identifiers joined by `::`, without spaces. */
export function asTypeName(value: unknown, what: string): string {
  const name = asText(value, what);
  const normal = name.split('::').every((part) => identifier.test(part) && !reserved.has(part));
  return normal ? name : refuse(`${what}: \`${name.slice(0, 80)}\` is not the name of an entity type`);
}

/** `{ type, id }`, or the same inside `__entity`. */
export function readUid(value: unknown, what: string): EntityUid {
  const outer = asObject(value, what);
  const uid = isObject(own(outer, '__entity')) ? asObject(outer.__entity, what) : outer;
  return entityUid(asTypeName(own(uid, 'type'), `the type of ${what}`), asText(own(uid, 'id'), `the id of ${what}`));
}
