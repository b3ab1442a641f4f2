import type { Mutant } from './instrument.ts';

/** A change that no test notices and that may stay: nothing that it changes can be seen from outside, and this says why. */
export type Explained = {
  readonly file: string;
  /** The line it is on, without the blanks around it: lines move, their text says which one is meant. */
  readonly within: string;
  readonly original: string;
  /** Changes of it that come to the same. */
  readonly replacements: readonly string[];
  readonly because: string;
};

/** Whether this mutant is one of those that are meant; the same change twice on one line is meant twice. */
export const explains = ({ file, within, original, replacements }: Explained, mutant: Mutant): boolean =>
  mutant.file === file &&
  mutant.within === within &&
  mutant.original === original &&
  replacements.includes(mutant.replacement);

const unmatched =
  'Where the pattern does not match, every group is absent, and the next line throws whichever text stands in.';
const skipped = 'The first element of what stands in is skipped, so all that is read of it is absent as before.';
const forTheCompiler = 'Cannot happen here; it is there for the compiler.';
const onlySpeed = 'Only how fast it is: what is kept answers as what is read anew.';

export const explained: readonly Explained[] = [
  {
    file: 'protocol/src/log-proof.ts',
    within: 'while (start % 2 ** (level + 1) === 0 && start + 2 ** (level + 1) <= to) level++;',
    original: 'start % 2 ** (level + 1) === 0',
    replacements: ['true'],
    because:
      'Every range that is asked for starts at a multiple of a power of two that is no smaller than the range, so what still fits is aligned.',
  },
  {
    file: 'protocol/src/log-proof.ts',
    within: 'while (start % 2 ** (level + 1) === 0 && start + 2 ** (level + 1) <= to) level++;',
    original: 'level + 1',
    replacements: ['level - 1'],
    because:
      'In the test of alignment, which always holds for the ranges that are asked for; in the other one a test notices.',
  },
  {
    file: 'protocol/src/log-proof.ts',
    within: 'if (older === 0 || older === size) return [];',
    original: 'older === size',
    replacements: ['false'],
    because: 'For two equal sizes the loop below does not begin and the path stays empty; the line says so before.',
  },
  {
    file: 'protocol/src/log-proof.ts',
    within: 'while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];',
    original: 'at !== 0',
    replacements: ['true'],
    because: 'Here `at` is odd or equals `last`, which is not 0, so it is never 0: the RFC’s words, kept as they are.',
  },
  {
    file: 'protocol/src/log-proof.ts',
    within: 'if (first === undefined) return false;',
    original: 'first === undefined',
    replacements: ['false'],
    because:
      'Without a first hash there are no others, and an older tree that is no whole subtree leaves `last` above 0: false anyway.',
  },
  {
    file: 'protocol/src/note.ts',
    within: String.raw`const [, name, hex, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? [];`,
    original: String.raw`/^([^+]+)\+([0-9a-f]{8})\+(.+)$/s`,
    replacements: [String.raw`/^([^+]+)\+([0-9a-f]{8})\+(.+)/s`],
    because: 'The last group takes everything, line breaks too, so it ends where the text ends.',
  },
  {
    file: 'protocol/src/note.ts',
    within: String.raw`const [, name, hex, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? [];`,
    original: '[]',
    replacements: ['["Stryker was here"]'],
    because: skipped,
  },
  {
    file: 'protocol/src/note.ts',
    within: "const bytes = fromBase64(base64 ?? '');",
    original: "''",
    replacements: ['"Stryker was here!"'],
    because: unmatched,
  },
  {
    file: 'protocol/src/note.ts',
    within: 'if (name === undefined || bytes?.[0] !== ed25519 || bytes.length !== 33) {',
    original: 'name === undefined',
    replacements: ['false'],
    because: 'Without a name there is no base64 either, and no bytes are no Ed25519 key; it is there for the compiler.',
  },
  {
    file: 'protocol/src/note.ts',
    within: String.raw`return text.endsWith('\n') && isPlainText(text.replaceAll('\n', ''));`,
    original: "''",
    replacements: ['"Stryker was here!"'],
    because: 'Only whether the rest is plain text is asked, and what would stand in is plain text.',
  },
  {
    file: 'protocol/src/note.ts',
    within: String.raw`const [, name, base64] = /^— (\S+) (\S+)$/u.exec(line) ?? [];`,
    original: '[]',
    replacements: ['["Stryker was here"]'],
    because: skipped,
  },
  {
    file: 'protocol/src/note.ts',
    within: "const root = fromBase64(base64 ?? '');",
    original: "''",
    replacements: ['"Stryker was here!"'],
    because: 'Neither text is the base64 of 32 bytes.',
  },
  {
    file: 'protocol/src/note.ts',
    within: "const size = /^(?:0|[1-9][0-9]*)$/.test(decimal ?? '') ? Number(decimal) : Number.NaN;",
    original: "''",
    replacements: ['"Stryker was here!"'],
    because: 'Neither text is a number.',
  },
  {
    file: 'server/src/identity/jws.ts',
    within: `signed: Buffer.from(\`\${headerText}.\${claimsText}\`, 'latin1'),`,
    original: "'latin1'",
    replacements: ['""'],
    because: 'The text was just matched to be ASCII, which is the same bytes in either encoding.',
  },
  ...[
    'const values = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);',
    "const values = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'dpop');",
  ].map((within) => ({
    file: 'server/src/identity/proof.ts',
    within,
    original: 'rawHeaders[i - 1]?.toLowerCase',
    replacements: ['rawHeaders[i - 1].toLowerCase'],
    because: 'Before an odd place there is always one; it is there for the compiler.',
  })),
  {
    file: 'server/src/identity/proof.ts',
    within: `if (values.length !== 1 || only === undefined) throw refuse('proof.missing', \`\${values.length} DPoP headers came\`);`,
    original: 'only === undefined',
    replacements: ['false'],
    because: 'Of exactly one value the first is there; it is there for the compiler.',
  },
  {
    file: 'server/src/identity/proof.ts',
    within: "const jws = readJws(text, 'proof.invalid', (header) => signers.get(header)?.header);",
    original: '(header) => signers.get(header)?.header',
    replacements: ['() => undefined'],
    because: onlySpeed,
  },
  {
    file: 'server/src/identity/proof.ts',
    within: 'if (known === undefined) signers.put(jws.headerText, signer);',
    original: 'known === undefined',
    replacements: ['true', 'false', 'known !== undefined'],
    because: onlySpeed,
  },
  {
    file: 'server/src/identity/proof.ts',
    within: 'if (known === undefined) signers.put(jws.headerText, signer);',
    original: 'signers.put(jws.headerText, signer);',
    replacements: [';'],
    because: onlySpeed,
  },
  {
    file: 'server/src/identity/proof.ts',
    within: "const because = error instanceof Error ? error.message : 'unreadable';",
    original: "'unreadable'",
    replacements: ['""'],
    because: 'Whatever reading a key throws is an Error; what is thrown is unknown to the compiler.',
  },
  {
    file: 'server/src/identity/proof.ts',
    within: String.raw`const isPlain = /^https?:\/\/[a-z0-9.:[\]-]+\/[!$-;=@-Z_a-z~]*$/.test(htu);`,
    original: String.raw`/^https?:\/\/[a-z0-9.:[\]-]+\/[!$-;=@-Z_a-z~]*$/`,
    replacements: [
      String.raw`/^https?:\/\/[a-z0-9.:[\]-]+\/[!$-;=@-Z_a-z~]*/`,
      String.raw`/^https:\/\/[a-z0-9.:[\]-]+\/[!$-;=@-Z_a-z~]*$/`,
      String.raw`/^https?:\/\/[a-z0-9.:[\]-]\/[!$-;=@-Z_a-z~]*$/`,
      String.raw`/^https?:\/\/[^a-z0-9.:[\]-]+\/[!$-;=@-Z_a-z~]*$/`,
      String.raw`/^https?:\/\/[a-z0-9.:[\]-]+\/[!$-;=@-Z_a-z~]$/`,
      String.raw`/^https?:\/\/[a-z0-9.:[\]-]+\/[^!$-;=@-Z_a-z~]*$/`,
    ],
    because:
      'The short cut for equal texts only: what does not take it is normalised and compared, and equal texts stay equal.',
  },
  {
    file: 'server/src/identity/proof.ts',
    within: 'return (isPlain && htu === cutUrl(requested)) || bareUrl(htu) === bareUrl(requested);',
    original: 'isPlain && htu === cutUrl(requested)',
    replacements: ['false'],
    because: 'The short cut for equal texts, without which they are normalised and compared.',
  },
  {
    file: 'server/src/identity/proof.ts',
    within: 'return end < 0 ? text : text.slice(0, end);',
    original: 'end < 0',
    replacements: ['true', 'end <= 0'],
    because:
      'What is normalised leaves query and fragment out anyway; a text that begins with one is no URL either way.',
  },
  {
    file: 'server/src/identity/proof.ts',
    within: 'return end < 0 ? text : text.slice(0, end);',
    original: 'text.slice(0, end)',
    replacements: ['text'],
    because: 'What is normalised leaves query and fragment out anyway.',
  },
  {
    file: 'server/src/tokens/verify-token.ts',
    within: "const key = typeof header.kid === 'string' ? keys.verifying.get(header.kid) : undefined;",
    original: "typeof header.kid === 'string'",
    replacements: ['true'],
    because: 'A map of texts holds nothing under what is no text; it is there for the compiler.',
  },
  {
    file: 'server/src/tokens/verify-token.ts',
    within:
      "signature.length === 64 && verifySignature('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature);",
    original: 'signature.length === 64',
    replacements: ['true'],
    because: 'Node refuses another length of this encoding, too; asked here so that nothing hangs on that.',
  },
  {
    file: 'server/src/tokens/verify.ts',
    within: "return span('tokens/verify', () => {",
    original: "'tokens/verify'",
    replacements: ['""'],
    because: 'The name of a span, which test/walks.test.ts compares on a whole plane.',
  },
  ...["'always' in ask", "'always'"].map((original, i) => ({
    file: 'server/src/authority/asks.ts',
    within: "if ('always' in ask) return [{ ask: index, reason: ask.reason }];",
    original,
    replacements: [['false', '""'][i]!],
    because: 'An ask without a threshold has no sum, and what has no sum is asked in the same words two lines below.',
  })),
  {
    file: 'server/src/authority/asks.ts',
    within: "const key = value === undefined || value === null || value === '' ? undefined : looseKey(value);",
    original: 'value === undefined',
    replacements: ['false'],
    because: 'What is absent has no key either; it is there for the compiler.',
  },
  {
    file: 'server/src/authority/constraint.ts',
    within:
      'return kind !== undefined && more.length === 0 && Object.hasOwn(rows, kind) ? (kind as ConstraintKind) : undefined;',
    original: 'kind !== undefined',
    replacements: ['true'],
    because: 'There is no row under `undefined`; it is there for the compiler.',
  },
  ...[
    ["['second', 1]", '[]'],
    ["'second'", '""'],
  ].map(([original, replacement]) => ({
    file: 'server/src/authority/grant.ts',
    within: "const [unit, size] = units.find(([, size]) => seconds % size === 0) ?? ['second', 1];",
    original: original!,
    replacements: [replacement!],
    because: forTheCompiler,
  })),
  {
    file: 'server/src/authority/grant.ts',
    within: "const isObject = typeof value === 'object' && value !== null && !(value instanceof JsonNumber);",
    original: "typeof value === 'object'",
    replacements: ['true'],
    because: 'A text, a number or a boolean has none of the members that are looked for, and JSON holds nothing else.',
  },
  {
    file: 'server/src/authority/implies.ts',
    within: "const number = Number(key?.replace(/^number /, ''));",
    original: '/^number /',
    replacements: ['/number /'],
    because: 'The number is looked at only where the key begins with that word.',
  },
  {
    file: 'server/src/authority/intersect.ts',
    within: 'if (finite !== undefined) return reduceFinite(membersOf(finite) ?? [], all);',
    original: '[]',
    replacements: ['["Stryker was here"]'],
    because: forTheCompiler,
  },
  ...[
    ['range', "if ('range' in a && 'range' in b) return joinRanges(a.range, b.range);"],
    ['subsetOf', "if ('subsetOf' in a && 'subsetOf' in b)"],
    ['notOneOf', "if ('notOneOf' in a && 'notOneOf' in b) {"],
  ].map(([kind, within]) => ({
    file: 'server/src/authority/intersect.ts',
    within: within!,
    original: `'${kind}' in a && '${kind}' in b`,
    replacements: [`'${kind}' in a || '${kind}' in b`],
    because: 'Only two constraints of one kind come here, so both have it or neither; it is there for the compiler.',
  })),
  {
    file: 'server/src/authority/meet.ts',
    within:
      "return 'over' in a && 'over' in b && compareDecimal(decimalOf(a.over.amount), decimalOf(b.over.amount)) < 0;",
    original: "'over' in a && 'over' in b",
    replacements: ["'over' in a || 'over' in b"],
    because: 'Only two asks of the same question come here, so both have it or neither; it is there for the compiler.',
  },
  {
    file: 'server/src/authority/meet.ts',
    within: 'function isTooLarge({ where = {}, limits = [], asks = [] }: Grant): boolean {',
    original: '[]',
    replacements: ['["Stryker was here"]'],
    because: 'One is no more than the maximum, as none is.',
  },
  {
    file: 'server/src/authority/meet.ts',
    within: 'return Object.keys(where).length > argumentsMax || limits.length > limitsMax || asks.length > asksMax;',
    original: 'Object.keys(where).length > argumentsMax',
    replacements: ['false'],
    because:
      'Arguments that only one of two grants names are left out of what they have in common, so it names no more than either may.',
  },
  {
    file: 'server/src/authority/money.ts',
    within: 'const read = amount === undefined ? undefined : amountOf(amount);',
    original: 'amount === undefined',
    replacements: ['false'],
    because: 'What is absent is no amount either; it is there for the compiler.',
  },
  {
    file: 'server/src/authority/money.ts',
    within:
      "const code = typeof currency === 'string' && /^[A-Za-z]{3}$/.test(currency) ? currency.toUpperCase() : undefined;",
    original: '/^[A-Za-z]{3}$/',
    replacements: ['/[A-Za-z]{3}$/', '/^[A-Za-z]{3}/'],
    because:
      'With three ASCII letters and more around them it stays longer than three in capitals, which no currency is.',
  },
  {
    file: 'server/src/authority/narrows.ts',
    within: "const others = all.filter((one) => kindOf(one) !== 'notOneOf');",
    original: "all.filter((one) => kindOf(one) !== 'notOneOf')",
    replacements: ['all'],
    because: 'Only how fast it is: what the lists exclude has been looked up before.',
  },
  {
    file: 'server/src/authority/narrows.ts',
    within: "const others = all.filter((one) => kindOf(one) !== 'notOneOf');",
    original: "kindOf(one) !== 'notOneOf'",
    replacements: ['true'],
    because: 'Only how fast it is: what the lists exclude has been looked up before.',
  },
  {
    file: 'server/src/authority/narrows.ts',
    within: "const others = all.filter((one) => kindOf(one) !== 'notOneOf');",
    original: "'notOneOf'",
    replacements: ['""'],
    because: 'Only how fast it is: what the lists exclude has been looked up before.',
  },
  {
    file: 'server/src/authority/narrows.ts',
    within:
      "all.flatMap((one) => (kindOf(one) === 'notOneOf' && 'notOneOf' in one ? one.notOneOf.map(looseKey) : [])),",
    original: '[]',
    replacements: ['["Stryker was here"]'],
    because: 'Keys are looked up in this set, and the text that stands in is the key of nothing.',
  },
  {
    file: 'server/src/authority/narrows.ts',
    within:
      'return grant.where !== undefined && Object.hasOwn(grant.where, argument) ? grant.where[argument] : undefined;',
    original: 'grant.where !== undefined',
    replacements: ['true'],
    because: 'Asked only of grants that name arguments; it is there for the compiler.',
  },
  {
    file: 'server/src/policy/decide.ts',
    within: "if (requester === null || root?.origin.by !== 'person') return false;",
    original: 'root?.origin',
    replacements: ['root.origin'],
    because: 'A chain has a link at least: the task whose agent calls; it is there for the compiler.',
  },
  {
    file: 'server/src/policy/decide.ts',
    within: 'return result.covered && (root.authority[result.grant]?.asks ?? []).length > 0;',
    original: 'root.authority[result.grant]?.asks',
    replacements: ['root.authority[result.grant].asks'],
    because: 'The grant that covers a call is one of its authority; it is there for the compiler.',
  },
  {
    file: 'server/src/identity/key.ts',
    within: 'if (known !== undefined) return known;',
    original: 'known !== undefined',
    replacements: ['false'],
    because: onlySpeed,
  },
  {
    file: 'server/src/identity/key.ts',
    within: 'opened.put(members, made);',
    original: 'opened.put(members, made);',
    replacements: [';'],
    because: onlySpeed,
  },
  {
    file: 'server/src/identity/key.ts',
    within:
      "typeof text === 'string' && coordinate.test(text) && Buffer.from(text, 'base64url').toString('base64url') === text;",
    original: "typeof text === 'string'",
    replacements: ['true'],
    because: 'What is no text never equals the text that its bytes are written as; it is there for the compiler.',
  },
];
