import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { isPlainPath, isUnder } from '@ambit/protocol';
import { readPath } from '../../../src/catalog/read-path.ts';
import { encodeText } from '../../../src/catalog/wire-text.ts';
import { attempt, outcomeOf } from '../refused.ts';
import { type Target, textOf } from '../target.ts';

/** Readings that servers, proxies and frameworks are known for. Each answers the segments that it sees. */
const readers: Readonly<Record<string, (raw: string) => readonly string[]>> = {
  'the URL of the WHATWG': (raw) => segments(new URL(`http://host.example${raw}`).pathname).map(decodeURIComponent),
  'one that resolves dots after decoding': (raw) => segments(posix.normalize(decodeURIComponent(raw))),
  'one that decodes twice': (raw) => segments(posix.normalize(decodeURIComponent(decodeURIComponent(raw)))),
  'one that takes a backslash for a slash': (raw) =>
    segments(posix.normalize(decodeURIComponent(raw).replaceAll('\\', '/'))),
  'one that cuts matrix parameters off': (raw) =>
    segments(posix.normalize(decodeURIComponent(raw.replace(/;[^/]*/g, '')).replace(/;[^/]*/g, ''))),
  'one that folds wide forms': (raw) => folded(segments(posix.normalize(decodeURIComponent(raw).normalize('NFKC')))),
  'one that ends at a NUL or a line': (raw) =>
    segments(decodeURIComponent(raw).replace(/[\0\r\n\u0085\u2028\u2029].*$/s, '')),
  'one that merges slashes': (raw) => segments(decodeURIComponent(raw).replace(/\/{2,}/g, '/')),
  'one that ends at a query or fragment': (raw) => segments(raw.replace(/[?#].*$/s, '')).map(decodeURIComponent),
  'one that trims blanks': (raw) => segments(decodeURIComponent(raw).trim()).map((one) => one.trim()),
};

const segments = (path: string) => path.slice(1).split('/');
const folded = (all: readonly string[]) => all.map((one) => one.normalize('NFKC'));

// RFC 3986 §3.3: path-absolute, each segment of pchar.
const strictPath = /^(?:\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*)+$/;

function checkPath(raw: string): string {
  const told = attempt(() => readPath(raw));
  if ('refusal' in told) {
    assert.equal(told.refusal.code, 'catalog.path_ambiguous');
    assert.ok(!isHarmless(raw), `an ordinary path is refused: ${told.refusal.message}`);
    return outcomeOf(told.refusal);
  }
  const read = told.value;
  assert.match(raw, strictPath);
  for (const [who, reader] of Object.entries(readers)) {
    const theirs = reader(raw);
    const ours = who.includes('wide') ? folded(read) : read;
    assert.deepEqual(theirs, ours, `${who} reads another path`);
  }
  const printed = read.map((one) => `/${encodeText(one)}`).join('');
  assert.deepEqual(readPath(printed), read, 'printed and read again it is another path');
  assert.equal(
    printed,
    readPath(printed)
      .map((one) => `/${encodeText(one)}`)
      .join(''),
  );
  return `read: ${Math.min(read.length, 5)} segments${/%/.test(raw) ? ', encoded' : ''}${raw.endsWith('/') ? ', slash' : ''}`;
}

/** Letters, digits and single dashes between single slashes: there is nothing to find fault with. */
const isHarmless = (raw: string) => raw.length < 1000 && /^(?:\/[a-z0-9-]+){1,20}\/?$/i.test(raw);

/** How servers may see a text that is part of a path: the same for the value and for what it should be below. */
const views: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  decoded: (text) => decoded(text),
  'decoded twice': (text) => decoded(decoded(text)),
  folded: (text) => text.normalize('NFKC'),
  'folded and decoded': (text) => decoded(text.normalize('NFKC')).normalize('NFKC'),
};

/** A value that a bound of an authority takes for a path below another must be below it for every reader. */
function checkUnder(value: string, base: string): string {
  const isBelow = isPlainPath(value) && isPlainPath(base) && isUnder(value, base);
  if (!isBelow) return 'not under';
  for (const [how, view] of Object.entries(views)) {
    const [seen, trunk] = [value, base].map((one) => posix.normalize(`${view(one).replaceAll('\\', '/')}/`));
    assert.ok(seen!.startsWith(trunk!), `${how}, ${JSON.stringify(value)} is ${seen}, outside ${trunk}`);
  }
  return value === base ? 'under: itself' : 'under';
}

/** As lenient servers do: what cannot be decoded stays as it is. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}

export const target: Target = {
  holds: 'a path reads the same to every server, or is refused',
  dictionary: [
    'orders',
    '/payroll',
    '%2e%2e',
    '/..',
    '/.',
    '..;',
    '%2F',
    '%5C',
    ';a=1',
    '%EF%BC%8F',
    '%E2%80%A8',
    '%20',
    '\uff0e',
    '/\uff0e\uff0e/',
    '/\uff0e\uff0e',
    '/..%2f',
  ],
  inputBytesMax: 400,
  millisecondsMax: 500,
  reaches: ['read: ', 'catalog.path_ambiguous by readSegment', 'catalog.path_ambiguous by readPath', 'under'],
  seeds: () => ['/orders/1042/refunds', '/a/%62/c%20d', '/files/report.pdf', '/a/b/ /a', '/a/b/c /a/b/'],
  open: () => ({
    check(input) {
      // A blank separates the value from what it should be under; without one the input is the path of a request.
      const text = textOf(input);
      const blank = text.indexOf(' ');
      return blank < 0 ? checkPath(text) : checkUnder(text.slice(0, blank), text.slice(blank + 1));
    },
  }),
};
