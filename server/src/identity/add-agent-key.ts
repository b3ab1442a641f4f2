import type { AgentId, EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { type AgeLimit, tooOldAt } from './age.ts';
import { type Agent, type AgentKey, requireOwnerOrAdministrator } from './agent.ts';
import { readPublicKey } from './key.ts';
import { requireAgent } from './move-agent.ts';
import { agentResource, record } from './record.ts';
import { addAgentKeyRow, agentUnchanged, listAgeLimits, listAgentKeys, listPersonKeysWith } from './store.ts';

export type NewAgentKey = {
  readonly agent: AgentId;
  readonly jwk: unknown;
  /** Epoch milliseconds; now, unless said. */
  readonly notBefore?: number | undefined;
  /** Epoch milliseconds; with the agent itself, unless said. */
  readonly notAfter?: number | undefined;
  /** What brought it, where no person did. */
  readonly enrolledBy?: AgentKey['enrolledBy'];
};

/** On whose word a key is added. */
type Adding = Pick<PersonCaller, 'tenant' | 'person'>;

const activeKeysMax = 10;

/**
 * Registers one more public key of an agent; the ones before it stay valid, so that keys can be replaced without a gap.
 * INVARIANT (stolen key): only the owner or an administrator adds keys. No credential of an agent leads here; what may bring
 * one for a while is in `enrolments/`.
 */
export function addAgentKey(
  ground: Ground,
  by: PersonCaller,
  input: NewAgentKey,
): Promise<{ key: AgentKey; entry: EntryId }> {
  return span('identity/add-agent-key', async () => {
    const agent = await requireAgent(ground, by.tenant, input.agent);
    requireOwnerOrAdministrator(by, agent);
    const key = await newAgentKey(ground, by, agent, input);
    const entry = await record(ground, by, {
      kind: 'identity.agent-key-added',
      keys: [agentResource(agent.id)],
      checks: [agentUnchanged(agent)],
      changes: [addAgentKeyRow(key)],
      detail: {
        agent: agent.id,
        key: key.id,
        thumbprint: key.thumbprint,
        notBefore: key.notBefore,
        notAfter: key.notAfter,
      },
    });
    return { key, entry };
  });
}

/** A key to be added, or a refusal: the agent is retired, has too many, or the key would not hold. */
export async function newAgentKey(ground: Ground, by: Adding, agent: Agent, input: NewAgentKey): Promise<AgentKey> {
  if (agent.state === 'retired') throw refuse('agent.wrong_state', `agent ${agent.id} is retired`);
  const present = await listAgentKeys(ground, by.tenant, agent.id);
  const now = ground.clock();
  if (present.filter((key) => key.state === 'active' && key.notAfter > now).length >= activeKeysMax) {
    throw refuse('state.changed', 'too many active keys', `Revoke a key first: an agent has at most ${activeKeysMax}.`);
  }
  const key = newKey(ground, by, agent, input, await listAgeLimits(ground, by.tenant));
  const [persons] = await listPersonKeysWith(ground, by.tenant, key.thumbprint);
  if (persons !== undefined) throw refuse('key.known', `key ${key.thumbprint} is one of ${persons.person}`);
  return key;
}

function newKey(ground: Ground, by: Adding, agent: Agent, input: NewAgentKey, ages: readonly AgeLimit[]): AgentKey {
  const { jwk, thumbprint } = readPublicKey(input.jwk);
  const addedAt = ground.clock();
  const notBefore = input.notBefore ?? addedAt;
  const tooOld = tooOldAt(ages, 'key', addedAt);
  const notAfter = Math.min(input.notAfter ?? agent.expiresAt, agent.expiresAt, tooOld);
  if (notAfter <= Math.max(notBefore, addedAt)) {
    throw refuse(
      'request.malformed',
      `the key would hold from ${notBefore} to ${notAfter}`,
      'notAfter must lie after notBefore and now.',
    );
  }
  return {
    id: ground.newId('key'),
    agent: agent.id,
    jwk,
    thumbprint,
    notBefore,
    notAfter,
    state: 'active',
    addedBy: by.person,
    addedAt,
    successor: null,
    enrolledBy: input.enrolledBy ?? null,
  };
}
