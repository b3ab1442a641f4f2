// A static key is copied: used from elsewhere, with another certificate, for something else, for too long, for what cannot be undone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { EntryHeader, TaskId, TemplateId } from '@ambit/protocol';
import { selfSigned } from '../../src/foundation/http/testing-certificates.ts';
import { order, registerBot } from '../house.ts';
import { callWith, keyFor, noteGrants, openNotes, signNotes } from '../template-key-house.ts';
import { openTlsHouse, type TlsHouse } from '../tls-house.ts';
import { refused, until } from './witness.ts';

const path = `/api/shop/orders/${order}`;
const outside = ['203.0.113.0/24'];

let house: TlsHouse;
let template: TemplateId;
before(async () => {
  house = await openTlsHouse();
  template = await openNotes(house);
});
after(() => house.close());

const get = (secret: string, more: Parameters<typeof callWith>[4] = {}, origin = house.plane.agents) =>
  callWith(origin, secret, 'GET', path, more);
const note = (secret: string) =>
  callWith(house.plane.agents, secret, 'POST', `${path}/notes`, { body: { text: 'The parcel came open.' } });

async function told(kind: string): Promise<readonly (EntryHeader & { detail: Record<string, unknown> })[]> {
  const found = [];
  for await (const line of await house.carol.operator.log.export({ details: true })) {
    const { header, detail } = JSON.parse(line) as {
      header?: EntryHeader;
      detail?: { detail: Record<string, unknown> };
    };
    if (header?.kind === kind) found.push({ ...header, detail: detail?.detail ?? {} });
  }
  return found;
}

const nothingSent = async (run: () => Promise<unknown>) => {
  const before = house.shop.requests().length;
  await run();
  assert.equal(house.shop.requests().length, before, 'something reached the shop');
};

