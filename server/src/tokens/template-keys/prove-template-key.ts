import { capacityOf, type TenantId } from '@ambit/protocol';
import { type Ground, planeItself, type RawRequest, refuse, span } from '../../foundation/index.ts';
import {
  elsewhereBecause,
  findAgent,
  findTemplateKeyBySecret,
  kindOf,
  onlyHeader,
  type Seen,
  seeElsewhere,
  seeInstance,
  type TemplateKey,
  templateKeyHash,
  templateKeyHolds,
  tenantOfTemplateKey,
} from '../../identity/index.ts';
import { type OpenLimits, taskOfKey } from '../../tasks/index.ts';
import { AuthenticatedCaller } from '../authenticated-caller.ts';

/** The static key that a request came with, as text; undefined where it came with something else. */
export const templateKeyIn = ({ rawHeaders }: Pick<RawRequest, 'rawHeaders'>): string | undefined =>
  /^Bearer (ambk_[\x21-\x7e]{1,200})$/i.exec(onlyHeader(rawHeaders, 'authorization') ?? '')?.[1];

/** A key that was made here. It says whose it is; whether it is good, and from here, is another question. */
export type KnownTemplateKey = { readonly tenant: TenantId; readonly key: TemplateKey };

export async function requireKnownTemplateKey(ground: Ground, text: string): Promise<KnownTemplateKey> {
  const tenant = tenantOfTemplateKey(text);
  const key = tenant && (await findTemplateKeyBySecret(ground, tenant, templateKeyHash(text)));
  if (tenant !== undefined && key !== undefined) return { tenant, key };
  throw refuse('template_key.unknown', 'no template key has that hash');
}

/**
 * Proves an agent whose client can send one header and no more, for this one request: the key has to hold and to come from
 * where it is bound to. INVARIANT (no bearer): no token is made of it that could be taken elsewhere.
 */
export function proveTemplateKey(
  ground: Ground,
  { tenant, key }: KnownTemplateKey,
  seen: Seen,
  limits: OpenLimits,
): Promise<AuthenticatedCaller> {
  return span('tokens/prove-template-key', async () => {
    const now = ground.clock();
    if (!templateKeyHolds(key, now)) {
      const until = new Date(key.expiresAt).toISOString();
      const ended = refuse('template_key.ended', `${key.id} is ${key.state}, and holds until ${until}`);
      throw key.state === 'active' ? ended.with({ values: { until: key.expiresAt } }) : ended;
    }
    const agent = await findAgent(ground, tenant, key.agent);
    if (agent?.state !== 'active') throw refuse('agent.not_active', `agent ${key.agent} is ${agent?.state ?? 'gone'}`);
    const elsewhere = elsewhereBecause(key, seen, now);
    if (elsewhere !== null) {
      await seeElsewhere(ground, tenant, key, elsewhere);
      throw refuse('template_key.elsewhere', `${key.id}: ${elsewhere}`);
    }
    const named = { agent: agent.id, jkt: key.id, agentKey: key.id };
    await seeInstance(ground, tenant, named);
    const task = await taskOfKey(ground, tenant, key, limits);
    const who = {
      ...planeItself,
      agent: agent.id,
      kind: kindOf(agent),
      capacity: capacityOf(null),
      initiator: agent.id,
      instance: key.id,
      channel: 'gateway',
      proof: 'template-key',
    };
    return new AuthenticatedCaller({ kind: 'agent', tenant, ...named, token: null, task: task.id, who }, null, null);
  });
}
