import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type AgentId,
  type EntryId,
  fromBase64,
  openCheckpoint,
  type PersonId,
  parseVerifierKey,
  type Receipt,
  rootAt,
  type TaskId,
  type TenantId,
  verifyConsistency,
  verifyReceipt,
} from '@ambit/protocol';
import { type Caller, createApi, entry, type PersonCaller, planeItself } from '../foundation/index.ts';
import { sha256, verifyEd25519 } from './log-key.ts';
import { auditRoutes } from './routes.ts';
import { acme, neighbour, openTestLog, plane, type TestLog } from './testing.ts';
import { verifyExport } from './verify.ts';

let log: TestLog;
let api: ReturnType<typeof createApi>;
let entries: EntryId[];
const runs: TaskId[] = [];

const person = (name: string, roles: string[], tenant: TenantId = acme): PersonCaller => ({
  kind: 'person',
  tenant,
  person: name as PersonId,
  roles,
  who: { ...planeItself, initiator: name, channel: 'api' },
});
const callers: Record<string, Caller> = {
  alice: person('psn_alice', []),
  mallory: person('psn_mallory', []),
  carol: person('psn_carol', ['auditor']),
  rita: person('psn_rita', ['reviewer']),
  next: person('psn_next', ['auditor'], neighbour),
};

/** A run of Alice's: opened, one call decided, one outcome. */
async function playRun(tenant: TenantId): Promise<EntryId[]> {
  const { ground } = log.store;
  const run = ground.newId('task');
  runs.push(run);
  const who = {
    ...planeItself,
    requester: 'psn_alice' as PersonId,
    agent: 'agt_refund' as AgentId,
    initiator: 'psn_alice',
  };
  const ids = [ground.newId('entry'), ground.newId('entry'), ground.newId('entry')] as const;
  const same = { who, task: run, run };
  const detail = { claim: { reason: 'the parcel was damaged' } };
  for (const one of [
    entry({ ...same, id: ids[0], kind: 'task.opened', detail: { purpose: { type: 'refund', text: 'order 1042' } } }),
    entry({ ...same, id: ids[1], kind: 'call.decided', decision: 'permit', action: 'shop:orders.get', detail }),
    entry({ ...same, id: ids[2], kind: 'call.outcome', about: ids[1], code: 'done', detail: { status: 200 } }),
  ]) {
    await ground.database.commit({ tenant, entries: [one] });
  }
  return [...ids];
}

before(async () => {
  log = await openTestLog();
  entries = [...(await playRun(acme)), ...(await playRun(neighbour)), ...(await playRun(acme))];
  api = createApi({
    routes: auditRoutes(log.store.ground, log.checkpoints, plane, {
      names: async () => ({}),
      actions: async () => new Map(),
      questionOf: async () => null,
      handsOut: async () => new Set(),
      taskOf: async () => ({ state: 'active', purpose: { type: 'support', text: 'Settle it.' } }),
    }),
    authenticate: async (_who, request) =>
      callers[String(request.headers['x-test-caller'])] ?? assert.fail('no caller'),
    record: async () => undefined,
  });
});
after(async () => {
  await api.close();
  await log.close();
});

async function get(caller: string, url: string) {
  const answer = await api.inject({ method: 'GET', url, headers: { 'x-test-caller': caller } });
  return { status: answer.statusCode, text: answer.body, headers: answer.headers };
}
async function json<T>(caller: string, url: string): Promise<T> {
  const { status, text } = await get(caller, url);
  assert.equal(status, 200, text);
  return JSON.parse(text) as T;
}

test('runs are listed newest first, to an auditor all of the tenant, to others their own', async () => {
  type Listed = { runs: { run: TaskId }[]; next: number | null };
  const mine = [runs[2], runs[0]];
  assert.deepEqual(
    (await json<Listed>('carol', '/v1/runs')).runs.map((one) => one.run),
    mine,
  );
  assert.deepEqual(
    (await json<Listed>('alice', '/v1/runs')).runs.map((one) => one.run),
    mine,
  );
  assert.deepEqual((await json<Listed>('mallory', '/v1/runs')).runs, []);
  assert.equal((await json<Listed>('rita', '/v1/runs')).runs.length, 2);
  assert.equal((await get('rita', `/v1/runs/${runs[0]}`)).status, 200);
  assert.equal((await get('rita', `/v1/log/entries/${entries[0]}`)).status, 404);
  const first = await json<Listed>('carol', '/v1/runs?limit=1');
  assert.deepEqual(
    first.runs.map((one) => one.run),
    [runs[2]],
  );
  const second = await json<Listed>('carol', `/v1/runs?limit=1&before=${first.next}`);
  assert.deepEqual(
    second.runs.map((one) => one.run),
    [runs[0]],
  );
});

