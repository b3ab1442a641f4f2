import { id, integer, list, nullable, object, optional, parseId, record, text } from '@ambit/protocol';
import { type Ground, type PersonCaller, type Route, refuse, route } from '../../foundation/index.ts';
import {
  findAgent,
  findAgentInstance,
  listTemplateKeys,
  lowersForAgent,
  requireOwnerOrAdministrator,
  type TemplateKey,
  templateKeyHolds,
} from '../../identity/index.ts';
import type { OpenLimits } from '../open.ts';
import { issueTemplateKey, renewTemplateKey } from './issue-template-key.ts';

const time = integer({ min: 0, max: 253_402_300_799_000 });

/** What people do with static keys; revoking one is a room further, where its tasks end with it. */
export function templateKeyRoutes(ground: Ground, limits: OpenLimits): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/agents/:agent/template-keys',
      who: 'person',
      body: object({
        label: text({ max: 80 }),
        template: id('template'),
        parameters: record(text({ max: 200 })),
        purpose: text({ max: 500 }),
        expiresAt: time,
        x5t: optional(nullable(text({ max: 64 }))),
        zone: optional(nullable(list(text({ max: 64 }), { max: 16 }))),
      }),
      says: 'Makes a static key for tasks of one template, bound to a certificate or a zone, and answers it once; the agent’s owner or an administrator may.',
      lowers: ({ caller, params }) => lowersForAgent(ground, caller, idOf('agent', params.agent)),
      run: async ({ caller, params, body: { x5t = null, zone = null, ...body } }) => {
        const wanted = { agent: idOf('agent', params.agent), ...body, x5t, zone };
        const { key, secret, entry } = await issueTemplateKey(ground, caller, wanted, limits);
        return { status: 201, body: { ...(await shown(ground, caller, key)), secret: secret.unwrap() }, entry };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/agents/:agent/template-keys',
      who: 'person',
      says: 'The static keys of an agent, newest first, with when each was last used; for its owner or an administrator.',
      run: async ({ caller, params }) => {
        const of = idOf('agent', params.agent);
        const agent = await findAgent(ground, caller.tenant, of);
        if (agent === undefined) throw refuse('thing.not_found', `no agent ${of}`);
        requireOwnerOrAdministrator(caller, agent);
        const keys = await listTemplateKeys(ground, caller.tenant, agent.id);
        return { status: 200, body: { keys: await Promise.all(keys.map((key) => shown(ground, caller, key))) } };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/agents/:agent/template-keys/:key/rotate',
      who: 'person',
      body: object({ endsAt: time, expiresAt: time }),
      says: 'Makes the same key anew, and says when the old one ends; the agent’s owner or an administrator may.',
      lowers: ({ caller, params }) => lowersForAgent(ground, caller, idOf('agent', params.agent)),
      run: async ({ caller, params, body }) => {
        const named = { agent: idOf('agent', params.agent), key: idOf('templateKey', params.key) };
        const { key, old, secret, entry } = await renewTemplateKey(ground, caller, named, body, limits);
        const [now, before] = await Promise.all([shown(ground, caller, key), shown(ground, caller, old)]);
        return { status: 201, body: { key: { ...now, secret: secret.unwrap() }, old: before }, entry };
      },
    }),
  ];
}

/** A hash is of no use to a reader. */
async function shown(ground: Ground, { tenant }: PersonCaller, { secretHash: _, ...key }: TemplateKey) {
  const seen = await findAgentInstance(ground, tenant, key.agent, key.id);
  return {
    ...key,
    holds: templateKeyHolds({ secretHash: '', ...key }, ground.clock()),
    lastUsedAt: seen?.lastSeenAt || null,
    /** When it was last tried from elsewhere. */
    sharedAt: seen?.sharedAt ?? null,
  };
}

function idOf<K extends 'agent' | 'templateKey'>(kind: K, given: string | undefined) {
  const found = parseId(kind, given);
  if (found === undefined) throw refuse('thing.not_found', `${given} is no id of one`);
  return found;
}
