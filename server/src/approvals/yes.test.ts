import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { disablePerson, listPersonKeys, revokePersonKey, setRoles } from '../identity/index.ts';
import type { Approval } from './approval.ts';
import { openApprovals, refundShown, type TestApprovals } from './testing.ts';
import { whoSaidYes } from './yes.ts';

let t: TestApprovals;
before(async () => {
  t = await openApprovals();
});
after(() => t.close());

const said = async (approval: Approval, tenant = t.home.tenant) =>
  (await whoSaidYes(t.ground, tenant, approval))?.map(({ id }) => id) ?? null;
const approved = async (by = t.bob) => t.answer(by, await t.ask());

describe('a yes', () => {
  test('is of the person who signed it, while they could still give it', async () => {
    assert.deepEqual(await said(await approved()), [t.bob.person.id]);
  });

  test('is gone with the role, the account or the key of who gave it', async () => {
    const { ground, home } = t;
    const [dan, eve, fay] = [
      await home.join('Dan', { roles: ['approver'] }),
      await home.join('Eve', { roles: ['approver'] }),
      await home.join('Fay', { roles: ['approver'] }),
    ];
    const all = [await approved(dan), await approved(eve), await approved(fay)];
    await setRoles(ground, home.admin.caller, { person: dan.person.id, roles: ['auditor'] });
    await disablePerson(ground, home.admin.caller, { person: eve.person.id, reason: 'left' });
    const [key] = await listPersonKeys(ground, home.tenant, fay.person.id);
    await revokePersonKey(ground, home.admin.caller, key!.id);
    for (const one of all) assert.equal(await said(one), null);
  });

  test('stands for nothing but what was shown and signed, whatever the row says', async () => {
    const [yes, other] = [await approved(), await approved()];
    const no = await t.answer(t.bob, await t.ask(), { answer: 'no' });
    const [answer] = yes.answers;
    const edited: Approval[] = [
      { ...yes, answers: [] },
      { ...yes, answersNeeded: 2 },
      { ...yes, answersNeeded: 2, answers: [answer!, answer!] },
      { ...yes, answers: [answer!, answer!] },
      { ...yes, answers: other.answers },
      { ...yes, answers: [{ ...answer!, person: t.bea.person.id }] },
      { ...yes, answers: [{ ...answer!, at: answer!.at + 1 }] },
      { ...yes, digest: other.digest },
      { ...yes, callDigest: other.callDigest },
      { ...yes, asks: [] },
      { ...yes, shown: { ...refundShown, sentence: 'Refund 8.00 USD for order 1042' } },
      { ...yes, lookAgainDigest: 'sha-256:x' },
      { ...yes, id: other.id },
      { ...no, state: 'approved', answers: [{ ...no.answers[0]!, answer: 'yes' }] },
    ];
    for (const [i, one] of edited.entries()) assert.equal(await said(one), null, `edit ${i}`);
    assert.equal(await said(yes, (await t.nextDoor()).home.tenant), null);
  });
});
