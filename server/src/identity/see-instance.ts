import type { AgentId, TenantId } from '@ambit/protocol';
import { asRefusal, entry, type Ground, planeItself, span } from '../foundation/index.ts';
import type { Agent, AgentInstance, WhenShared } from './agent.ts';
import { moveAgent } from './move-agent.ts';
import { agentResource } from './record.ts';
import { whenSharedOf } from './shared-rule.ts';
import {
  addAgentInstance,
  findAgent,
  findAgentInstance,
  findSharedRule,
  listAgentInstances,
  listInstancesWith,
  touchAgentInstance,
} from './store.ts';

/** What was just shown: a proof key, and the registered key or name that the agent proved itself by beside it. */
export type Seen = { readonly agent: AgentId; readonly jkt: string; readonly agentKey: string };

/** An agent that comes often is not noted each time: when it was last seen is known to within five seconds. */
const notedEveryMilliseconds = 5_000;
/** So long after it was last seen an instance counts as running. */
const runningMilliseconds = 3_600_000;

/**
 * Notes that an instance of the agent was seen with this proof key: a note, not a permission. Where the credential turns out
 * to be in two places at once, or with two agents, that becomes an entry, once for each instance; an agent whose owner or
 * organisation wants it so is suspended.
 */
export function seeInstance(ground: Ground, tenant: TenantId, seen: Seen): Promise<void> {
  return span('identity/see-instance', async () => {
    const agent = await findAgent(ground, tenant, seen.agent);
    if (agent === undefined) return;
    const known = await findAgentInstance(ground, tenant, seen.agent, seen.jkt);
    const others = [
      ...(await runningBeside(ground, tenant, agent, { ...seen, known })),
      ...(await ofOthers(ground, tenant, seen)),
    ];
    const isNews = others.length > 0 && !(known?.sharedAt && known.sharedAt >= sinceOf(agent));
    const notedSince = Math.max(ground.clock() - notedEveryMilliseconds + 1, sinceOf(agent));
    const wasJustNoted = known !== undefined && known.lastSeenAt >= notedSince;
    if (!isNews && wasJustNoted) return;
    const does = whenSharedOf(agent, await findSharedRule(ground, tenant));
    await note(ground, tenant, { agent, seen, known, others: isNews ? others : [], does });
    if (isNews && does === 'suspend') await suspend(ground, tenant, agent);
  });
}

const sinceOf = ({ activeSince, createdAt }: Agent): number => activeSince ?? createdAt;

/**
 * Others that prove themselves by the same credential and were seen since this one was last: they are there in turns. One
 * that began after another was gone is a restart, and nothing to tell.
 */
async function runningBeside(
  ground: Ground,
  tenant: TenantId,
  agent: Agent,
  { jkt, agentKey, known }: Seen & { readonly known: AgentInstance | undefined },
): Promise<readonly AgentInstance[]> {
  const running = Math.max(ground.clock() - runningMilliseconds, sinceOf(agent));
  if (known?.agentKey !== agentKey || known.lastSeenAt < running) return [];
  const { lastSeenAt } = known;
  const all = await listAgentInstances(ground, tenant, agent.id);
  return all.filter((one) => one.jkt !== jkt && one.agentKey === agentKey && one.lastSeenAt > lastSeenAt);
}

/** Instances of other agents with this very key: of two who hold one key nobody could say which it was. */
const ofOthers = async (ground: Ground, tenant: TenantId, { agent, jkt }: Seen): Promise<readonly AgentInstance[]> =>
  (await listInstancesWith(ground, tenant, jkt)).filter((one) => one.agent !== agent);

type Noted = {
  readonly agent: Agent;
  readonly seen: Seen;
  readonly known: AgentInstance | undefined;
  /** Empty where there is nothing to tell. */
  readonly others: readonly AgentInstance[];
  readonly does: WhenShared;
};

async function note(ground: Ground, tenant: TenantId, { agent, seen, known, others, does }: Noted): Promise<void> {
  const { jkt, agentKey } = seen;
  const now = ground.clock();
  const sharedAt = others.length > 0 ? now : (known?.sharedAt ?? null);
  const set = { lastSeenAt: now, agentKey, sharedAt };
  const change =
    known === undefined
      ? addAgentInstance({ agent: agent.id, jkt, firstSeenAt: now, ...set })
      : touchAgentInstance({ agent: agent.id, jkt }, set);
  const told = entry({
    id: ground.newId('entry'),
    kind: 'identity.credential-shared',
    who: { ...planeItself, agent: agent.id, instance: jkt },
    keys: [...new Set([agent.id, ...others.map((one) => one.agent)])].map(agentResource),
    detail: {
      agent: agent.id,
      jkt,
      agentKey,
      others: others.map(({ agent: of, jkt: with_, lastSeenAt }) => ({ agent: of, jkt: with_, lastSeenAt })),
      does,
    },
  });
  const unit = {
    tenant,
    changes: [change, ...others.map((one) => touchAgentInstance(one, { sharedAt: now }))],
    entries: others.length > 0 ? [told] : [],
  };
  await ground.database.commit(unit).catch((error: unknown) => {
    // Two requests of a new instance at once: the other one has noted it.
    if (asRefusal(error).code !== 'thing.exists') throw error;
  });
}

async function suspend(ground: Ground, tenant: TenantId, agent: Agent): Promise<void> {
  if (agent.state !== 'active') return;
  const by = { tenant, who: { ...planeItself, agent: agent.id } };
  const reason = 'its credential is used by two instances at once, or by two agents; its owner may resume it';
  await moveAgent(ground, by, agent, 'suspend', reason).catch((error: unknown) => {
    // Somebody moved it meanwhile: whoever comes next sees it again.
    if (asRefusal(error).code !== 'state.changed') throw error;
  });
}