test('from outside its zone it is refused, and no header makes it come from inside', async () => {
  const key = await keyFor(house, template, { zone: outside });
  const lies = { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7', 'x-real-ip': '203.0.113.7' };
  await nothingSent(async () => {
    await refused(await get(key.secret), 'template_key.elsewhere');
    const lied = await get(key.secret, { headers: { ...lies, 'x-client-ip': '203.0.113.7', via: '1.1 203.0.113.7' } });
    await refused(lied, 'template_key.elsewhere');
    assert.match(lied.headers.get('www-authenticate') ?? '', /^Bearer error="invalid_token"/);
  });
  const denials = (await told('call.refused')).filter(({ detail }) => detail.token === key.id);
  assert.equal(denials[0]?.who.agent, house.refundBot.id, 'the log of the organisation names the key and its agent');
  assert.equal(denials[0]?.code, 'template_key.elsewhere');
  const [listed] = await house.alice.operator.templateKeys.list(house.refundBot.id);
  assert.ok(listed?.sharedAt && listed.lastUsedAt === null);
});

test('a copy that is tried from elsewhere is a shared credential: told once an hour, and it may suspend the agent', async () => {
  const bot = await registerBot(house.alice, 'copied-bot');
  await signNotes(house, bot.id);
  const key = await keyFor(house, template, { zone: outside }, bot.id);
  for (let tries = 0; tries < 3; tries++) await refused(await get(key.secret), 'template_key.elsewhere');
  const shared = (await told('identity.credential-shared')).filter(({ who }) => who.instance === key.id);
  assert.equal(shared.length, 1);
  assert.match(String(shared[0]?.detail.because), /127\.0\.0\.1/);
  const { agents } = house.alice.operator;
  await agents.whenShared(bot.id, 'suspend', 'One place, one key.');
  const other = await keyFor(house, template, { zone: outside }, bot.id);
  await refused(await get(other.secret), 'template_key.elsewhere');
  assert.equal((await agents.show(bot.id)).state, 'suspended');
});

test('bound to a certificate it counts on no connection without that very one', async () => {
  const [own, stolen] = await Promise.all([house.corp.sign({}), house.corp.sign({})]);
  const key = await keyFor(house, template, { zone: null, x5t: own.thumbprint });
  assert.equal((await get(key.secret, { by: house.over(own) }, house.tls)).status, 200);
  await nothingSent(async () => {
    await refused(await get(key.secret, { by: house.over(stolen) }, house.tls), 'template_key.elsewhere');
    await refused(await get(key.secret, { by: house.over() }, house.tls), 'template_key.elsewhere');
    const headers = { 'x-ssl-client-cert': own.cert.replaceAll('\n', ' '), 'client-cert': `:${btoa(own.cert)}:` };
    await refused(await get(key.secret, { headers }), 'template_key.elsewhere');
    const late = await selfSigned(
      {},
      { notAfter: new Date(Date.now() - 1000), notBefore: new Date(Date.now() - 9000) },
    );
    const expired = await keyFor(house, template, { zone: null, x5t: late.thumbprint });
    await refused(await get(expired.secret, { by: house.over(late) }, house.tls), 'template_key.elsewhere');
  });
});

test('of a zone and a certificate, both have to fit', async () => {
  const own = await house.corp.sign({});
  const both = await keyFor(house, template, { x5t: own.thumbprint, zone: outside });
  await refused(await get(both.secret, { by: house.over(own) }, house.tls), 'template_key.elsewhere');
  await refused(await get((await keyFor(house, template, { x5t: own.thumbprint })).secret), 'template_key.elsewhere');
});

test('it does what its template says with the parameters it was made with, and nothing beside', async () => {
  const key = await keyFor(house, template);
  assert.equal((await get(key.secret)).status, 200);
  const calls: [string, string, unknown?][] = [
    ['GET', '/api/shop/orders/1043'],
    ['GET', '/api/shop/customers/cus_0217'],
    ['POST', `${path}/refunds`, { amount: '1.00', currency: 'USD' }],
    ['GET', '/api/shop/payroll'],
  ];
  await nothingSent(async () => {
    for (const [method, at, body] of calls) {
      const response = await callWith(house.plane.agents, key.secret, method, at, body === undefined ? {} : { body });
      await refused(response, 'authority.not_covered');
    }
  });
});

test('at no other door is it anything: no token, no task, no elevation, no answer of a person', async () => {
  const { secret } = await keyFor(house, template);
  const { agents, people } = house.plane;
  const doors: [string, string][] = [
    ['GET', '/v1/agent/tasks'],
    ['POST', '/v1/agent/tasks'],
    ['POST', '/v1/agent/elevations'],
    ['POST', `/v1/agent/tasks/tsk_${'0'.repeat(20)}/complete`],
    ['GET', '/v1/me'],
  ];
  for (const [method, at] of doors) {
    const origin = at === '/v1/me' ? people : agents;
    assert.equal((await callWith(origin, secret, method, at)).status, 401, at);
  }
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: house.refundBot.id,
    client_secret: secret,
  });
  const asSecret = await fetch(`${agents}/oauth/token`, { method: 'POST', body: form });
  assert.deepEqual([asSecret.status, ((await asSecret.json()) as { error: string }).error], [401, 'invalid_client']);
});

test('two headers, or a key that is not whole, prove nothing', async () => {
  const { secret } = await keyFor(house, template);
  for (const text of [secret.slice(0, -1), `${secret}A`, secret.toUpperCase(), secret.replace('ambk_', 'ambk_x')])
    await refused(await get(text), 'template_key.unknown');
  const twice = await fetch(`${house.plane.agents}${path}`, {
    headers: [
      ['authorization', `Bearer ${secret}`],
      ['authorization', `Bearer ${secret}`],
    ],
  });
  assert.ok(twice.status === 400 || twice.status === 401, `${twice.status}`);
});

/** The first refusal that comes of time. Where a call was under way as it came, it is its task that has ended. */
const endOf = (secret: string) =>
  until('the end of the key', async () => {
    const response = await get(secret);
    if (response.status === 200) return undefined;
    const { type } = (await response.clone().json()) as { readonly type?: string };
    return type?.endsWith('task.ended') ? undefined : response;
  });

