import type { AgentId, EntryId, KeyId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { newAgentKey } from './add-agent-key.ts';
import { type AgentKey, requireOwner } from './agent.ts';
import { requireAgent } from './move-agent.ts';
import { agentResource, record } from './record.ts';
import { addAgentKeyRow, agentUnchanged, endAgentKeyRow, findAgentKey } from './store.ts';

export type Rotation = {
  readonly agent: AgentId;
  /** The key that is replaced. */
  readonly old: KeyId;
  /** Public half of the new one. */
  readonly jwk: unknown;
  /** Epoch milliseconds at which the old one ends, if it does not end sooner; until then both hold. */
  readonly endsAt: number;
  /** Whether tasks that the old key accepted are the new one's too. */
  readonly movesTasks: boolean;
};

/**
 * Puts a new key beside an old one and says when the old one ends, in one unit; both hold until then, so that nothing has to
 * stop. INVARIANT (stolen key): a task goes on with the new key only where the owner says so here, and only at the instance
 * that accepted it: its proof key stays what it was.
 */
export function rotateAgentKey(
  ground: Ground,
  by: PersonCaller,
  { agent: id, old: oldId, jwk, endsAt, movesTasks }: Rotation,
): Promise<{ key: AgentKey; old: AgentKey; entry: EntryId }> {
  return span('identity/rotate-agent-key', async () => {
    const agent = await requireAgent(ground, by.tenant, id);
    requireOwner(by, agent);
    const before = await findAgentKey(ground, by.tenant, oldId);
    if (before?.agent !== id) throw refuse('thing.not_found', `agent ${id} has no key ${oldId}`);
    if (endsAt <= ground.clock()) {
      throw refuse(
        'request.malformed',
        `the old key would end at ${endsAt}`,
        'endsAt must lie in the future: the two overlap.',
      );
    }
    const key = await newAgentKey(ground, by, agent, { agent: id, jwk });
    const ended = { notAfter: Math.min(before.notAfter, endsAt), successor: movesTasks ? key.thumbprint : null };
    const entry = await record(ground, by, {
      kind: 'identity.agent-key-rotated',
      keys: [agentResource(id)],
      checks: [agentUnchanged(agent)],
      changes: [endAgentKeyRow(before, ended), addAgentKeyRow(key)],
      detail: {
        agent: id,
        old: oldId,
        oldEndsAt: ended.notAfter,
        key: key.id,
        thumbprint: key.thumbprint,
        notAfter: key.notAfter,
        movesTasks,
      },
    });
    return { key, old: { ...before, ...ended }, entry };
  });
}
