import { JsonNumber, type JsonValue, plainJson, type Who } from '@ambit/protocol';
import type { Fields } from '../foundation/index.ts';
import { kindOf } from '../identity/index.ts';
import type { Facts, Reason } from '../policy/index.ts';
import { bodyDigest, type Call } from './call.ts';
import type { Asking } from './caller.ts';

/** Three records, never one: who asked, which agent acts, as which user-shaped record. */
export function whoOf(asking: Asking, facts: Facts | undefined): Who {
  const [agent] = facts?.agents ?? [];
  const { environment, zone } = agent ?? { environment: null, zone: null };
  const kind = agent === undefined ? {} : { kind: kindOf(agent) };
  return { ...asking.caller.who, ...kind, agentUser: facts?.agentUser ?? null, environment, zone };
}

/** The whole question: every fact that the decision read, so that it can be decided again later. Sealed at rest. */
export function decisionDetail(
  asking: Asking,
  call: Call,
  facts: Facts,
  said: { readonly because: readonly Reason[]; readonly policyVersion: string; readonly charges?: Fields[] },
): Fields {
  return {
    ...callDetail(asking, call),
    digest: facts.callDigest,
    credential: facts.credential,
    chain: facts.chain.map(({ id, epoch, agent, depth }) => ({ id, epoch, agent, depth })),
    ...(facts.elevated.length === 0 ? {} : { elevations: facts.elevated.map(({ id }) => id) }),
    charges: shownCharges(facts.charges),
    spent: Object.fromEntries(facts.spent),
    approval: facts.approval?.id ?? null,
    ...(facts.remembered === null ? {} : { remembered: rememberedDetail(facts.remembered) }),
    now: facts.now,
    ...said,
  };
}

/** Whose yes let it through, without anybody being asked again: the row, and the entry with the signature. */
const rememberedDetail = ({ id, answered, by }: NonNullable<Facts['remembered']>) => ({ id, answered, by: by.id });

/** Of a permit, everything that it reserves: `audit verify` adds it up. */
export const shownCharges = (charges: Facts['charges']) =>
  charges.map(({ counter, window, by, max, used }) => ({ counter, window, by, max, used }));

/** What was asked for, as far as it could be read. */
export function callDetail(asking: Pick<Asking, 'caller'> | null, call: Call): Fields {
  return {
    method: call.method,
    url: `${call.origin}${call.path}${call.query === '' ? '' : `?${call.query}`}`,
    arguments: argumentsDetail(call.arguments),
    bodyDigest: bodyDigest(call),
    headers: call.headers,
    catalogVersion: call.catalogVersion,
    token: asking?.caller.token ?? null,
    claim: call.claim,
    trace: call.trace.find(([name]) => name === 'traceparent')?.[1] ?? null,
  };
}

export function argumentsDetail(found: ReadonlyMap<string, JsonValue>): Fields {
  return Object.fromEntries([...found].map(([name, value]) => [name, shownValue(value)]));
}

/** Numbers stay as they were written: an entry never rounds. */
function shownValue(value: JsonValue): unknown {
  return value instanceof JsonNumber ? value.text : plainJson(value);
}
