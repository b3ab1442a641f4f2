import { Peek } from './peek.tsx';
import { readMoment, readSince, readTime } from './read-time.ts';
import { useNow } from './use-now.ts';

type Style = 'minute' | 'second' | 'day' | 'since';

/** A time, in the person's zone; the full instant with its offset is one press away. */
export function When({ at, as = 'minute' }: { readonly at: number; readonly as?: Style }) {
  const text = as === 'since' ? <Since at={at} /> : readTime[as](at);
  return (
    <Peek says={<span className="code">{readTime.full(at)}</span>} label={`Full time of ${readTime.second(at)}`}>
      <time dateTime={new Date(at).toISOString()} className="tabular-nums">
        {text}
      </time>
    </Peek>
  );
}

/** The same inside a sentence, where nothing is to be pressed. */
export function Time({ at, as = 'minute' }: { readonly at: number; readonly as?: Exclude<Style, 'since'> }) {
  return (
    <time dateTime={new Date(at).toISOString()} className="tabular-nums">
      {readTime[as](at)}
    </time>
  );
}

/** Inside a sentence, with its day where that is not today. */
export function Moment({ at }: { readonly at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} className="tabular-nums">
      {readMoment(at, useNow())}
    </time>
  );
}

function Since({ at }: { readonly at: number }) {
  return readSince(at, useNow());
}