test('a run is told to its requester and to an auditor; to anyone else it does not exist', async () => {
  const story = await json<{ tasks: { steps: { agentClaims: unknown; outcome: unknown }[] }[]; isCut: boolean }>(
    'alice',
    `/v1/runs/${runs[0]}`,
  );
  assert.equal(story.isCut, false);
  assert.deepEqual(story.tasks[0]?.steps[1]?.agentClaims, { reason: 'the parcel was damaged' });
  assert.equal((await get('carol', `/v1/runs/${runs[0]}`)).status, 200);
  const absent = await get('carol', '/v1/runs/tsk_00000000000000000009');
  assert.equal(absent.status, 404);
  for (const [caller, run] of [
    ['mallory', runs[0]],
    ['carol', runs[1]],
    ['next', runs[0]],
    ['carol', 'nonsense'],
  ]) {
    const { status, text } = await get(caller!, `/v1/runs/${run}`);
    assert.deepEqual([status, text], [404, absent.text], `${caller} ${run}`);
  }
});

test('an entry comes with a receipt that verifies against the published key', async () => {
  const { key, checkpoint } = await json<{ key: string; checkpoint: string }>('alice', '/v1/log/checkpoint');
  const verifier = parseVerifierKey(key, sha256);
  assert.ok(openCheckpoint(checkpoint, verifier, verifyEd25519).size >= 1);
  const shown = await json<{ receipt: Receipt; detail: { detail: unknown } }>('alice', `/v1/log/entries/${entries[1]}`);
  assert.ok(verifyReceipt(shown.receipt, verifier, sha256, verifyEd25519));
  assert.deepEqual(shown.detail.detail, { claim: { reason: 'the parcel was damaged' } });
  for (const [caller, id] of [
    ['mallory', entries[1]],
    ['carol', entries[4]],
    ['carol', 'x'],
  ]) {
    assert.equal((await get(caller!, `/v1/log/entries/${id}`)).status, 404);
  }
});

test('proofs are given for sizes the log has, and refused in words for others', async () => {
  const { path } = await json<{ path: string[] }>('carol', '/v1/log/proof/consistency?older=3&newer=9');
  const { log: tree } = log.store.ground.database;
  const older = { size: 3, root: await rootAt(3, (level, index) => tree.node(level, index), sha256) };
  const newer = { size: 9, root: (await tree.head()).root };
  assert.ok(verifyConsistency({ older, newer, path: path.map((hash) => fromBase64(hash)!) }, sha256));
  const inclusion = await json<{ path: string[]; index: number }>(
    'carol',
    `/v1/log/proof/inclusion?entry=${entries[0]}&size=9`,
  );
  assert.deepEqual([inclusion.index, inclusion.path.length], [0, 4]);
  const beyond = await get('carol', '/v1/log/proof/consistency?older=3&newer=900');
  assert.match(beyond.text, /Ask for a size up to that of the newest checkpoint/);
  assert.equal((await get('carol', '/v1/log/proof/consistency?older=5&newer=3')).status, 400);
  assert.equal((await get('carol', `/v1/log/proof/inclusion?entry=${entries[8]}&size=8`)).status, 400);
  assert.equal((await get('carol', `/v1/log/proof/inclusion?entry=${entries[4]}&size=9`)).status, 404);
  assert.match((await get('carol', '/v1/log/proof/consistency?older=-1&newer=3')).text, /older must be a whole number/);
});

test('the export streams as JSON lines and verifies', async () => {
  const { status, text, headers } = await get('carol', '/v1/log/export?details=yes&rows=yes');
  assert.equal(status, 200);
  assert.match(String(headers['content-type']), /^application\/jsonl/);
  const verdict = await verifyExport(text.split('\n'));
  assert.deepEqual(verdict.findings, []);
  assert.ok(verdict.details.checked >= 7);
  assert.equal((await get('carol', '/v1/log/export?details=maybe')).status, 400);
});
