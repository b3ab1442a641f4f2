import type { Random } from '../../src/policy/cedar/generate.testing.ts';
import { type Input, inputOf, type Mutation, type Target } from './target.ts';

const byte = (random: Random) => String.fromCharCode(random.below(256));
const ascii = (random: Random) => String.fromCharCode(0x20 + random.below(0x5f));

/** A stretch of the input, mostly a short one. */
function span(random: Random, input: Input): readonly [from: number, to: number] {
  const from = random.below(input.length + 1);
  const longest = Math.min(input.length - from, random.chance(0.8) ? 8 : 256);
  return [from, from + random.below(longest + 1)];
}

const splice = (input: Input, from: number, to: number, piece: string) =>
  input.slice(0, from) + piece + input.slice(to);

/** Words, numbers, single signs, and the percent-encodings between them. */
const token = /[A-Za-z_]+|[0-9]+(?:\.[0-9]+)?|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\s+|[^A-Za-z0-9_\s]/gs;

const tokensOf = (input: Input): readonly (readonly [from: number, to: number])[] =>
  Array.from(input.matchAll(token), (match) => [match.index, match.index + match[0].length] as const);

const numbers = ['0', '-0', '1', '-1', '00', '1e2', '1.50', '0.1', '9007199254740993', '999999999999999', '4294967296'];

// Where one reader sees one thing and another sees another: encodings of dots and slashes, line breaks, signs that end
// names; then the byte order mark, a wide dot, a right-to-left mark, a combining accent, bytes that are not UTF-8.
const oddities = [
  ...[
    '%2e',
    '%2E%2e',
    '%2f',
    '%5c',
    '%00',
    '%0d%0a',
    '%25',
    '%252e',
    '%c0%ae',
    '%ef%bc%8f',
    '%e2%80%a8',
    '%u002e',
    '%',
  ],
  ...['\r\n', '\n', '\t', '\0', '\u007f', '..', '.', '//', '/', '\\', ';', '?', '#', '&', '=', '+', ',', '|', '*', ':'],
  ...['"', '\\"', '\\u0000', '\\ud800', '\\u002e', '{', '}', '[', ']', '[]', '{}', 'null', 'true', '""', "'", '`', '$'],
  ...['__proto__', 'constructor', 'toString', ' ', '@', '!', '~', '-', '_', '<', '>', '(', ')'],
  ...['\ufeff', '\uff0e', '\u202e', '\u0301', 'é', '😀'].map(inputOf),
  ...['\u00ff', '\u00c0\u00ae'],
];

const insertByte: Mutation = (random, input) => {
  const at = random.below(input.length + 1);
  return splice(input, at, at, random.chance(0.5) ? byte(random) : ascii(random));
};

const changeByte: Mutation = (random, input) => {
  const at = random.below(input.length);
  return splice(input, at, at + 1, random.chance(0.5) ? byte(random) : ascii(random));
};

const flipBit: Mutation = (random, input) => {
  const at = random.below(input.length);
  return splice(input, at, at + 1, String.fromCharCode((input.charCodeAt(at) || 0) ^ (1 << random.below(8))));
};

const flipCase: Mutation = (random, input) => {
  const [from, to] = span(random, input);
  const piece = input.slice(from, to);
  const [letters, change] = random.chance(0.5)
    ? [/[a-z]/g, 'toUpperCase' as const]
    : [/[A-Z]/g, 'toLowerCase' as const];
  return splice(
    input,
    from,
    to,
    piece.replace(letters, (letter) => letter[change]()),
  );
};

const drop: Mutation = (random, input) => splice(input, ...span(random, input), '');

const repeat: Mutation = (random, input) => {
  const [from, to] = span(random, input);
  const piece = input.slice(from, to);
  return splice(input, from, from, piece.repeat(random.chance(0.9) ? 1 : 1 + random.below(64)));
};

const insertOddity: Mutation = (random, input) => {
  const [from, to] = span(random, input);
  return splice(input, from, random.chance(0.6) ? from : to, random.pick(oddities));
};

/** Percent-encodes a character that stood for itself, or takes an encoding off. */
const recode: Mutation = (random, input) => {
  const encoded = [...input.matchAll(/%[0-9A-Fa-f]{2}/g)];
  const one = encoded.length > 0 && random.chance(0.4) ? random.pick(encoded) : undefined;
  if (one !== undefined)
    return splice(input, one.index, one.index + 3, String.fromCharCode(Number.parseInt(one[0].slice(1), 16)));
  const at = random.below(input.length);
  const hex = (input.charCodeAt(at) || 0).toString(16).padStart(2, '0');
  return splice(input, at, at + 1, `%${random.chance(0.5) ? hex : hex.toUpperCase()}`);
};

function onToken(change: (random: Random, piece: string, others: readonly string[]) => string): Mutation {
  return (random, input) => {
    const tokens = tokensOf(input);
    if (tokens.length === 0) return input;
    const [from, to] = random.pick(tokens);
    const others = tokens.length > 1 ? [input.slice(...random.pick(tokens))] : [];
    return splice(input, from, to, change(random, input.slice(from, to), others));
  };
}

const dropToken = onToken(() => '');
const doubleToken = onToken((_, piece) => piece + piece);
const copyToken = onToken((_, piece, [other = '']) => piece + other);
const changeToken = onToken((random, piece, [other = '']) => {
  if (/^[0-9]/.test(piece)) return random.pick([...numbers, `0${piece}`, `${piece}.0`, `${piece}0`]);
  return random.chance(0.5) ? other : random.pick(oddities);
});

const crossOver: Mutation = (random, input, other) => {
  const [from, to] = span(random, input);
  if (random.chance(0.3)) return input.slice(0, from) + other.slice(random.below(other.length + 1));
  const start = random.below(other.length + 1);
  return splice(input, from, to, other.slice(start, start + random.below(64)));
};

/** A whole line, member or pair of the other one. */
const takePiece: Mutation = (random, input, other) => {
  const separator = random.pick(['\n', ',', '&', '/', '.', ';', ' ']);
  const [pieces, theirs] = [input.split(separator), other.split(separator)];
  const at = random.below(pieces.length + 1);
  pieces.splice(at, random.below(2), random.pick(random.chance(0.5) ? theirs : input.split(separator)));
  return pieces.join(separator);
};

const common: readonly Mutation[] = [
  ...[insertByte, changeByte, flipBit, flipCase, drop, repeat, insertOddity, insertOddity, recode],
  ...[dropToken, doubleToken, copyToken, changeToken, changeToken, crossOver, takePiece],
];

/** One to six changes on top of one another, of bytes, of tokens, and those that know the form of the target’s inputs. */
export function mutate(random: Random, target: Target, input: Input, other: Input): Input {
  const own: readonly Mutation[] = target.mutations ?? [];
  const insertWord: Mutation = (dice, text) => {
    const [from, to] = span(dice, text);
    return splice(text, from, to, inputOf(dice.pick(target.dictionary)));
  };
  const general = target.dictionary.length > 0 ? [...common, insertWord, insertWord] : common;
  let changed = input;
  const times = 1 + (random.chance(0.5) ? 0 : random.below(6));
  for (let time = 0; time < times; time++) {
    const choice = own.length > 0 && random.chance(target.ownShare ?? 0.5) ? own : general;
    changed = random.pick(choice)(random, changed, other).slice(0, target.inputBytesMax);
  }
  return changed;
}
