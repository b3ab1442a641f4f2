import { type EntryId, parseId, type TenantId, type Who } from '@ambit/protocol';
import { type Ground, planeItself, refuse, span } from '../../foundation/index.ts';
import { newAgentKey } from '../add-agent-key.ts';
import { type Agent, type AgentKey, keyHolds, kindOf } from '../agent.ts';
import type { AgentIdentity } from '../agent-identity.ts';
import type { ClientCredentials } from '../clients/client-method.ts';
import type { Proof } from '../proof.ts';
import { type ProvedAgent, type ProvingGround, proveAgent } from '../prove-agent.ts';
import { agentResource, record } from '../record.ts';
import { spendProof } from '../spend-proof.ts';
import { addAgentKeyRow, agentIdentityStands, changeAgent, findAgentIdentity, listAgentKeys } from '../store.ts';

/** Fewer than an agent may have in all, so that its owner can always add one. */
const keysPerIdentityMax = 5;

/**
 * Brings the key that signed `proof` to the agent that the workload is, where the owner said so of this very identity; for
 * the time that was said. The same key again answers what is there.
 * INVARIANT (stolen key): what adds a key is an outside identity that a person allowed it, and never a key.
 */
export function enrolAgentKey(
  ground: Ground,
  issuer: ProvingGround,
  credentials: Omit<ClientCredentials, 'holder'>,
  proof: Proof,
): Promise<{ key: AgentKey; entry: EntryId | null }> {
  return span('identity/enrol-agent-key', async () => {
    // A token from outside counts with the key that it came with first: whoever copied it enrols no other.
    const holder = { jkt: proof.jkt, x5t: null };
    const proved = await proveAgent(ground, issuer, { ...credentials, holder });
    const { tenant, agent } = proved;
    const { identity, keySeconds } = await requireEnrolling(ground, proved);
    const now = ground.clock();
    const mine = (await listAgentKeys(ground, tenant, agent.id)).filter((one) => one.enrolledBy === identity.id);
    const spend = [...proved.spend, spendProof(proof)];
    const known = mine.find((one) => one.thumbprint === proof.jkt && keyHolds(one, now));
    if (known !== undefined) {
      await ground.database.commit({ tenant, changes: spend, entries: [] });
      return { key: known, entry: null };
    }
    if (mine.filter((one) => keyHolds(one, now)).length >= keysPerIdentityMax) {
      const says = `Go on with a key that is enrolled: one identity has at most ${keysPerIdentityMax} that hold.`;
      throw refuse('state.changed', `${identity.id} has enrolled ${keysPerIdentityMax} keys that hold`, says);
    }
    const key = await newAgentKey(ground, { tenant, person: identity.addedBy }, agent, {
      agent: agent.id,
      jwk: proof.jwk,
      notAfter: now + keySeconds * 1000,
      enrolledBy: identity.id,
    });
    const entry = await record(
      ground,
      { tenant, who: enrollingAgent(agent, proof, proved.method) },
      {
        kind: 'identity.agent-key-enrolled',
        keys: [agentResource(agent.id)],
        checks: [agentIdentityStands(identity)],
        // Two at once do not both take the last place: the agent's epoch goes on.
        changes: [...spend, addAgentKeyRow(key), changeAgent(agent, {})],
        detail: {
          agent: agent.id,
          key: key.id,
          thumbprint: key.thumbprint,
          notAfter: key.notAfter,
          enrolledBy: identity.id,
        },
      },
    );
    return { key, entry };
  });
}

export const enrollingAgent = (agent: Agent, proof: Proof, by: string): Who => ({
  ...planeItself,
  agent: agent.id,
  kind: kindOf(agent),
  initiator: agent.id,
  instance: proof.jkt,
  channel: 'api',
  proof: by,
});

async function requireEnrolling(
  ground: Ground,
  { tenant, agent, agentKey }: Pick<ProvedAgent, 'agent' | 'agentKey'> & { readonly tenant: TenantId },
): Promise<{ readonly identity: AgentIdentity; readonly keySeconds: number }> {
  const id = parseId('agentIdentity', agentKey);
  const identity = id && (await findAgentIdentity(ground, tenant, id));
  if (identity === undefined || identity.agent !== agent.id)
    throw refuse('identity.enrols_no_key', `${agent.id} proved itself by the key ${agentKey}`);
  const { keySeconds } = identity;
  if (keySeconds === null) throw refuse('identity.enrols_no_key', `nobody said that ${identity.id} may enrol keys`);
  return { identity, keySeconds };
}
