import { type EntryId, parseId } from '@ambit/protocol';
import type { LogSearch } from '@ambit/sdk/operator';

/** Who is called what: names find ids. */
export type Directory = {
  readonly agents: readonly { readonly id: string; readonly name: string }[];
  readonly persons: readonly { readonly id: string; readonly name: string }[];
};

export type SearchRead =
  | { readonly is: 'search'; readonly search: LogSearch }
  /** The id of an entry leads there. */
  | { readonly is: 'entry'; readonly entry: EntryId }
  | { readonly is: 'fault'; readonly says: string };

const fieldNames = ['kind', 'agent', 'person', 'task', 'action', 'decision', 'resource', 'from', 'to'] as const;
type FieldName = (typeof fieldNames)[number];
const decisions = ['permit', 'ask', 'deny'] as const;

/** Reads `decision:deny agent:refund-bot resource:shop:order/*`. Words without a field are taken for what they look like; what looks like nothing is said. */
export function readSearch(text: string, directory: Directory): SearchRead {
  let fields: LogSearch = {};
  for (const [, given, quoted, plain] of text.matchAll(/(?:([a-z]+):(?=\S))?(?:"([^"]*)"|(\S+))/g)) {
    const name = fieldNames.find((one) => one === given);
    const word = quoted ?? plain ?? '';
    const whole = name === undefined && given !== undefined ? `${given}:${word}` : word;
    const entry = parseId('entry', whole);
    if (entry !== undefined) return { is: 'entry', entry };
    const field = name ?? looksLike(whole, directory);
    if (field === null) return { is: 'fault', says: `“${whole}” looks like none of the fields. ${fieldsSaid}` };
    if (fields[field] !== undefined) return { is: 'fault', says: `There are two words for ${field}. Leave one out.` };
    const value = readValue(field, whole, directory);
    if (value === undefined) return { is: 'fault', says: notRead[field](whole) };
    fields = { ...fields, [field]: value };
  }
  return { is: 'search', search: fields };
}

export const fieldsSaid = `Write one before it: ${fieldNames.map((one) => `${one}:`).join(' ')}`;

function looksLike(word: string, { agents, persons }: Directory): FieldName | null {
  if (decisions.some((one) => one === word)) return 'decision';
  if (parseId('agent', word) !== undefined || found(agents, word) !== undefined) return 'agent';
  if (parseId('person', word) !== undefined || found(persons, word) !== undefined) return 'person';
  if (parseId('task', word) !== undefined) return 'task';
  if (/^[\w.-]+:.*[/*]/.test(word)) return 'resource';
  if (/^[\w.-]+:[\w.-]+$/.test(word)) return 'action';
  return /^[a-z-]+\.[a-z-]+$/.test(word) ? 'kind' : null;
}

const found = (of: Directory['agents'], word: string): string | undefined =>
  of.find(({ id, name }) => id === word || name.toLowerCase() === word.toLowerCase())?.id;

const notRead: Readonly<Record<FieldName, (word: string) => string>> = {
  kind: (word) => `“${word}” is no kind of entry.`,
  agent: (word) => `No agent here is called “${word}”.`,
  person: (word) => `Nobody here is called “${word}”.`,
  task: (word) => `“${word}” is not the id of a task: it begins with tsk_.`,
  action: (word) => `“${word}” is no action.`,
  decision: () => 'A decision is permit, ask or deny.',
  resource: (word) => `“${word}” is no resource.`,
  from: (word) => `“${word}” is no time: write 2026-11-22 or 2026-11-22T15:08.`,
  to: (word) => `“${word}” is no time: write 2026-11-22 or 2026-11-22T15:08.`,
};

function readValue(field: FieldName, word: string, { agents, persons }: Directory): string | number | undefined {
  switch (field) {
    case 'agent':
      return parseId('agent', found(agents, word) ?? word);
    case 'person':
      return parseId('person', found(persons, word) ?? word);
    case 'task':
      return parseId('task', word);
    case 'decision':
      return decisions.find((one) => one === word);
    case 'from':
    case 'to':
      return timeOf(word, field);
    case 'kind':
    case 'action':
    case 'resource':
      return word === '' ? undefined : word;
  }
}

/** In the zone of whoever asks. A day means all of it, so `to` is where the next one begins. */
function timeOf(word: string, field: 'from' | 'to'): number | undefined {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?$/.test(word)) return undefined;
  const isDay = !word.includes('T');
  const date = new Date(isDay ? `${word}T00:00` : word);
  if (isDay && field === 'to') date.setDate(date.getDate() + 1);
  return Number.isNaN(date.getTime()) ? undefined : date.getTime();
}

/** The same text with another decision, or none. */
export function withDecision(text: string, decision: 'permit' | 'ask' | 'deny' | null): string {
  const others = text.split(/\s+/).filter((word) => word !== '' && !/^(decision:)?(permit|ask|deny)$/.test(word));
  return [...others, ...(decision === null ? [] : [`decision:${decision}`])].join(' ');
}
