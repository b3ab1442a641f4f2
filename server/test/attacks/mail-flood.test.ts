// A hijacked agent asks and asks, so that approvers drown in mail, stop reading, and overlook the one that matters.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addNewChannel } from '../../src/approvals/channels/change-channels.ts';
import {
  openMailServer,
  openTestChannels,
  readLetter,
  type TestChannels,
} from '../../src/approvals/channels/testing.ts';
import { registerPerson } from '../../src/identity/index.ts';

const perHourMax = 5;
const limits = { ttlSeconds: 7200, pendingPerAgentMax: 1000 };
let post: Awaited<ReturnType<typeof openMailServer>>;
let house: TestChannels;

before(async () => {
  post = await openMailServer();
  const server = { hostname: '127.0.0.1', port: post.port, isTls: false, login: null, from: 'ambit@acme.example' };
  house = await openTestChannels({ mail: { server, perHourMax } });
  const { caller } = house.t.home.admin;
  await addNewChannel(house.changing, caller, { kind: 'mail', name: 'mail' });
  for (const name of ['bob', 'bea']) {
    const person = { name, email: `${name}@acme.example`, roles: ['approver'], delegable: [] } as const;
    await registerPerson(house.t.ground, caller, person);
  }
});
after(async () => {
  await house.close();
  await post.close();
});

const minutes = (count: number) => house.t.ground.clock.advance(count * 60_000);
const agent = () => house.t.ground.newId('agent');
const flood = async (count: number, by = agent()) => {
  for (let i = 0; i < count; i++) await house.t.ask({ agent: by }, limits);
};
const subjectsOf = (name: string) =>
  post.mailed
    .filter(({ to }) => to.includes(`${name}@acme.example`))
    .map(({ raw }) => readLetter(raw).head.get('subject')?.[0]);

test('a person gets so many mails in an hour, and then one that says how many wait', async () => {
  await flood(40);
  for (let i = 0; i < 11; i++) {
    await house.tell();
    minutes(5);
  }
  const told = [...Array.from({ length: perHourMax }, () => '1 question from an agent'), '35 more questions wait'];
  assert.deepEqual(subjectsOf('bob'), told);
  assert.deepEqual(subjectsOf('bea'), told);
});

test('what comes on is told in the next hour, no faster', async () => {
  const before = subjectsOf('bob').length;
  for (let i = 0; i < 12; i++) {
    if (i % 3 === 0) await flood(20);
    await house.tell();
    minutes(5);
  }
  const told = subjectsOf('bob').slice(before);
  assert.ok(told.length <= perHourMax + 1, told.join('\n'));
  assert.ok(
    told.some((subject) => /^(over )?[0-9]+ more questions wait$/.test(subject ?? '')),
    told.join('\n'),
  );
});

test('a summary names no agent, no sentence and no number that an agent wrote', () => {
  const sum = post.mailed
    .map(({ raw }) => readLetter(raw))
    .find(({ head }) => /35 more/.test(head.get('subject')?.[0] ?? ''));
  assert.match(sum?.text ?? '', /^35 more questions wait for you\./);
  assert.doesNotMatch(sum?.text ?? '', /Refund|1042/);
});
