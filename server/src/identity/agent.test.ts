import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Agent, type AgentMove, type AgentState, requireActive, stateAfter } from './agent.ts';

const agentIn = (state: AgentState, expiresAt = 1000) => ({ state, expiresAt }) as Agent;

test('no sequence of moves leads out of retired, or to active without the owner’s activation (property)', () => {
  const moves: AgentMove[] = ['activate', 'suspend', 'resume', 'retire'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...moves), { maxLength: 12 }), (sequence) => {
      let state: AgentState = 'draft';
      let activated = false;
      for (const move of sequence) {
        const before: AgentState = state;
        try {
          state = stateAfter(agentIn(state), move);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'agent.wrong_state');
          continue;
        }
        activated ||= move === 'activate';
        assert.notEqual(before, 'retired');
        assert.ok(state !== 'active' || activated);
      }
    }),
  );
});

test('only an active agent within its time may act', () => {
  requireActive(agentIn('active'), 999);
  assert.throws(() => requireActive(agentIn('active'), 1000), { code: 'agent.expired' });
  for (const state of ['draft', 'suspended', 'retired'] as const) {
    assert.throws(() => requireActive(agentIn(state), 0), { code: 'agent.not_active' });
  }
});
