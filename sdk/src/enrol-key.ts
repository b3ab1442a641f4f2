import { type AgentId, type AnswerOf, assertionType, parameter } from '@ambit/protocol';
import type { Workload } from './self.ts';
import { askWithKey } from './wire/asked.ts';
import type { SigningKey } from './wire/key.ts';
import type { Wire } from './wire/wire.ts';

/** A key as the plane knows it now. */
export type EnrolledKey = AnswerOf<'POST /v1/agent/keys'>;

/**
 * Enrols a key by the one-time code of an agent. The key signs the request: whoever enrols it holds it.
 * Throws `AmbitRefusal`: `enrolment.refused` for a wrong, used or expired code, `key.known` for a key that is taken.
 */
export const enrolByCode = (wire: Wire, key: SigningKey, code: string): Promise<EnrolledKey> =>
  askWithKey(wire, key, 'POST /v1/agent/enrolments/redeem', { body: { code } });

/** Enrols a key by what the agent's platform says of it; the same key again answers what is there. */
export async function enrolByWorkload(
  wire: Wire,
  key: SigningKey,
  { agent, workload }: { readonly agent: AgentId; readonly workload: Workload },
): Promise<EnrolledKey> {
  const body = { [parameter.clientId]: agent, ...(await assertionOf(workload)) };
  return askWithKey(wire, key, 'POST /v1/agent/keys', { body });
}

/** RFC 7521 §4.2. */
export async function assertionOf(workload: Workload): Promise<Record<string, string>> {
  const [type, text] =
    'svid' in workload
      ? [assertionType.jwtSpiffe, await workload.svid()]
      : [assertionType.jwtBearer, await workload.token()];
  return { [parameter.clientAssertionType]: type, [parameter.clientAssertion]: text };
}
