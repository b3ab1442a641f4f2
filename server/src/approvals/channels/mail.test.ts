import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { testAuthority } from '../../foundation/http/testing-certificates.ts';
import { createOutbound } from '../../foundation/index.ts';
import { disablePerson, type Person, registerPerson, setRoles } from '../../identity/index.ts';
import { refusal, type TestApprovals } from '../testing.ts';
import { addNewChannel, testChannel } from './change-channels.ts';
import type { Channel } from './channel.ts';
import { testLetter } from './letters.ts';
import { setMailWish } from './preference.ts';
import { type MailServer, sendLetter } from './smtp.ts';
import { listDeliveries } from './store.ts';
import {
  type MailServerOptions,
  openMailServer,
  openTestChannels,
  people,
  readLetter,
  type TestChannels,
} from './testing.ts';

let house: TestChannels;
let post: Awaited<ReturnType<typeof openMailServer>>;
/** Each test has an organisation of its own. */
let t: TestApprovals;
let mail: Channel;

const perHourMax = 3;
const from = 'ambit@acme.example';
const serverAt = (port: () => number): MailServer => ({
  hostname: '127.0.0.1',
  get port() {
    return port();
  },
  isTls: false,
  login: null,
  from,
});

before(async () => {
  house = await openTestChannels({ mail: { server: serverAt(() => post.port), perHourMax } });
});
after(() => house.close());
beforeEach(async () => {
  post = await openMailServer();
  t = await house.t.nextDoor();
  mail = (await addNewChannel(house.changing, t.home.admin.caller, { kind: 'mail', name: 'mail' })).channel;
});
afterEach(() => post.close());

const tell = () => house.tell(undefined, t.home.tenant);
const entries = () => house.entries(t.home.tenant);
const joins = async (name: string, more: { readonly email?: string | null; readonly roles?: Person['roles'] } = {}) => {
  const { email = `${name}@acme.example`, roles = ['approver'] } = more;
  const { person } = await registerPerson(t.ground, t.home.admin.caller, {
    name,
    email,
    roles,
    delegable: [],
  });
  return person;
};
const callerOf = ({ id, roles }: Person) => ({ ...t.bob.caller, person: id, roles });
const sentTo = () => post.mailed.map(({ to }) => to.join());
const subjects = () => post.mailed.map(({ raw }) => readLetter(raw).head.get('subject')?.[0]);
const states = async () => (await listDeliveries(t.ground, t.home.tenant, mail.id, 100)).map(({ state }) => state);
const minutes = (count: number) => t.ground.clock.advance(count * 60_000);

describe('mail about a question', () => {
  test('goes to who may answer it and to nobody else, with the sentence, its end and a link to the card', async () => {
    await joins('bob');
    await joins('carol', { roles: ['auditor'] });
    await joins('dave', { email: null });
    const olga = await joins('olga');
    const asked = await t.ask({ requester: olga.id });
    await tell();
    assert.deepEqual(sentTo(), ['bob@acme.example'], 'not to who asked, whoever has another role, or no address');
    const [letter] = post.mailed;
    const { head, text } = readLetter(letter!.raw);
    assert.equal(letter!.from, from);
    assert.deepEqual(head.get('subject'), ['1 question from an agent']);
    assert.deepEqual(head.get('to'), ['bob@acme.example']);
    assert.deepEqual(head.get('auto-submitted'), ['auto-generated']);
    assert.match(text, /^Refund 80\.00 USD for order 1042\n/);
    assert.match(text, new RegExp(`Asked by: ${asked.agent}, for olga\n`));
    assert.match(
      text,
      new RegExp(`Answer until: ${new Date(asked.expiresAt).toISOString().slice(0, 10)} \\d\\d:\\d\\d UTC`),
    );
    assert.ok(text.includes(`${people}/inbox/${asked.id}`));
    assert.match(text, /Nobody can answer by it/);
    for (const kept of ['The lamp is broken', 'shop.example', 'sealed']) assert.ok(!letter!.raw.includes(kept), kept);
  });

  test('is not sent about what was answered meanwhile, nor to who may not answer it any more', async () => {
    const [bob, bea, ben] = [await joins('bob'), await joins('bea'), await joins('ben')];
    const { port } = post;
    await post.close();
    const asked = await t.ask();
    await t.ask();
    await tell();
    const by = t.home.admin.caller;
    await setRoles(t.ground, by, { person: bea.id, roles: [] });
    await disablePerson(t.ground, by, { person: ben.id, reason: 'left' });
    await t.answer(t.bob, asked, { answer: 'no' });
    post = await openMailServer({}, port);
    t.ground.clock.advance(1000);
    await tell();
    assert.deepEqual(sentTo(), [bob.email]);
    assert.deepEqual((await states()).sort(), ['delivered', ...Array.from({ length: 5 }, () => 'over')]);
  });

  test('is as each of them wishes', async () => {
    const [bob, bea] = [await joins('bob'), await joins('bea')];
    await joins('ben');
    await setMailWish(t.ground, callerOf(bob), 'off');
    await setMailWish(t.ground, callerOf(bea), 'digest');
    await t.ask();
    await t.ask();
    await tell();
    assert.deepEqual(sentTo(), ['ben@acme.example', 'ben@acme.example'], 'the digest waits for what else comes');
    minutes(1);
    await tell();
    assert.deepEqual(sentTo().slice(2), ['bea@acme.example']);
    assert.equal(subjects()[2], '2 questions wait');
    assert.ok(!(await entries()).includes('channel.failing'));
    assert.deepEqual((await entries()).filter((kind) => kind === 'channel.wish-set').length, 2);
  });

  test('that a mailbox does not take is given up with an entry, and others get theirs', async () => {
    for (const name of ['bob', 'ben']) await joins(name);
    post.unknown.add('bob@acme.example');
    await t.ask();
    await tell();
    assert.deepEqual(sentTo(), ['ben@acme.example']);
    assert.deepEqual((await states()).sort(), ['delivered', 'refused']);
    assert.equal((await entries()).at(-1), 'channel.not-taken');
  });

  test('waits where the server is away; the outage is one entry, and the letter is the same later', async () => {
    await joins('bob');
    const { port } = post;
    await post.close();
    await t.ask();
    await tell();
    t.ground.clock.advance(1000);
    await tell();
    assert.deepEqual(await states(), ['waiting']);
    assert.deepEqual(
      (await entries()).filter((kind) => kind === 'channel.failing'),
      ['channel.failing'],
    );
    post = await openMailServer({}, port);
    t.ground.clock.advance(2000);
    await tell();
    assert.deepEqual(sentTo(), ['bob@acme.example']);
    assert.equal((await entries()).at(-1), 'channel.recovered');
  });
});

