import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryHeader, TenantId } from '@ambit/protocol';
import { entryKinds } from '../audit/index.ts';
import { planeItself } from '../foundation/index.ts';
import { eventsOf, isBreaker, isTold } from './events-of.ts';
import { eventType } from './names.ts';

const issuer = 'https://ambit.example';
const tenant = 'ten_0123456789abcdefghjk' as TenantId;
const agent = 'agt_0123456789abcdefghjk';

const header = (kind: string, more: Partial<EntryHeader> = {}): EntryHeader => ({
  v: 1,
  id: 'ent_0123456789abcdefghjk' as never,
  at: 1_800_000_000_500,
  tenant,
  kind,
  who: { ...planeItself, requester: null, agent: agent as never },
  about: null,
  task: null,
  run: null,
  action: null,
  decision: null,
  code: null,
  keys: [],
  changes: [],
  detailHash: '',
  ...more,
});
const told = (kind: string, detail: object, more: Partial<EntryHeader> = {}) =>
  eventsOf({ header: header(kind, more), detail: { ...detail } }, issuer);

const saidOf = (event: { readonly event: object } | undefined) => ({ ...event?.event }) as Record<string, unknown>;

test('an entry that says nothing to receivers tells nothing', () => {
  for (const kind of ['task.opened', 'call.decided', 'approval.answered', 'signal.received', 'toString']) {
    assert.equal(isTold(header(kind)), false, kind);
    assert.deepEqual(told(kind, { ended: [{ kind: 'task', id: 'tsk_1', of: agent }] }), [], kind);
  }
});

test('a credential in doubt is a risk, of the tenant and by the id of the credential alone', () => {
  const [event, ...more] = told('credential.flagged', { credential: 'crd_1', because: 'sk-live-in-an-answer' });
  assert.equal(more.length, 0);
  assert.equal(event?.type, eventType.riskLevelChange);
  assert.deepEqual(event?.subject, {
    format: 'complex',
    tenant: { format: 'opaque', id: tenant },
    credential: { format: 'opaque', id: 'crd_1' },
  });
  assert.doesNotMatch(JSON.stringify(event), /sk-live/);
  assert.equal(saidOf(event).event_timestamp, 1_800_000_000, 'in whole seconds');
});

test('a call that a breaker turned away is a risk of its agent; another denial is none', () => {
  const open = header('call.decided', { code: 'limits.caller_resting' });
  assert.equal(isBreaker(open), true);
  assert.equal(isBreaker(header('call.decided', { code: 'limits.rate_exceeded' })), false);
  const [event] = eventsOf({ header: open, detail: {} }, issuer);
  assert.equal(event?.type, eventType.riskLevelChange);
  assert.equal(saidOf(event).risk_reason, 'BREAKER_OPEN');
});

test('a secret that was replaced is a changed credential, with nothing of the secret', () => {
  const [event] = told('credential.rotated', { credential: 'crd_1', version: 2, sealedUnder: 'k' });
  assert.equal(event?.type, eventType.credentialChange);
  assert.equal(saidOf(event).change_type, 'update');
});

test('more for a while is a change of what tokens are worth, when it begins and when it is over', () => {
  const about = { who: { ...planeItself, requester: 'psn_1' as never, agent: agent as never }, task: 'tsk_1' as never };
  const [begun] = told('elevation.granted', { elevation: 'elv_1', expiresAt: 1_800_000_060_000 }, about);
  assert.equal(begun?.type, eventType.tokenClaimsChange);
  const elevation = { id: 'elv_1', standing: true, expires_at: 1_800_000_060 };
  assert.deepEqual(saidOf(begun).claims, { mission: { id: 'tsk_1' }, ambit_elevation: elevation });
  for (const kind of ['elevation.ended', 'elevation.expired']) {
    const [over] = told(kind, { elevation: 'elv_1', because: 'Enough.' }, about);
    const claims = { mission: { id: 'tsk_1' }, ambit_elevation: { id: 'elv_1', standing: false } };
    assert.deepEqual(saidOf(over).claims, claims);
  }
});

test('a static key that is made, replaced or revoked is a credential of its agent, too', () => {
  const kinds = { added: 'create', rotated: 'update', revoked: 'revoke' };
  for (const [step, change_type] of Object.entries(kinds)) {
    const [one, ...more] = told(`identity.template-key-${step}`, { agent, key: 'tky_1' });
    assert.equal(more.length, 0);
    const { credential_type, change_type: change, friendly_name } = saidOf(one);
    assert.deepEqual([credential_type, change, friendly_name], ['api-key', change_type, 'tky_1']);
  }
});

test('a name from outside is a credential of its agent, and one that nobody vouches for any more is revoked', () => {
  const identity = { id: 'aid_1', agent, subject: 'spiffe://acme.example/bot' };
  const [added] = told('identity.agent-identity-added', { identity });
  assert.deepEqual([saidOf(added).credential_type, saidOf(added).change_type], ['workload-identity', 'create']);
  const [revoked] = told('identity.agent-identity-revoked', { identity });
  assert.equal(saidOf(revoked).change_type, 'revoke');
  const all = told('identity.trust-domain-removed', { revoked: [identity, { ...identity, id: 'aid_2' }] });
  assert.deepEqual(
    all.map((one) => saidOf(one).friendly_name),
    ['aid_1', 'aid_2'],
  );
});

test('an agent whose tasks alone were ended is at no risk, and has its sessions still', () => {
  assert.deepEqual(told('agent.ended', { agent, ended: [] }, { code: 'tasks-ended' }), []);
  const ended = [{ kind: 'token', id: 'tok_1', of: agent }];
  assert.equal(told('agent.ended', { agent, ended }, { code: 'suspended' }).length, 2);
});

test('no event holds anything of a detail but ids: whatever a person wrote stays here', () => {
  const secret = 'what-a-person-wrote';
  const detail = {
    ...Object.fromEntries(['because', 'reason', 'label', 'name'].map((name) => [name, secret])),
    agent,
    person: 'psn_1',
    key: 'key_1',
    credential: 'crd_1',
    ended: [
      { kind: 'task', id: 'tsk_1', of: agent, because: secret },
      { kind: 'token', id: 'tok_1', of: agent, because: secret },
    ],
  };
  const all = Object.keys(entryKinds).flatMap((kind) => told(kind, detail));
  assert.ok(all.length > 10);
  assert.doesNotMatch(JSON.stringify(all), /what-a-person-wrote/);
});
