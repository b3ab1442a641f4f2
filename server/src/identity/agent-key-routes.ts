import { anything, boolean, integer, object, oneOf, optional, text } from '@ambit/protocol';
import { type Ground, type Route, route } from '../foundation/index.ts';
import { addAgentKey } from './add-agent-key.ts';
import { agentTold, whenSharedChoices } from './agent.ts';
import { agentEnrolmentSecondsMax, enrolledKeySecondsMax } from './enrolments/agent-enrolment.ts';
import { issueAgentEnrolment } from './enrolments/issue-agent-enrolment.ts';
import { withdrawAgentEnrolments } from './enrolments/withdraw-agent-enrolments.ts';
import { idIn } from './id-in.ts';
import { lowersByShared, lowersBySharedOf, lowersForAgent } from './lowers.ts';
import { revokeAgentKey } from './revoke-agent-key.ts';
import { rotateAgentKey } from './rotate-agent-key.ts';
import { setSharedRule } from './set-shared-rule.ts';
import { setWhenShared } from './set-when-shared.ts';
import { findSharedRule } from './store.ts';

const time = integer({ min: 0, max: 253_402_300_799_000 });

export function agentKeyRoutes(ground: Ground): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/agents/:agent/keys',
      who: 'person',
      says: 'Adds a public key to an agent beside those it has; its owner or an administrator may.',
      body: object({ jwk: anything(), notBefore: optional(time), notAfter: optional(time) }),
      lowers: ({ caller, params }) => lowersForAgent(ground, caller, idIn('agent', params, 'agent')),
      run: async ({ caller, params, body }) => {
        const { key, entry } = await addAgentKey(ground, caller, { agent: idIn('agent', params, 'agent'), ...body });
        return { status: 201, body: key, entry };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/agents/:agent/keys/:key/rotate',
      who: 'person',
      says: 'Puts a new key beside this one, which ends at the stated time, with or without its tasks; the owner of the agent may.',
      body: object({ jwk: anything(), endsAt: time, movesTasks: boolean() }),
      run: async ({ caller, params, body }) => {
        const named = { agent: idIn('agent', params, 'agent'), old: idIn('key', params, 'key') };
        const { key, old, entry } = await rotateAgentKey(ground, caller, { ...named, ...body });
        return { status: 201, body: { key, old }, entry };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/agents/:agent/enrolments',
      who: 'person',
      says: 'Issues a one-time code by which the agent enrols a key of its own; its owner or an administrator may.',
      body: object({
        ttlSeconds: optional(integer({ min: 30, max: agentEnrolmentSecondsMax })),
        keySeconds: optional(integer({ min: 60, max: enrolledKeySecondsMax })),
      }),
      lowers: ({ caller, params }) => lowersForAgent(ground, caller, idIn('agent', params, 'agent')),
      run: async ({ caller, params, body }) => {
        const wanted = { agent: idIn('agent', params, 'agent'), ...body };
        const { code, enrolment, entry } = await issueAgentEnrolment(ground, caller, wanted);
        const { agent, expiresAt, keySeconds } = enrolment;
        return { status: 201, body: { agent, code: code.unwrap(), expiresAt, keySeconds }, entry };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/agents/:agent/enrolments',
      who: 'person',
      says: 'Withdraws the codes that are open for an agent, and answers which; its owner or an administrator may.',
      run: async ({ caller, params }) => {
        const { withdrawn, entry } = await withdrawAgentEnrolments(ground, caller, idIn('agent', params, 'agent'));
        return { status: 200, body: { withdrawn }, entry };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/agents/:agent/keys/:key',
      who: 'person',
      says: 'Revokes a key of an agent; its owner or an administrator may.',
      run: async ({ caller, params }) => {
        const named = { agent: idIn('agent', params, 'agent'), key: idIn('key', params, 'key') };
        return { status: 204, ...(await revokeAgentKey(ground, caller, named)) };
      },
    }),
    route({
      method: 'PUT',
      path: '/v1/agents/:agent/when-shared',
      who: 'person',
      says: 'Sets whether an agent whose credential is used in two places at once is recorded or suspended, never laxer than for all; its owner or an administrator may.',
      body: object({ whenShared: oneOf(...whenSharedChoices), reason: text({ max: 500 }) }),
      lowers: ({ caller, params, body }) =>
        lowersBySharedOf(ground, caller, idIn('agent', params, 'agent'), body.whenShared),
      run: async ({ caller, params, body }) => {
        const { agent, entry } = await setWhenShared(ground, caller, {
          agent: idIn('agent', params, 'agent'),
          ...body,
        });
        return { status: 200, body: agentTold(agent), entry };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/when-shared',
      who: 'person',
      says: 'What happens at the least where a credential of any agent is used in two places at once.',
      run: async ({ caller }) => ({
        status: 200,
        body: (await findSharedRule(ground, caller.tenant)) ?? { whenShared: 'record', setBy: null },
      }),
    }),
    route({
      method: 'PUT',
      path: '/v1/when-shared',
      who: 'administrator',
      says: 'Sets that for all agents of the organisation; what an owner says of one agent can only be stricter.',
      body: object({ whenShared: oneOf(...whenSharedChoices), reason: text({ max: 500 }) }),
      lowers: ({ caller, body }) => lowersByShared(ground, caller, body.whenShared),
      run: async ({ caller, body }) => {
        const { rule, entry } = await setSharedRule(ground, caller, body);
        return { status: 200, body: rule, entry };
      },
    }),
  ];
}
