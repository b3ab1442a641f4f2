import type { Shown } from './approval-card.ts';
import { type Part, valueText } from './parts.ts';

const toldMax = 3;

/**
 * What is not as it was when a question was asked, by what the API was read to say then and for the new question: `Order
 * 1042 changed since you looked: /refunded was 30.00, now 60.00. Here is the new question.`
 */
export function sayMoved(
  before: Pick<Shown, 'lookedAgain' | 'parts'>,
  now: Pick<Shown, 'lookedAgain'>,
): readonly Part[] {
  const changes = changesIn(before.lookedAgain, now.lookedAgain);
  const told = changes
    .slice(0, toldMax)
    .flatMap(({ at, was, is }, i): readonly Part[] => [
      { text: i === 0 ? ': ' : '; ' },
      { value: at, kind: 'text', source: 'upstream' },
      ...saidOf(' was ', was),
      ...saidOf(', now ', is),
    ]);
  const more = changes.length > toldMax ? `; and ${changes.length - toldMax} more` : '';
  return [
    ...whatOf(before),
    { text: ' changed since you looked' },
    ...told,
    { text: `${more}. Here is the new question.` },
  ];
}

const saidOf = (words: string, value: unknown): readonly Part[] =>
  value === undefined
    ? [{ text: `${words}not there` }]
    : [{ text: words }, { value: valueText(value), kind: 'text', source: 'upstream' }];

/** Of what the question names, what was read again says that it is; else the first. */
function whatOf({ parts, lookedAgain }: Pick<Shown, 'lookedAgain' | 'parts'>): readonly Part[] {
  const all = (parts ?? []).flatMap((part) => ('value' in part && part.id !== undefined ? [part] : []));
  const read = leavesOf(lookedAgain)?.get('/id');
  const named = all.find(({ value }) => value === read) ?? all[0];
  if (named === undefined) return [{ text: 'What it is about' }];
  const { kind, value, source } = named;
  const word = `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`;
  return [{ value: word, kind: 'text', source: 'catalog' }, { text: ' ' }, { value, kind, source }];
}

type Change = { readonly at: string; readonly was: unknown; readonly is: unknown };

/** Places of two JSON texts that differ, as pointers (RFC 6901); none where either is no JSON. */
function changesIn(before: Shown['lookedAgain'], now: Shown['lookedAgain']): readonly Change[] {
  const [was, is] = [leavesOf(before), leavesOf(now)];
  if (was === null || is === null) return [];
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((at) => was.get(at) !== is.get(at))
    .map((at) => ({ at, was: was.get(at), is: is.get(at) }));
}

const leavesMax = 5000;

function leavesOf(look: Shown['lookedAgain']): ReadonlyMap<string, unknown> | null {
  const whole = look === null || look.status === 0 ? undefined : readJson(look.text);
  if (whole === undefined) return null;
  const leaves = new Map<string, unknown>();
  const walk = (at: unknown, pointer: string): void => {
    if (leaves.size >= leavesMax) return;
    if (typeof at !== 'object' || at === null) return void leaves.set(pointer, at);
    for (const [name, member] of Object.entries(at))
      walk(member, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  };
  walk(whole, '');
  return leaves;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // An answer may be of any kind, or cut: then it is only known to be another one.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