describe('the channel of mail', () => {
  test('is there once, needs a mail server, and has no secret', async () => {
    const by = t.home.admin.caller;
    await assert.rejects(addNewChannel(house.changing, by, { kind: 'mail', name: 'two' }), refusal('channel.too_many'));
    const without = await openTestChannels();
    after(() => without.close());
    const given = { kind: 'mail', name: 'mail' } as const;
    await assert.rejects(
      addNewChannel(without.changing, without.t.home.admin.caller, given),
      refusal('channel.mail_not_set_up'),
    );
    assert.deepEqual([mail.secrets, mail.url, mail.signing], [[], null, null]);
  });

  test('sends a test to whoever asks for it', async () => {
    const ada = await joins('ada', { roles: ['administrator'] });
    await joins('bob');
    await testChannel(house.changing, callerOf(ada), mail.id);
    await tell();
    assert.deepEqual(sentTo(), ['ada@acme.example']);
  });
});

describe('a mail server', () => {
  const open = async (options: MailServerOptions) => {
    const server = await openMailServer(options);
    const outbound = createOutbound({ allowPrivate: [], ownAddresses: () => [] });
    const send = (more: Partial<MailServer> = {}) =>
      sendLetter(
        outbound,
        { ...serverAt(() => server.port), ...more },
        { address: 'bob@acme.example', id: 'dlv_1' },
        testLetter(),
      );
    return {
      server,
      send,
      async close() {
        await outbound.close();
        await server.close();
      },
    };
  };

  test('gets nothing without TLS, except on this machine', async (at) => {
    const { server, send, close } = await open({});
    at.after(close);
    const failed = await send({ plainAllowed: () => false });
    assert.equal(failed.kind, 'failed');
    assert.deepEqual(server.mailed, []);
    assert.deepEqual(await send(), { kind: 'taken' });
  });

  for (const isTls of [true, false]) {
    test(`is believed by its certificate alone, ${isTls ? 'with TLS from the first byte' : 'after STARTTLS'}`, async (at) => {
      const [ours, others] = [await testAuthority(), await testAuthority('Others')];
      const certificate = await ours.sign({ dns: ['127.0.0.1'] });
      const login = { user: 'ambit', password: 'p-4711' };
      const { server, send, close } = await open({ certificate, isTls, offersStartTls: !isTls, login });
      at.after(close);
      const secured = { isTls, plainAllowed: () => false };
      for (const authorities of [[], [others.cert]]) {
        const failed = await send({ ...secured, login, authorities });
        assert.equal(failed.kind, 'failed');
      }
      assert.deepEqual(server.mailed, []);
      assert.deepEqual(await send({ ...secured, login, authorities: [ours.cert] }), { kind: 'taken' });
      assert.deepEqual(
        server.mailed.map(({ isEncrypted, user }) => [isEncrypted, user]),
        [[true, 'ambit']],
      );
      const wrong = await send({ ...secured, login: { ...login, password: 'p-0815' }, authorities: [ours.cert] });
      assert.ok(wrong.kind === 'failed' && !wrong.forGood);
      assert.doesNotMatch(wrong.because, /0815/, 'no password is told');
    });
  }

  test('is named by the operator, so it may be inside; it is never this plane, nor where machines get their credentials', async (at) => {
    const { server, close } = await open({});
    const own = createOutbound({ allowPrivate: [], ownAddresses: () => [`127.0.0.1:${server.port}`] });
    at.after(async () => {
      await own.close();
      await close();
    });
    for (const to of [
      { hostname: '127.0.0.1', port: server.port },
      { hostname: '169.254.169.254', port: 25 },
    ]) {
      await assert.rejects(own.connect(to), { name: 'OutboundFault', kind: 'refused' });
    }
  });
});