test('after its time it is refused, and what the organisation allows for all keys shortens it too', async () => {
  const short = await keyFor(house, template, { expiresAt: Date.now() + 250 });
  assert.equal((await get(short.secret)).status, 200);
  await refused(await endOf(short.secret), 'template_key.ended');
  const old = await keyFor(house, template);
  const { limits } = house.ada.operator;
  for (const kind of ['template-key', 'key'] as const) {
    await limits.setAge({ of: kind, secondsMax: 1, reason: 'A drill.' });
    try {
      await refused(await endOf(old.secret), 'template_key.ended');
    } finally {
      await limits.removeAge(kind);
    }
    assert.equal((await get(old.secret)).status, 200);
  }
});

test('for an action that became irreversible since, it is refused from that call on, and a person’s yes does not help', async () => {
  const key = await keyFor(house, template);
  assert.equal((await note(key.secret)).status, 201);
  const { catalog } = house.ada.operator;
  await catalog.set('shop:orders.note', { reversibility: 'irreversible' });
  await nothingSent(async () => {
    const told = await refused(await note(key.secret), 'template_key.irreversible');
    assert.match(told.detail, /key of its own/);
  });
  assert.equal((await get(key.secret)).status, 200, 'its reads go on');
  await assert.rejects(keyFor(house, template), { code: 'template_key.irreversible' });
  await catalog.set('shop:orders.note', { reversibility: 'compensable' });
  assert.equal((await note(key.secret)).status, 201);
});

test('none is made that would be good anywhere, for ever, for more than was signed, or by somebody else', async () => {
  const unbound = { zone: null, x5t: null };
  const odd: readonly [Parameters<typeof keyFor>[2], string][] = [
    [unbound, 'template_key.unbound'],
    [{ zone: ['0.0.0.0/0'] }, 'template_key.unbound'],
    [{ zone: ['::/0'] }, 'template_key.unbound'],
    [{ zone: ['127.0.0.1/8'] }, 'template_key.unbound'],
    [{ zone: ['the office'] }, 'template_key.unbound'],
    [{ zone: [] }, 'template_key.unbound'],
    [{ zone: null, x5t: 'short' }, 'template_key.unbound'],
    [{ expiresAt: Date.now() - 1 }, 'template_key.lifetime'],
    [{ expiresAt: Date.now() + 91 * 86_400_000 }, 'template_key.lifetime'],
    [{ parameters: { order: '1043' } }, 'task.beyond_standing_grant'],
    [{ parameters: {} }, 'task.template_parameter'],
    [{ template: 'tpl_00000000000000000000' as TemplateId }, 'thing.not_found'],
  ];
  for (const [more, code] of odd) await assert.rejects(keyFor(house, template, more), { code }, JSON.stringify(more));
  const { refundBot, alice, bob } = house;
  const wish = {
    label: 'x',
    template,
    parameters: { order },
    purpose: 'x',
    expiresAt: Date.now() + 60_000,
    zone: outside,
  };
  await assert.rejects(bob.operator.templateKeys.add(refundBot.id, wish), { code: 'agent.not_owner' });
  await assert.rejects(bob.operator.templateKeys.list(refundBot.id), { code: 'agent.not_owner' });
  const bare = await registerBot(alice, 'bare-bot');
  await assert.rejects(keyFor(house, template, {}, bare.id), { code: 'task.no_standing_grant' });
});

test('a copied key opens no more tasks than one, and what it spends counts against the grant that was signed', async () => {
  const key = await keyFor(house, template);
  await Promise.all(Array.from({ length: 10 }, () => get(key.secret)));
  const mine = (await house.ada.operator.tasks.list()).filter(({ acceptedKey }) => acceptedKey === key.id);
  assert.equal(mine.length, 1);
  const [task] = mine;
  const less = noteGrants(order).map((grant) => ({ ...grant, actions: ['shop:orders.get'] }));
  await house.alice.operator.tasks.narrow(task?.id as TaskId, less, 'Look into it first.');
  await refused(await note(key.secret), 'authority.not_covered');
});
