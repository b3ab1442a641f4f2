/** A pattern of a description, and the length of text on which trying it is known to be cheap. */
export type Pattern = { readonly expression: RegExp; readonly lengthMax: number };

const patternLengthMax = 512;
const cacheMax = 4096;
const cache = new Map<string, Pattern | undefined>();

/**
 * Descriptions come from outside and their patterns run on what agents send, so a pattern is only used where its cost
 * is bounded: no repetition inside a repetition, no choice inside a repetition, no back-references, no look-around.
 * Undefined for every other pattern.
 */
export function readPattern(source: string): Pattern | undefined {
  if (cache.has(source)) return cache.get(source);
  if (cache.size >= cacheMax) cache.clear();
  const pattern = compile(source);
  cache.set(source, pattern);
  return pattern;
}

function compile(source: string): Pattern | undefined {
  if (source.length > patternLengthMax) return undefined;
  const cost = measure(source);
  if (cost === undefined) return undefined;
  const expression = expressionOf(source);
  if (expression === undefined) return undefined;
  const lengthMax = lengths.find((length) => triesWithin(cost, length) <= triesMax);
  return lengthMax === undefined ? undefined : { expression, lengthMax };
}

const triesMax = 2 ** 24;
const lengths = [4096, 256, 64] as const;

// Each choice and each variable repetition multiplies the ways to read a text; without an anchor, so does its start.
function triesWithin({ choices, widths, anchored }: Cost, length: number): number {
  return widths.reduce((ways, width) => ways * Math.min(width, length), choices * (anchored ? 1 : length));
}

function expressionOf(source: string): RegExp | undefined {
  try {
    return new RegExp(source, 'u');
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** `widths`: in how many ways each variable repetition can end. */
type Cost = { choices: number; readonly widths: number[]; readonly anchored: boolean };
type Group = { hasChoice: boolean; hasVariable: boolean; alternatives: number };

/** One pass over the pattern: counts choices and variable repetitions, and gives up on shapes that can take more than polynomial time. */
function measure(source: string): Cost | undefined {
  const cost: Cost = { choices: 1, widths: [], anchored: source.startsWith('^') };
  const groups: Group[] = [{ hasChoice: false, hasVariable: false, alternatives: 1 }];
  let closed: Group | undefined;
  for (let at = 0; at < source.length; ) {
    const char = source[at]!;
    const quantifier = quantifierAt(source, at);
    if (quantifier !== undefined) {
      const group = groups.at(-1)!;
      if (closed !== undefined && quantifier.max > 1 && (closed.hasChoice || closed.hasVariable)) return undefined;
      if (quantifier.min !== quantifier.max) group.hasVariable = true;
      if (quantifier.min !== quantifier.max) cost.widths.push(quantifier.max - quantifier.min + 1);
      closed = undefined;
      at = quantifier.end;
      continue;
    }
    closed = undefined;
    if (char === '(') {
      if (source[at + 1] === '?' && source[at + 2] !== ':') return undefined;
      groups.push({ hasChoice: false, hasVariable: false, alternatives: 1 });
      at += source[at + 1] === '?' ? 3 : 1;
    } else if (char === ')') {
      closed = groups.pop();
      const outer = groups.at(-1);
      if (closed === undefined || outer === undefined) return undefined;
      cost.choices *= closed.alternatives;
      outer.hasChoice ||= closed.hasChoice;
      outer.hasVariable ||= closed.hasVariable;
      at++;
    } else if (char === '|') {
      const group = groups.at(-1)!;
      group.hasChoice = true;
      group.alternatives++;
      at++;
    } else if (char === '[') {
      const end = endOfClass(source, at);
      if (end === undefined) return undefined;
      at = end;
    } else if (char === '\\') {
      if (/[1-9kpP]/.test(source[at + 1] ?? '')) return undefined;
      at += 2;
    } else at++;
  }
  return groups.length === 1 ? { ...cost, anchored: cost.anchored && groups[0]!.alternatives === 1 } : undefined;
}

const counted = /\{([0-9]{1,4})(,([0-9]{0,4}))?\}\??/y;

function quantifierAt(source: string, at: number): { min: number; max: number; end: number } | undefined {
  const char = source[at]!;
  const lazy = source[at + 1] === '?' ? 1 : 0;
  if (char === '*') return { min: 0, max: Number.POSITIVE_INFINITY, end: at + 1 + lazy };
  if (char === '+') return { min: 1, max: Number.POSITIVE_INFINITY, end: at + 1 + lazy };
  if (char === '?') return { min: 0, max: 1, end: at + 1 + lazy };
  counted.lastIndex = at;
  const match = counted.exec(source);
  if (match === null) return undefined;
  const min = Number(match[1]);
  const max = match[2] === undefined ? min : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3]);
  return { min, max, end: at + match[0].length };
}

function endOfClass(source: string, start: number): number | undefined {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === ']') return at + 1;
  }
  return undefined;
}
