import { type AgentCaller, type Ground, type RawRequest, Refusal, refuse, span } from '../foundation/index.ts';
import { coversWhatCame, kindOf } from '../identity/index.ts';
import { requireAlive } from './alive.ts';
import { type Issuer, metadataOf } from './issuer.ts';
import { challenged, schemeOf, type TokenFor, verify } from './verify.ts';

/**
 * Proves the agent behind a request to the plane's own API: token, proof or certificate, body, and that the token still
 * stands. A proof is spent durably before anything is done. `agent` takes tokens without a task, `agent-task` those of a task.
 */
export function asAgent(
  ground: Ground,
  issuer: Issuer,
  who: 'agent' | 'agent-task',
  request: RawRequest,
): Promise<AgentCaller> {
  return span('tokens/as-agent', async () => {
    const tokenFor: TokenFor = who === 'agent' ? 'plane' : 'task';
    const proved = verify(issuer, request, ground.clock(), { tokenFor, channel: 'api' });
    const { caller } = proved;
    try {
      if (proved.proof !== null) coversWhatCame(proved.proof, request.body);
      if (caller.token === null) throw refuse('token.missing', 'it came without a token');
      const { agent } = await requireAlive(ground, caller.tenant, caller.token);
      const { spend } = proved;
      if (spend.length > 0) await ground.database.commit({ tenant: caller.tenant, changes: spend, entries: [] });
      const { environment, zone } = agent;
      return { ...caller, who: { ...caller.who, environment, zone, kind: kindOf(agent) } };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw challenged(error, schemeOf(caller), metadataOf(issuer, tokenFor));
    }
  });
}
