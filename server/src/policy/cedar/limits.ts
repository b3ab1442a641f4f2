/**
 * How much policy text the official build is given. Text nested too deeply exhausts its stack, and with that every later
 * call in the same process; so depth is measured here first, by a scanner that knows only what nests: brackets, and the
 * chains that its parser turns into nested trees.
 */
export type Limits = {
  readonly textBytesMax: number;
  readonly policiesMax: number;
  readonly policyBytesMax: number;
  readonly weightMax: number;
};

// The build traps near 100 nested brackets, 50 levels of `!!(!!(if …`, 300 links of a chain of `.`, `+` or `if`, and 2,000
// of `&&`. A text within `weightMax` stays below half of each: 40 brackets, 200 links, 800 times `&&`.
export const defaultLimits: Limits = {
  textBytesMax: 1_048_576,
  policiesMax: 5_000,
  policyBytesMax: 65_536,
  weightMax: 800,
};

const bracketWeight = 20;
const linkWeight = 4;
const logicWeight = 1;

/** One policy of a text: where it begins, so that a message can say its line. */
export type PolicyPlace = { readonly start: number; readonly line: number };

export type Measured =
  | { readonly kind: 'within'; readonly policies: readonly PolicyPlace[] }
  | { readonly kind: 'beyond'; readonly line: number; readonly says: string };

// Whatever matches nothing here (an unclosed quote, a stray sign) is skipped a character at a time: judging it is the
// parser's work. `if` counts as a link because `else if` nests; `in`, `has` and the comparisons do not chain.
const token =
  /\/\/[^\n\r]*|"[^"\\]*(?:\\[\s\S][^"\\]*)*"|[([{]|[)\]}]|&&|\|\||[-+*!.]|[,;]|[A-Za-z_][A-Za-z0-9_]*|[^\s]/g;

export function measurePolicyText(text: string, limits: Limits = defaultLimits): Measured {
  const bytes = Buffer.byteLength(text);
  const beyond = (offset: number, says: string): Measured => ({ kind: 'beyond', line: lineAt(text, offset), says });
  if (bytes > limits.textBytesMax)
    return beyond(0, `the text has ${bytes} bytes; at most ${limits.textBytesMax} are read`);
  const surrogate = text.isWellFormed() ? -1 : text.search(/\p{Surrogate}/u);
  if (surrogate >= 0) return beyond(surrogate, 'the text holds half of a surrogate pair, which no encoding can carry');

  const policies: PolicyPlace[] = [];
  const levels = [newLevel()];
  let weight = 0;
  let start: number | undefined;
  let line = 1;
  let lineEnd = 0;
  for (const { 0: found, index } of text.matchAll(token)) {
    if (found.startsWith('//')) continue;
    if (start === undefined) {
      line += newlines(text, lineEnd, index);
      lineEnd = index;
      start = index;
    }
    weight += weigh(found, levels);
    if (weight > limits.weightMax) return beyond(index, 'expressions are nested too deeply here; split the policy');
    if (index - start > limits.policyBytesMax)
      return beyond(start, `a policy is longer than ${limits.policyBytesMax} bytes`);
    if (found === ';' && levels.length === 1) {
      policies.push({ start, line });
      start = undefined;
      if (policies.length > limits.policiesMax)
        return beyond(index, `there are more than ${limits.policiesMax} policies`);
    }
  }
  return { kind: 'within', policies };
}

/** An open bracket, and what the chains inside it have weighed since the last comma, and since the last `&&`. */
type Level = { chain: number; nested: number };

function newLevel(): Level {
  return { chain: 0, nested: 0 };
}

/** What this token adds to, or takes from, the weight of everything that is open. */
function weigh(found: string, levels: Level[]): number {
  const level = levels.at(-1)!;
  switch (found) {
    case '(':
    case '[':
    case '{':
      // Brackets also lengthen the chain they stand in: `a["b"]["c"]` nests like `a.b.c`.
      level.chain += linkWeight;
      levels.push(newLevel());
      return linkWeight + bracketWeight;
    case ')':
    case ']':
    case '}':
      if (levels.length === 1) return 0;
      levels.pop();
      return closeInside(levels) - (bracketWeight + level.chain + level.nested);
    case '.':
    case '+':
    case '-':
    case '*':
    case '!':
      level.chain += linkWeight;
      return linkWeight;
    case 'if':
      level.nested += linkWeight;
      return linkWeight;
    case '&&':
    case '||':
      return logicWeight - endChain(level, logicWeight);
    case ',':
    case ';':
      return -endChain(level, 0) - endNested(level);
    default:
      return 0;
  }
}

/** At the level of policies a bracket ends a part of the head or a condition, and each condition nests in the next. */
function closeInside(levels: readonly Level[]): number {
  return levels.length === 1 ? linkWeight - endChain(levels[0]!, linkWeight) : 0;
}

/** A chain ends; what follows it nests by so much. */
function endChain(level: Level, nests: number): number {
  const ended = level.chain;
  level.chain = 0;
  level.nested += nests;
  return ended;
}

function endNested(level: Level): number {
  const ended = level.nested;
  level.nested = 0;
  return ended;
}

function lineAt(text: string, offset: number): number {
  return 1 + newlines(text, 0, offset);
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
