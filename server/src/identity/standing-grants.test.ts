import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Authority } from '@ambit/protocol';
import Sqlite from 'better-sqlite3';
import { openTestStore, type TestStore } from '../foundation/database/testing.ts';
import { activateAgent } from './activate-agent.ts';
import type { Agent } from './agent.ts';
import { disablePerson } from './disable-person.ts';
import { liveStandingGrants, personFacts } from './facts.ts';
import { registerAgent } from './register-agent.ts';
import { revokePersonKey } from './revoke-person-key.ts';
import { revokeStandingGrant } from './revoke-standing-grant.ts';
import { signStandingGrant } from './sign-standing-grant.ts';
import type { StandingGrantDocument } from './standing-grant.ts';
import { foundTenant, type Member, signDocument, type TestTenant, testKey } from './testing.ts';

const reads: Authority = [{ type: 'ambit_grant', actions: ['shop:orders.get'] }];
const pays: Authority = [{ type: 'ambit_grant', actions: ['shop:payroll.pay'] }];
let opened: TestStore;
let acme: TestTenant;
let mallory: Member;
let named = 0;
before(async () => {
  opened = await openTestStore();
  acme = await foundTenant(opened.ground, 'Acme');
  mallory = await acme.join('Mallory', { delegable: [...reads, ...pays] });
});
after(() => opened.close());

type Owned = { readonly owner: Member; readonly agent: Agent };

async function owned(
  delegable: Authority = [...reads, ...pays],
  ceiling: Authority = [...reads, ...pays],
): Promise<Owned> {
  const { ground } = opened;
  const owner = await acme.join(`Alice ${named}`, { delegable });
  const { agent } = await registerAgent(ground, owner.caller, {
    name: `tidy-bot-${named++}`,
    team: 'support',
    purpose: 'tidies orders',
    environment: 'production',
    zone: 'shop',
    expiresAt: ground.clock() + 86_400_000,
    ceiling,
    liveTasksMax: 5,
  });
  return { owner, agent: (await activateAgent(ground, owner.caller, agent.id)).agent };
}

const documentFor = ({ owner, agent }: Owned, more: Partial<StandingGrantDocument> = {}): StandingGrantDocument => ({
  type: 'ambit_standing_grant',
  tenant: acme.tenant,
  agent: agent.id,
  owner: owner.person.id,
  authority: reads,
  liveTasksMax: 2,
  taskSecondsMax: 600,
  issuedAt: opened.ground.clock(),
  expiresAt: opened.ground.clock() + 3_600_000,
  ...more,
});

function sign(of: Owned, more: Partial<StandingGrantDocument> = {}, signer: Member = of.owner, by: Member = of.owner) {
  const document = documentFor(of, more);
  return signStandingGrant(opened.ground, by.caller, { document, signature: signDocument(signer.key, document) });
}
const live = ({ agent }: Owned) => liveStandingGrants(opened.ground, acme.tenant, agent.id);

describe('a standing grant', () => {
  test('that the owner signed is what the agent may do unasked, until it expires', async () => {
    const one = await owned();
    const { grant } = await sign(one);
    const [found] = await live(one);
    assert.equal(found?.id, grant.id);
    assert.deepEqual(found?.authority, reads);
    assert.equal(found?.liveTasksMax, 2);
    opened.ground.clock.advance(3_600_000);
    assert.deepEqual(await live(one), []);
  });

  test('stands in the log with every word of it, its signature, and the key that made it', async () => {
    const pair = await owned();
    const { grant, entry } = await sign(pair);
    const { log } = opened.ground.database;
    const told = await log.entry(acme.tenant, entry);
    assert.ok(told);
    const { document, signature } = grant;
    const { key, ...detail } = log.open(told)?.detail ?? assert.fail('it has a detail');
    assert.deepEqual(detail, { grant: grant.id, document, signature });
    const { jwk } = pair.owner.key;
    assert.deepEqual({ ...(key as object), id: null }, { id: null, kind: 'cli', jwk, passkey: null });
  });

  test('ends with its revocation, its owner, and the key that signed it', async () => {
    const { ground } = opened;
    const [revoked, left, keyless] = [await owned(), await owned(), await owned()];
    const { grant } = await sign(revoked);
    await sign(left);
    await sign(keyless);
    await assert.rejects(revokeStandingGrant(ground, mallory.caller, grant.id), { code: 'agent.not_owner' });
    await revokeStandingGrant(ground, acme.admin.caller, grant.id);
    await assert.rejects(revokeStandingGrant(ground, acme.admin.caller, grant.id), {
      code: 'standing_grant.not_active',
    });
    await disablePerson(ground, acme.admin.caller, { person: left.owner.person.id, reason: 'left' });
    const [key] = (await personFacts(ground, acme.tenant, keyless.owner.person.id))?.keys ?? [];
    assert.ok(key);
    await revokePersonKey(ground, keyless.owner.caller, key.id);
    for (const one of [revoked, left, keyless]) assert.deepEqual(await live(one), []);
  });
});

