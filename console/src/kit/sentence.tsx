import { createElement, Fragment } from 'react';
import { Foreign } from './foreign.tsx';
import { Value, type ValueShown } from './value.tsx';

/** A part of a sentence, as the plane made it. */
export type Part =
  | { readonly is: 'text'; readonly text: string }
  | ({ readonly is: 'value' } & ValueShown)
  | { readonly is: 'agent' | 'person'; readonly name: string };

/** A sentence of the plane. Its parts are shown one after the other: nothing is put together here. */
export function Sentence({ parts }: { readonly parts: readonly Part[] }) {
  return createElement(Fragment, null, ...parts.map(shown));
}

function shown(part: Part) {
  if (part.is === 'text') return part.text;
  if (part.is === 'value') return <Value value={part} />;
  return <Foreign inline text={part.name} />;
}
