import type { EntryId, TenantId } from '@ambit/protocol';
import { type Ground, refuse, span } from '../../foundation/index.ts';
import { newAgentKey } from '../add-agent-key.ts';
import { type Agent, type AgentKey, requireNotStopped } from '../agent.ts';
import { bearerHash, tenantOfBearer } from '../bearer.ts';
import type { Person } from '../person.ts';
import type { Proof } from '../proof.ts';
import { agentResource, record } from '../record.ts';
import { spendProof } from '../spend-proof.ts';
import { addAgentKeyRow, changeAgent, findAgent, findPerson, personStands } from '../store.ts';
import type { AgentEnrolment } from './agent-enrolment.ts';
import { enrollingAgent } from './enrol-agent-key.ts';
import { findAgentEnrolmentByCode, useAgentEnrolment } from './store.ts';

/**
 * Brings the key that signed `proof` to the agent whom the code was issued for. INVARIANT (stolen key): the code stands for
 * the person who issued it, works once, and is worth nothing once that person could not add a key any more.
 */
export function redeemAgentEnrolment(
  ground: Ground,
  { code, proof }: { readonly code: string; readonly proof: Proof },
): Promise<{ key: AgentKey; entry: EntryId }> {
  return span('identity/redeem-agent-enrolment', async () => {
    const { tenant, enrolment } = await openEnrolment(ground, code);
    const agent = await findAgent(ground, tenant, enrolment.agent);
    if (agent === undefined) throw refuse('enrolment.refused', `no agent ${enrolment.agent}`);
    requireNotStopped(agent, ground.clock());
    const issuer = await requireIssuer(ground, tenant, enrolment, agent);
    const { keySeconds } = enrolment;
    const key = await newAgentKey(ground, { tenant, person: enrolment.issuedBy }, agent, {
      agent: agent.id,
      jwk: proof.jwk,
      notAfter: keySeconds === null ? undefined : ground.clock() + keySeconds * 1000,
      enrolledBy: enrolment.id,
    });
    const entry = await record(
      ground,
      { tenant, who: enrollingAgent(agent, proof, 'enrolment') },
      {
        kind: 'identity.agent-key-enrolled',
        keys: [agentResource(agent.id)],
        checks: [personStands(issuer)],
        changes: [useAgentEnrolment(enrolment.id), spendProof(proof), addAgentKeyRow(key), changeAgent(agent, {})],
        detail: {
          agent: agent.id,
          key: key.id,
          thumbprint: key.thumbprint,
          notAfter: key.notAfter,
          enrolledBy: enrolment.id,
        },
      },
    );
    return { key, entry };
  });
}

// Wrong, used and expired codes are refused in the same words: a guesser learns nothing.
async function openEnrolment(ground: Ground, code: string): Promise<{ tenant: TenantId; enrolment: AgentEnrolment }> {
  const tenant = tenantOfBearer(code);
  const enrolment = tenant && (await findAgentEnrolmentByCode(ground, tenant, bearerHash(code)));
  if (tenant === undefined || enrolment === undefined) throw refuse('enrolment.refused', 'no such code of an agent');
  if (enrolment.state !== 'open') throw refuse('enrolment.refused', `${enrolment.id} is ${enrolment.state}`);
  if (ground.clock() >= enrolment.expiresAt) throw refuse('enrolment.refused', `${enrolment.id} has expired`);
  return { tenant, enrolment };
}

async function requireIssuer(
  ground: Ground,
  tenant: TenantId,
  { id, issuedBy }: AgentEnrolment,
  agent: Agent,
): Promise<Person> {
  const person = await findPerson(ground, tenant, issuedBy);
  const may = person?.state === 'active' && (agent.owner === issuedBy || person.roles.includes('administrator'));
  if (person !== undefined && may) return person;
  throw refuse('enrolment.refused', `${issuedBy}, who issued ${id}, could not add a key of ${agent.id} any more`);
}
