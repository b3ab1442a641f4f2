import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { backends, type TestStore } from '../../foundation/database/testing.ts';
import type { Change } from '../../foundation/index.ts';
import { bearerHash } from '../bearer.ts';
import { record } from '../record.ts';
import { registerAgent } from '../register-agent.ts';
import { foundTenant, type TestTenant } from '../testing.ts';
import { issueAgentEnrolment } from './issue-agent-enrolment.ts';
import * as store from './store.ts';

for (const backend of backends) {
  describe(`enrolments of agents on the ${backend.name} store`, { skip: backend.skip }, () => {
    let opened: TestStore;
    let acme: TestTenant;
    let other: TestTenant;
    before(async () => {
      opened = await backend.open();
      acme = await foundTenant(opened.ground, 'Acme');
      other = await foundTenant(opened.ground, 'Other');
    });
    after(() => opened.close());

    test('tenants do not touch, one code of an agent is open, and it is kept as a hash', async () => {
      const { ground } = opened;
      const { caller } = acme.admin;
      const { agent } = await registerAgent(ground, caller, {
        name: 'refund-bot',
        team: 'support',
        purpose: 'settles damaged orders',
        environment: 'production',
        zone: 'shop',
        expiresAt: ground.clock() + 86_400_000,
        ceiling: [],
        liveTasksMax: 5,
      });
      const first = await issueAgentEnrolment(ground, caller, { agent: agent.id });
      const { code, enrolment } = await issueAgentEnrolment(ground, caller, { agent: agent.id, keySeconds: 3600 });
      const reads = async (of: typeof acme.tenant) => [
        await store.findAgentEnrolmentByCode(ground, of, bearerHash(code.unwrap())),
        ...(await store.listOpenAgentEnrolments(ground, of, agent.id)),
      ];
      assert.deepEqual(await reads(acme.tenant), [enrolment, enrolment]);
      assert.deepEqual(await reads(other.tenant), [undefined]);
      const before = await store.findAgentEnrolmentByCode(ground, acme.tenant, bearerHash(first.code.unwrap()));
      assert.equal(before?.state, 'withdrawn');
      assert.equal(JSON.stringify(enrolment).includes(code.unwrap()), false);
      const commit = (change: Change) =>
        record(ground, caller, { kind: 'identity.agent-key-enrolled', keys: [], changes: [change], detail: {} });
      await commit(store.useAgentEnrolment(enrolment.id));
      await assert.rejects(commit(store.withdrawAgentEnrolment(enrolment.id)), { code: 'state.changed' });
    });
  });
}
