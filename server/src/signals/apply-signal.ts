import type { TenantId } from '@ambit/protocol';
import { entry, planeItself, Refusal, span } from '../foundation/index.ts';
import {
  type Agent,
  disableBySignal,
  findPerson,
  listAgents,
  mayOwnAgents,
  moveAgent,
  reassignAgent,
} from '../identity/index.ts';
import { eventType } from './names.ts';
import type { By, Receiving } from './receiving.ts';
import { applied, findTransmitter, forgetReceived, listReceived } from './store.ts';
import type { Received, Transmitter } from './stream.ts';
import { setAgeSecondsMax } from './verify-set.ts';

const ownedMax = 10_000;

/**
 * What a believed signal does, told in one entry: the person is disabled, their agents are suspended or go to the named
 * successor, and all that hung on them ends. Done twice it does the same as once. `account-enabled` restores nobody: a
 * person does that, with their own name to it.
 */
export function applySignal(
  receiving: Receiving,
  tenant: TenantId,
  transmitter: Transmitter,
  received: Received,
): Promise<void> {
  return span('signals/apply', async () => {
    const { ground } = receiving;
    const who = { ...planeItself, initiator: transmitter.id, channel: 'signals', proof: 'signature' };
    const effect = await effectOf(receiving, { tenant, who }, transmitter, received);
    const told = entry({
      id: ground.newId('entry'),
      kind: 'signal.applied',
      who,
      ...(received.person !== null && { keys: [`ambit:person/${received.person}`] }),
      code: effect.did,
      detail: {
        transmitter: transmitter.id,
        jti: received.jti,
        type: received.type,
        person: received.person,
        ...effect,
      },
    });
    try {
      await ground.database.commit({ tenant, changes: [applied(received)], entries: [told] });
    } catch (error) {
      // Another node did the same meanwhile, and has told it.
      if (!(error instanceof Refusal) || error.code !== 'state.changed') throw error;
    }
  });
}

type Effect = { readonly did: string; readonly because?: string; readonly agents?: readonly string[] };

async function effectOf(
  receiving: Receiving,
  by: By,
  transmitter: Transmitter,
  { type, person }: Received,
): Promise<Effect> {
  if (person === null) return { did: 'nothing', because: 'no rule says who that is' };
  if (type === eventType.accountEnabled) return { did: 'nothing', because: 'a person restores, no signal does' };
  if (!transmitter.disablesOn.includes(type))
    return { did: 'nothing', because: 'the transmitter is not registered for that' };
  const reason = `${transmitter.name} says so: ${type.slice(type.lastIndexOf('/') + 1)}`;
  const found = await findPerson(receiving.ground, by.tenant, person);
  if (found === undefined) return { did: 'nothing', because: 'the person is not known any more' };
  try {
    if (found.state === 'active') await disableBySignal(receiving.ground, by, { person, reason });
  } catch (error) {
    // The last administrator stays: a transmitter locks nobody out of the plane.
    if (!(error instanceof Refusal)) throw error;
    return { did: 'refused', because: `${error.code}: ${error.because}` };
  }
  const owned = await listAgents(receiving.ground, by.tenant, { owner: person, limit: ownedMax });
  const agents: string[] = [];
  for (const agent of owned.filter(({ state }) => state !== 'retired')) {
    agents.push(`${await handOver(receiving, by, transmitter, agent, reason)} ${agent.id}`);
  }
  await receiving.ends.person(by, { person, reason });
  return { did: 'disabled', agents };
}

/** To the successor where one is named and can answer for it; suspended otherwise. */
async function handOver(
  { ground, ends }: Receiving,
  by: By,
  { agents, successor }: Transmitter,
  agent: Agent,
  reason: string,
): Promise<'reassigned' | 'suspended' | 'left'> {
  const heir = successor === null ? undefined : await findPerson(ground, by.tenant, successor);
  if (agents === 'reassign' && heir !== undefined && mayOwnAgents(heir) && heir.id !== agent.owner) {
    await reassignAgent(ground, by, { agent: agent.id, owner: heir.id, reason });
    return 'reassigned';
  }
  if (agent.state !== 'active') return 'left';
  const { agent: suspended } = await moveAgent(ground, by, agent, 'suspend', reason);
  await ends.agent(by, suspended, reason);
  return 'suspended';
}

const atOnceMax = 100;
/** Past the age at which a SET is refused anyway. */
const rememberedMs = setAgeSecondsMax * 1000 + 3_600_000;

/** What a crash left believed and without effect takes effect; what is too old to be replayed is forgotten. */
export async function sweepSignals(receiving: Receiving, tenant: TenantId): Promise<void> {
  const { ground } = receiving;
  for (const one of await listReceived(ground, tenant, 'received', atOnceMax)) {
    const transmitter = await findTransmitter(ground, tenant, one.transmitter);
    // One that came in this moment is being applied by whoever took it.
    if (transmitter !== undefined && ground.clock() - one.at > 2000)
      await applySignal(receiving, tenant, transmitter, one);
  }
  const old = (await listReceived(ground, tenant, 'applied', atOnceMax)).filter(
    ({ at }) => at < ground.clock() - rememberedMs,
  );
  if (old.length > 0) await ground.database.commit({ tenant, changes: old.map(forgetReceived), entries: [] });
}
