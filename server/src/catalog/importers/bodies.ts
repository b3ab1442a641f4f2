import { argumentName, type BodyShape, type MediaReader } from '../action.ts';
import { below, entriesOf, follow, isMap, listOf, member, type Placed, textOf } from './document.ts';
import { credentialNames, schemaOfParameter, styleOf } from './parameters.ts';
import type { Found, Reading } from './reading.ts';
import { flatten } from './schemas.ts';

function mediaReader(type: string): MediaReader {
  if (type === 'application/json' || /^application\/[a-z0-9.+_-]+\+json$/.test(type)) return 'json';
  return type === 'application/x-www-form-urlencoded' ? 'form' : null;
}

const plainType = (type: string) => type.split(';')[0]!.trim().toLowerCase();

export function requestBody(reading: Reading, found: Found): BodyShape | null {
  const at = follow(reading.root, found.operation.requestBody, below(found.place, 'requestBody'));
  if (!isMap(at.value)) return null;
  const contents = entriesOf(at.value.content).map(([type, content]) => {
    // Any type, or any application type, may be JSON: it is then sent as JSON, which is what Ambit reads.
    const plain = /^(\*|application)\/\*$/.test(plainType(type)) ? 'application/json' : plainType(type);
    return { type: plain, reader: mediaReader(plain), content, place: below(at.place, 'content', type) };
  });
  const read = contents.filter((one) => one.reader !== null);
  const schemas = read.map((one) => ({ value: member(one.content, 'schema'), place: below(one.place, 'schema') }));
  const form = read.find((one) => one.reader === 'form');
  return {
    required: at.value.required === true,
    mediaTypes: contents.map(({ type, reader }) => ({ type, reader })),
    ...flattenAll(reading, schemas),
    styles: Object.fromEntries(
      entriesOf(member(form?.content, 'encoding')).map(([name, encoding]) => [
        argumentName('body', name),
        styleOf(encoding, 'query'),
      ]),
    ),
  };
}

function flattenAll(reading: Reading, schemas: readonly Placed[]): Pick<BodyShape, 'arguments' | 'objects'> {
  const distinct = schemas.filter(
    (one, i) => schemas.findIndex((other) => JSON.stringify(other.value) === JSON.stringify(one.value)) === i,
  );
  const [only, ...others] = distinct;
  if (only === undefined) return { arguments: {}, objects: {} };
  if (others.length === 0) return flatten(reading.root, only);
  return flatten(reading.root, { value: { anyOf: distinct.map((one) => one.value ?? {}) }, place: only.place });
}

export function swaggerBody(reading: Reading, found: Found, stated: readonly Placed[]): BodyShape | null {
  const whole = stated.find((at) => member(at.value, 'in') === 'body');
  const formData = stated.filter((at) => member(at.value, 'in') === 'formData');
  if (whole === undefined && formData.length === 0) return null;
  const consumes = listOf(found.operation.consumes ?? reading.root.consumes)
    .flatMap((one) => textOf(one) ?? [])
    .map(plainType);
  const types =
    consumes.length > 0 ? consumes : [whole === undefined ? 'application/x-www-form-urlencoded' : 'application/json'];
  const mediaTypes = types.map((type) => ({ type, reader: mediaReader(type) }));
  if (whole !== undefined) {
    const flat = flatten(reading.root, { value: member(whole.value, 'schema'), place: below(whole.place, 'schema') });
    return { required: member(whole.value, 'required') === true, mediaTypes, ...flat, styles: {} };
  }
  return { ...formBody(reading, formData), mediaTypes };
}

function formBody(reading: Reading, stated: readonly Placed[]): Omit<BodyShape, 'mediaTypes'> {
  const members = stated.map((at) => ({ at, name: textOf(member(at.value, 'name')) ?? '' }));
  // A `token` in a form is where older APIs take the credential, which is the vault's to fill in.
  const required = members.filter(
    ({ at, name }) => member(at.value, 'required') === true && !credentialNames.has(name.toLowerCase()),
  );
  return {
    required: required.length > 0,
    arguments: Object.fromEntries(
      members.map(({ at, name }) => [argumentName('body', name), schemaOfParameter(reading, at)]),
    ),
    objects: { body: { closed: false, required: required.map((one) => one.name), nullable: false } },
    styles: Object.fromEntries(members.map(({ at, name }) => [argumentName('body', name), styleOf(at.value, 'query')])),
  };
}

export function answerHints(reading: Reading, found: Found): { answerNames: string[]; setsCookie: boolean } {
  const names = new Set<string>();
  let setsCookie = false;
  for (const [status, value] of entriesOf(found.operation.responses)) {
    if (!/^(2..|default)$/i.test(status)) continue;
    const at = follow(reading.root, value, below(found.place, 'responses', status));
    setsCookie ||= entriesOf(member(at.value, 'headers')).some(([name]) => name.toLowerCase() === 'set-cookie');
    if (status === 'default') continue;
    const contents = entriesOf(member(at.value, 'content'));
    const json = contents.find(([type]) => mediaReader(plainType(type)) === 'json')?.[1];
    memberNames(reading, { value: member(json, 'schema') ?? member(at.value, 'schema'), place: at.place }, names, 2);
  }
  return { answerNames: [...names].slice(0, 64), setsCookie };
}

function memberNames(reading: Reading, schema: Placed, names: Set<string>, levels: number): void {
  const { value, place } = follow(reading.root, schema.value, schema.place);
  if (!isMap(value) || levels === 0 || names.size > 64) return;
  for (const [name, inner] of entriesOf(value.properties)) {
    names.add(name);
    memberNames(reading, { value: inner, place }, names, levels - 1);
  }
  memberNames(reading, { value: value.items, place }, names, levels);
  for (const part of listOf(value.allOf)) memberNames(reading, { value: part, place }, names, levels);
}
