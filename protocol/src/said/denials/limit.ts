import { compareDecimal, parseDecimal, subtractDecimal } from '../../decimal.ts';
import { parseId } from '../../ids.ts';
import type { Part, PartSource, ValuePart } from '../parts.ts';
import { sayPeriod } from '../say-grant.ts';
import { sayByCode } from './by-code.ts';
import type { DenialParts } from './denial-parts.ts';
import type { ChargeSaid, DenialToSay, Said } from './to-say.ts';
import { kindOf, moreFrom } from './whose.ts';

type Limit = Extract<DenialParts, { readonly is: 'limit' }>;

/** What was granted, or set by the organisation, has too little left for the call. */
export function sayLimit(denial: DenialToSay, { at, free }: Limit): Said {
  const charge = denial.charges[at];
  if (charge === undefined) return sayByCode(denial);
  const { unit, owner, period } = readCounter(charge.counter);
  const { whose, of, source } = ownerOf(owner, denial);
  const span = period === null ? '' : ` in any ${sayPeriod(period)}`;
  const { currency, things } = unitWords(unit);
  const value = (text: string, source: PartSource): ValuePart => ({
    value: `${text}${currency}`,
    kind: currency === '' ? 'number' : 'amount',
    source,
  });
  const left = leftOf(charge);
  const is = isOne(left, currency) ? 'is' : 'are';
  const some: readonly Part[] =
    left === '0'
      ? [{ text: 'nothing is left of the ' }]
      : [{ text: 'only ' }, value(left, 'plane'), { text: `${things(left)} ${is} left of the ` }];
  const max = charge.max ?? '0';
  const why: readonly Part[] = [...some, value(max, source), { text: `${things(max)}${span} that ` }, ...whose];
  const were = isOne(charge.by, currency) ? 'was' : 'were';
  const asked: readonly Part[] =
    unit === 'calls' ? [] : [value(charge.by, 'call'), { text: `${things(charge.by)} ${were} asked` }];
  return { why, asked, next: roomFrom(denial, of, free) };
}

const isOne = (amount: string, currency: string): boolean => currency !== '' || amount === '1';

/** Money is said with its currency, everything else with its unit behind it. */
function unitWords(unit: string): { readonly currency: string; readonly things: (many: string) => string } {
  if (unit !== 'calls' && unit !== 'cost') return { currency: ` ${unit}`, things: () => '' };
  const name = unit === 'calls' ? ' call' : ' cost unit';
  return { currency: '', things: (many) => (many === '1' ? name : `${name}s`) };
}

function leftOf({ max, used }: ChargeSaid): string {
  const [most, spent] = [parseDecimal(max), parseDecimal(used)];
  if (most === undefined || spent === undefined || compareDecimal(spent, most) >= 0) return '0';
  return withPlacesOf(most, subtractDecimal(most, spent));
}

/** As many places as the other has: `20.00` of `50.00`. */
function withPlacesOf(other: string, amount: string): string {
  const [, places = ''] = other.split('.');
  const [whole = '', own = ''] = amount.split('.');
  return places === '' ? amount : `${whole}.${own.padEnd(places.length, '0')}`;
}

/** `of` is null for a limit that the organisation set over time. */
function roomFrom(denial: DenialToSay, of: string | undefined | null, free: number | undefined): readonly Part[] {
  const room: readonly Part[] =
    free === undefined ? [] : [{ text: 'There is room again ' }, denial.naming.time(free), { text: '. ' }];
  return [...room, ...(of === null ? [{ text: 'An administrator can change the limit.' }] : moreFrom(denial, of))];
}

type CounterRead = {
  /** A currency, `calls` or `cost`. */
  readonly unit: string;
  readonly owner: string;
  /** The span in seconds; null where it counts in all. */
  readonly period: number | null;
};

/** `sum|USD|task:tsk_…|0|all`, `calls|limit:refunds-a-day|agent:agt_…|slices|86400`: see `limits/charges.ts`. */
function readCounter(counter: string): CounterRead {
  const [kind = '', second = '', third = ''] = counter.split('|');
  const [unit, owner] = kind === 'sum' ? [second, third] : [kind, second];
  const period = /\|slices\|(\d{1,9})$/.exec(counter)?.[1];
  return { unit, owner, period: period === undefined ? null : Number(period) };
}

type Owner = {
  /** To stand behind "that". */
  readonly whose: readonly Part[];
  /** As `DenialParts` has it. */
  readonly of: string | undefined | null;
  /** Who wrote the limit. */
  readonly source: PartSource;
};

function ownerOf(owner: string, { naming, taskOf, task, writtenBy }: DenialToSay): Owner {
  const byPerson = { source: 'person' } as const;
  const [kind, id] = kindOf(owner);
  const [agent, person] = [parseId('agent', id), parseId('person', id)];
  if (kind === 'limit') {
    const limit: Part = { value: id, kind: 'text', source: 'person' };
    return { whose: [{ text: 'the organisation’s limit ' }, limit, { text: ' allows' }], of: null, ...byPerson };
  }
  if (agent !== undefined)
    return { whose: [{ text: 'the ceiling of ' }, naming.agent(agent), { text: ' allows' }], of: owner, ...byPerson };
  if (person !== undefined)
    return { whose: [naming.person(person), { text: ' may hand to agents' }], of: owner, ...byPerson };
  if (kind === 'grant') return { whose: [{ text: 'the standing grant allows' }], of: owner, ...byPerson };
  if (kind === 'elevation')
    return { whose: [{ text: 'a person gave this task for a while' }], of: undefined, ...byPerson };
  if (id === task) return { whose: [{ text: 'this task may use' }], of: undefined, source: writtenBy };
  const { agent: above = null, writtenBy: source = 'agent' } = taskOf(id) ?? {};
  return above === null
    ? { whose: [{ text: 'the task above it may use' }], of: id, source }
    : { whose: [{ text: 'the task above it, that of ' }, above, { text: ', may use' }], of: id, source };
}
