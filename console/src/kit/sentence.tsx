import type { Part } from '@ambit/protocol';
import { createElement, Fragment } from 'react';
import { Foreign } from './foreign.tsx';
import { Value } from './value.tsx';

/** A sentence of the plane. Its parts are shown one after the other: nothing is put together here. */
export function Sentence({ parts }: { readonly parts: readonly Part[] }) {
  return createElement(Fragment, null, ...parts.map(shown));
}

function shown(part: Part) {
  if ('text' in part) return part.text;
  if ('agent' in part) return <Foreign inline text={part.name ?? part.agent} />;
  if ('person' in part) return <Foreign inline text={part.name ?? part.person} />;
  return <Value part={part} />;
}
