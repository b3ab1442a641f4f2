import type { AgentId, PersonId } from '../ids.ts';
import { cleanText, isPlainName, quoteText } from './clean-text.ts';

/**
 * Who a value came from: the agent's call, the task, the catalog, a policy, a person of the tenant, the agent's own
 * words, the API that was asked, or the plane itself.
 */
export type PartSource = 'call' | 'task' | 'catalog' | 'policy' | 'person' | 'agent' | 'upstream' | 'plane';

/** A value in a sentence of ours. It is drawn as one thing, and never becomes words of the sentence. */
export type ValuePart = {
  /** The value itself, whole, as it stands in the call. */
  readonly value: string;
  /** What it is: `amount`, `text`, `number`, `time`, `action`, or the type of the resource that it names (`order`). */
  readonly kind: string;
  /** What it points to, where that is known: the key of a resource (`shop:order/1042`), the id of a task. */
  readonly id?: string;
  /** A name that somebody outside gave to it. It stands beside the value, never in its place. */
  readonly label?: string;
  readonly source: PartSource;
};

/**
 * One piece of a sentence that the plane says. `text` is in our words; everything else comes from somewhere and is drawn
 * as what it is. Whoever shows a sentence renders its parts and puts nothing of its own between them.
 */
export type Part =
  | { readonly text: string }
  | ValuePart
  | { readonly agent: AgentId; readonly name: string | null }
  | { readonly person: PersonId; readonly name: string | null };

/** One token, such as an id or an amount: it may stand in a sentence as it is. */
const plainWord = /^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,63}$/;
const amount = /^[0-9]{1,15}(?:\.[0-9]{1,9})?(?: [A-Z]{3})?$/;

/**
 * The sentence as plain text, for terminals, mail and the log. INVARIANT (lying-text): our words stay where they are and
 * as they are, whatever the values hold; what is no plain word is between quotes that it cannot end.
 */
export const renderParts = (parts: readonly Part[]): string => parts.map(renderPart).join('');

export function renderPart(part: Part): string {
  if ('text' in part) return cleanText(part.text);
  if ('agent' in part) return renderName(part.name, part.agent);
  if ('person' in part) return renderName(part.name, part.person);
  return part.label !== undefined && part.label !== part.value
    ? `${quoteText(part.label)} (${renderValue(part)})`
    : renderValue(part);
}

/** Rules, and people of the tenant, speak in sentences of their own; nobody else does. */
const speaksPlainly = ({ kind, source }: ValuePart): boolean =>
  kind === 'reason' && (source === 'policy' || source === 'person' || source === 'plane');

function renderValue(part: ValuePart): string {
  const { value } = part;
  if (plainWord.test(value) || (part.kind === 'amount' && amount.test(value))) return value;
  return speaksPlainly(part) ? cleanText(value) : quoteText(value);
}

const renderName = (name: string | null, id: string): string =>
  name !== null && isPlainName(name) ? name : cleanText(id);

/** A value of a call as text: texts as they are, everything else as JSON. */
export const valueText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