describe('a standing grant is refused', () => {
  test('without the signature of the owner’s own enrolled key over exactly this document', async () => {
    const one = await owned();
    await assert.rejects(sign(one, {}, mallory), { code: 'signature.invalid' });
    await assert.rejects(sign(one, {}, { ...one.owner, key: testKey() }), { code: 'signature.invalid' });
    const document = documentFor(one);
    const signature = signDocument(one.owner.key, document);
    for (const changed of [{ liveTasksMax: 3 }, { authority: pays }, { expiresAt: document.expiresAt + 1 }]) {
      const attempt = signStandingGrant(opened.ground, one.owner.caller, {
        document: { ...document, ...changed },
        signature,
      });
      await assert.rejects(attempt, { code: 'signature.invalid' });
    }
    assert.deepEqual(await live(one), []);
  });

  test('from anybody but the owner, however well it is signed', async () => {
    const one = await owned();
    await assert.rejects(sign(one, { owner: mallory.person.id }, mallory, mallory), { code: 'agent.not_owner' });
    await assert.rejects(sign(one, {}, one.owner, acme.admin), { code: 'agent.not_owner' });
    await assert.rejects(sign(one, { owner: mallory.person.id }), { code: 'signature.invalid' });
    await assert.rejects(sign(one, { tenant: 'ten_00000000000000000000' as typeof acme.tenant }), {
      code: 'signature.invalid',
    });
  });

  test('beyond what the owner may delegate or the ceiling of the agent', async () => {
    const narrow = await owned(reads, [...reads, ...pays]);
    await assert.rejects(sign(narrow, { authority: pays }), {
      code: 'standing_grant.exceeds',
      says: /you may delegate/,
    });
    const low = await owned([...reads, ...pays], reads);
    await assert.rejects(sign(low, { authority: pays }), {
      code: 'standing_grant.exceeds',
      says: /ceiling of the agent/,
    });
  });

  test('that lives longer than the agent, has ended, or was signed at another time', async () => {
    const one = await owned();
    const now = opened.ground.clock();
    await assert.rejects(sign(one, { expiresAt: one.agent.expiresAt + 1 }), { code: 'standing_grant.exceeds' });
    await assert.rejects(sign(one, { expiresAt: now }), { code: 'standing_grant.exceeds' });
    await assert.rejects(sign(one, { issuedAt: now - 300_001 }), { code: 'signature.invalid' });
  });

  test('when it comes again, after it was revoked too', async () => {
    const one = await owned();
    const document = documentFor(one);
    const signed = { document, signature: signDocument(one.owner.key, document) };
    const { grant } = await signStandingGrant(opened.ground, one.owner.caller, signed);
    await assert.rejects(signStandingGrant(opened.ground, one.owner.caller, signed), { code: 'thing.exists' });
    await revokeStandingGrant(opened.ground, one.owner.caller, grant.id);
    await assert.rejects(signStandingGrant(opened.ground, one.owner.caller, signed), { code: 'thing.exists' });
    assert.deepEqual(await live(one), []);
  });
});

test('a standing grant whose row was edited in the database gives nothing when it is read again', async () => {
  const one = await owned();
  await sign(one);
  const [signed] = await live(one);
  const file = new Sqlite(join(opened.directory, 'ambit.db'));
  const edited = JSON.stringify(documentFor(one, { authority: pays, liveTasksMax: 1000 }));
  file.prepare('UPDATE standing_grants SET document = ? WHERE agent = ?').run(edited, one.agent.id);
  file.close();
  // Until it is read again, what counts is what was signed; the next signature makes it be read again.
  assert.deepEqual(
    (await live(one)).map((grant) => grant.authority),
    [signed?.authority],
  );
  await sign(one, { issuedAt: opened.ground.clock() + 1 });
  await assert.rejects(live(one), { code: 'store.row_unexplained' });
});
