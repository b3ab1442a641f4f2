import type { Entities } from './entities.ts';
import { printDecimal } from './extensions/decimal.ts';
import { printIp } from './extensions/ip.ts';
import type { Request } from './frame.ts';
import { refuse } from './json.ts';
import type { CedarRecord, EntityUid, Value } from './value.ts';

/** A value as JSON text for the official build: integers exact, entities and extension values in their escapes. */
export function printValue(value: Value): string {
  switch (typeof value) {
    case 'boolean':
    case 'number':
    case 'bigint':
      return String(value);
    case 'string':
      return printText(value);
    default:
      return value instanceof Map ? printRecord(value) : printTagged(value as Exclude<typeof value, CedarRecord>);
  }
}

function printTagged(value: Exclude<Value, boolean | number | bigint | string | CedarRecord>): string {
  switch (value.kind) {
    case 'entity':
      return `{"__entity":${printUid(value)}}`;
    case 'set':
      return `[${value.elements.map(printValue).join()}]`;
    case 'decimal':
      return printCall('decimal', printText(printDecimal(value)));
    case 'ip':
      return printCall('ip', printText(printIp(value)));
    case 'duration':
      return printCall('duration', `"${value.milliseconds}ms"`);
    case 'datetime': {
      // The grammar of a datetime ends with the year 9999; from the epoch a duration reaches every instant.
      const since = printCall('duration', `"${value.epochMilliseconds}ms"`);
      return printCall('offset', printCall('datetime', '"1970-01-01"'), since);
    }
  }
}

function printCall(name: string, ...args: readonly string[]): string {
  return `{"__extn":{"fn":"${name}","args":[${args.join()}]}}`;
}

const escapes = new Set(['__entity', '__extn', '__expr']);

/** A record that would read as an escape has no JSON form. */
export function printRecord(record: CedarRecord): string {
  const [name] = record.keys();
  if (record.size === 1 && escapes.has(name!)) refuse(`a record of only \`${name}\` cannot be written as data`);
  return `{${[...record].map(([key, value]) => `${printText(key)}:${printValue(value)}`).join()}}`;
}

export function printUid({ type, id }: EntityUid): string {
  return `{"type":${printText(type)},"id":${printText(id)}}`;
}

/** The members `principal`, `action`, `resource` and `context` of a call, without the braces around them. */
export function printRequest({ principal, action, resource, context }: Request): string {
  const uids = Object.entries({ principal, action, resource }).map(([name, uid]) => `"${name}":${printUid(uid)}`);
  return [...uids, `"context":${printRecord(context)}`].join();
}

export function printEntities(entities: Entities): string {
  const keys = new Map([...entities.values()].map(({ uid }) => [uid.key, uid]));
  const all = [...entities.values()].map(({ uid, attributes, tags, ancestors }) => {
    const parents = [...ancestors].map((key) => printUid(keys.get(key) ?? uidOf(key)));
    return `{"uid":${printUid(uid)},"attrs":${printRecord(attributes)},"tags":${printRecord(tags)},"parents":[${parents.join()}]}`;
  });
  return `[${all.join()}]`;
}

/** Ancestors may be absent from the store; their key holds all there is of them. */
function uidOf(key: string): EntityUid {
  const border = key.indexOf('::"');
  return { kind: 'entity', type: key.slice(0, border), id: key.slice(border + 3, -1), key };
}

function printText(text: string): string {
  return JSON.stringify(text);
}
