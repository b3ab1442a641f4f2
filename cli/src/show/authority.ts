import type { ArgumentRule, Ask, Authority, Constraint, Grant, Limit } from '@ambit/protocol';
import { indent, type Line, line } from '../line.ts';
import { countOf } from './count.ts';
import { showSeconds } from './times.ts';

/** Authority as a person reads it: a grant a paragraph, nothing left out. */
export function showAuthority(authority: Authority): readonly Line[] {
  if (authority.length === 0) return [line`nothing`];
  return authority.flatMap(showGrant);
}

function showGrant({ actions, where = {}, limits = [], asks = [] }: Grant): readonly Line[] {
  return [
    line`${actions.join(', ')}`,
    ...Object.entries(where).map(([name, rule]) => indent(1, showRule(name, rule))),
    ...limits.map((limit) => indent(1, line`at most ${showLimit(limit)}`)),
    ...asks.map((ask) => indent(1, showAsk(ask))),
  ];
}

function showRule(name: string, { all, optional }: ArgumentRule): Line {
  const rules = all.map(showConstraint).join(' and ');
  return line`${name} ${rules === '' ? 'any' : rules}${optional === true ? ', or absent' : ''}`;
}

function showConstraint(constraint: Constraint): string {
  if ('range' in constraint) return showRange(constraint.range);
  return Object.entries(constraint)
    .map(([kind, bound]) => (kind === 'any' ? 'any' : `${kind} ${JSON.stringify(bound)}`))
    .join(' and ');
}

function showRange({ min, max }: Extract<Constraint, { range: object }>['range']): string {
  return [...(min === undefined ? [] : [`≥ ${min}`]), ...(max === undefined ? [] : [`≤ ${max}`])].join(' and ');
}

export function showLimit(limit: Limit): string {
  const per = limit.seconds === undefined ? '' : ` in any ${showSeconds(limit.seconds)}`;
  if ('calls' in limit) return `${countOf(limit.calls, 'call')}${per}`;
  if ('sum' in limit) return `${limit.sum.max} ${limit.sum.currency}${per}`;
  return `${limit.cost} cost units${per}`;
}

function showAsk(ask: Ask): Line {
  const when =
    'always' in ask
      ? 'always'
      : `over ${ask.over.amount} ${ask.over.currency}${ask.per === undefined ? '' : ` for one ${ask.per}`}`;
  return line`asks a person ${when}: ${ask.reason}`;
}
