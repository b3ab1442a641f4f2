import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TemplateId, TenantId } from '@ambit/protocol';
import { backends, type TestStore } from '../../foundation/database/testing.ts';
import type { Agent } from '../agent.ts';
import { registerAgent } from '../register-agent.ts';
import { removeAgeLimit, setAgeLimit } from '../set-age-limit.ts';
import { foundTenant, type TestTenant } from '../testing.ts';
import { addTemplateKey } from './add-template-key.ts';
import { revokeTemplateKey } from './revoke-template-key.ts';
import { rotateTemplateKey } from './rotate-template-key.ts';
import { seeElsewhere } from './see-elsewhere.ts';
import * as store from './store.ts';
import { templateKeyHash, templateKeyHolds, tenantOfTemplateKey } from './template-key.ts';

const day = 86_400_000;
const kinds = ['template-key', 'key'] as const;

for (const backend of backends) {
  describe(`template keys on the ${backend.name} store`, { skip: backend.skip }, () => {
    let opened: TestStore;
    let acme: TestTenant;
    let other: TestTenant;
    let agent: Agent;
    before(async () => {
      opened = await backend.open();
      acme = await foundTenant(opened.ground, 'Acme');
      other = await foundTenant(opened.ground, 'Other');
      const made = await registerAgent(opened.ground, acme.admin.caller, {
        name: 'refund-bot',
        team: 'support',
        purpose: 'settles damaged orders',
        environment: 'production',
        zone: 'shop',
        expiresAt: opened.ground.clock() + 400 * day,
        ceiling: [],
        liveTasksMax: 5,
      });
      agent = made.agent;
    });
    after(() => opened.close());

    const add = (more: { expiresAt?: number } = {}) =>
      addTemplateKey(opened.ground, acme.admin.caller, {
        agent: agent.id,
        label: 'ticket tool',
        template: 'tpl_00000000000000000000' as TemplateId,
        parameters: { order: '1042' },
        templateDigest: 'sha-256:x',
        purpose: 'Notes on orders.',
        expiresAt: opened.ground.clock() + 30 * day,
        x5t: null,
        zone: ['10.0.0.0/8'],
        ...more,
      });
    const find = async (key: { readonly id: Parameters<typeof store.findTemplateKey>[2] }) =>
      (await store.findTemplateKey(opened.ground, acme.tenant, key.id))!;

    test('tenants do not touch: every read finds its own rows, and none of another tenant', async () => {
      const { key, secret } = await add();
      assert.equal(tenantOfTemplateKey(secret.unwrap()), acme.tenant);
      const hash = templateKeyHash(secret.unwrap());
      const reads: Record<string, (of: TenantId) => Promise<unknown>> = {
        findTemplateKey: (of) => store.findTemplateKey(opened.ground, of, key.id),
        findTemplateKeyBySecret: (of) => store.findTemplateKeyBySecret(opened.ground, of, hash),
        listTemplateKeys: async (of) => (await store.listTemplateKeys(opened.ground, of, agent.id))[0],
      };
      const named = Object.keys(store).filter((name) => /^(find|list)/.test(name));
      assert.deepEqual(named.sort(), Object.keys(reads).sort());
      for (const [name, read] of Object.entries(reads)) {
        assert.notEqual(await read(acme.tenant), undefined, name);
        assert.equal(await read(other.tenant), undefined, name);
      }
    });

    test('only its hash is in the row and in its entry', async () => {
      const { key, secret, entry } = await add();
      const [told] = await opened.ground.database.log.entries(acme.tenant, {
        kind: 'identity.template-key-added',
        limit: 1,
      });
      const text = JSON.stringify([key, told && opened.ground.database.log.open(told)]);
      assert.ok(!text.includes(secret.unwrap().slice(-43)));
      assert.ok(entry.startsWith('ent_') && JSON.stringify(secret) === undefined);
    });

    test('it has to end in time, and a shorter greatest age ends it sooner, as long as that is set', async () => {
      const now = opened.ground.clock();
      for (const expiresAt of [now, now + 91 * day])
        await assert.rejects(add({ expiresAt }), { code: 'template_key.lifetime' });
      const { key } = await add();
      for (const kind of kinds) {
        await setAgeLimit(opened.ground, acme.admin.caller, { of: kind, secondsMax: 3600, reason: 'x' });
        assert.equal((await find(key)).expiresAt, key.addedAt + 3_600_000, kind);
        await assert.rejects(add(), { code: 'template_key.lifetime' });
        await removeAgeLimit(opened.ground, acme.admin.caller, kind);
        assert.equal((await find(key)).expiresAt, key.expiresAt);
      }
      await setAgeLimit(opened.ground, acme.admin.caller, {
        of: 'template-key',
        secondsMax: 200 * 86_400,
        reason: 'x',
      });
      assert.equal((await add({ expiresAt: now + 199 * day })).key.expiresAt, now + 199 * day);
      await removeAgeLimit(opened.ground, acme.admin.caller, 'template-key');
    });

    test('replaced, both hold until the old one ends; revoked, it holds no more, and never again', async () => {
      const { ground } = opened;
      const { key } = await add();
      const when = { endsAt: ground.clock() + 1000, expiresAt: ground.clock() + 60 * day };
      const { key: next, old } = await rotateTemplateKey(ground, acme.admin.caller, key, when);
      assert.ok(templateKeyHolds(await find(old), when.endsAt - 1) && !templateKeyHolds(await find(old), when.endsAt));
      assert.deepEqual([next.replaces, next.zone, next.parameters], [key.id, key.zone, key.parameters]);
      const long = rotateTemplateKey(ground, acme.admin.caller, next, { ...when, endsAt: ground.clock() + 8 * day });
      await assert.rejects(long, { code: 'template_key.lifetime' });
      const named = { agent: agent.id, key: next.id };
      await revokeTemplateKey(ground, acme.admin.caller, named);
      assert.equal((await find(next)).state, 'revoked');
      await assert.rejects(revokeTemplateKey(ground, acme.admin.caller, named), { code: 'template_key.ended' });
      await assert.rejects(rotateTemplateKey(ground, acme.admin.caller, next, when), { code: 'template_key.ended' });
      await assert.rejects(revokeTemplateKey(ground, other.admin.caller, named), { code: 'thing.not_found' });
    });

    test('that it was elsewhere is told once an hour', async () => {
      const { ground } = opened;
      const { key } = await add();
      const told = async () => {
        const all = await ground.database.log.entries(acme.tenant, { kind: 'identity.credential-shared', limit: 100 });
        return all.filter(({ header }) => header.who.instance === key.id).length;
      };
      for (const [minutes, times] of [
        [0, 1],
        [59, 1],
        [2, 2],
      ] as const) {
        ground.clock.advance(minutes * 60_000);
        await seeElsewhere(ground, acme.tenant, key, 'it came from 192.0.2.1');
        assert.equal(await told(), times, `after ${minutes} minutes more`);
      }
    });

    test('an agent has at most twenty that hold', async () => {
      const { ground } = opened;
      const holding = async () =>
        (await store.listTemplateKeys(ground, acme.tenant, agent.id)).filter((one) =>
          templateKeyHolds(one, ground.clock()),
        );
      while ((await holding()).length < 20) await add();
      await assert.rejects(add(), { code: 'template_key.too_many' });
    });

    test('nothing about it changes without an entry', async () => {
      const { ground } = opened;
      const [key] = await store.listTemplateKeys(ground, acme.tenant, agent.id);
      assert.ok(key);
      const silent = ground.database.commit({
        tenant: acme.tenant,
        changes: [store.endTemplateKeyRow(key, { zone: null })],
        entries: [],
      });
      await assert.rejects(silent, 'a governed change goes with its entry');
    });
  });
}
