import type { Classification } from '@ambit/sdk/operator';

const words: Readonly<Record<keyof Classification, string>> = {
  effect: 'what a call does',
  reversibility: 'can it be undone',
  reach: 'whom it reaches',
  costUnits: 'cost of a call',
  answersForeignText: 'answers text from strangers',
  mintsCredential: 'answers a new credential',
  opaque: 'the body chooses what is done',
  sensitivity: 'sensitivity of its data',
  bodyIsPowerless: 'its body may pass unread',
  asksEachTime: 'a person is asked each time',
  undo: 'what takes it back',
  undoSeconds: 'for how long, in seconds',
  stream: 'it streams',
  money: 'where the money stands',
  resource: 'what it is about',
  lookAgain: 'what shows it to an approver',
  sentence: 'its sentence',
  idempotencyHeader: 'header for repeating safely',
};

export const sayField = (field: keyof Classification): string => words[field];

/** A value of the catalog in a word: what a description wrote stays as it is. */
export function sayWord(value: unknown): string {
  if (value === true) return 'yes';
  if (value === false) return 'no';
  if (value === null || value === '') return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export const fieldNames = Object.keys(words) as (keyof Classification)[];
