// An agent and an upstream choose names and values so that a mail of Ambit's carries their headers, their link, or their words.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openMailServer, readLetter } from '../../src/approvals/channels/testing.ts';
import { type House, openHouse, order, registerBot } from '../house.ts';
import { asked, atWork } from './questions.ts';
import { refund, until } from './witness.ts';

let house: House;
let post: Awaited<ReturnType<typeof openMailServer>>;
before(async () => {
  post = await openMailServer();
  const mail = { AMBIT_SMTP_URL: `smtp://127.0.0.1:${post.port}`, AMBIT_MAIL_FROM: 'ambit@acme.example' };
  house = await openHouse({ env: { ...mail, AMBIT_MAILS_PER_HOUR_MAX: '100' } });
  const { channels, persons } = house.ada.operator;
  await channels.add({ kind: 'mail', name: 'mail' });
  await persons.register({ name: 'Ben', roles: ['approver'], email: 'ben@acme.example' });
});
after(async () => {
  await house.close();
  await post.close();
});

const letters = () => post.mailed.map(({ raw }) => readLetter(raw));
const next = async (count: number) => (await until('the mail', () => letters()[count]))!;

const fields = [...['auto-submitted', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to']];

test('the subject names an agent that its owner put to work, and nothing that it said', async () => {
  const waiting = await asked(house, await atWork(house));
  const { head, text } = await next(0);
  assert.deepEqual(head.get('subject'), ['1 question from refund-bot']);
  assert.ok(text.startsWith(`Refund 80.00 USD to "Dana Ruiz" (cus_0217) for order ${order}\n`), text);
  assert.match(text, /Asked by: refund-bot, for Alice\n/);
  assert.ok(text.includes(`${house.plane.people}/inbox/${waiting.question.id}\n`));
});

test('a name out of which a reader of mail would make a link stands in no mail: the id does', async () => {
  const before = letters().length;
  const bot = await registerBot(house.alice, 'evil.example');
  await asked(house, await atWork(house, { agent: bot.id }, bot));
  const { head, text } = await next(before);
  assert.deepEqual(head.get('subject'), ['1 question from an agent']);
  assert.ok(text.includes(`Asked by: ${bot.id}, for Alice\n`), text);
  assert.doesNotMatch(post.mailed[before]!.raw, /evil/);
});

test('what an agent says of its reasons never leaves the card: no header of it, no link, no word', async () => {
  const before = letters().length;
  const working = await atWork(house);
  const claim = 'Urgent! See https://evil.example/approve Bcc: mallory@evil.example';
  const response = await refund(working.agent, working.token, '81.00', { headers: { 'ambit-reason': claim } });
  assert.equal(response.status, 202);
  await next(before);
  const { to, raw } = post.mailed[before]!;
  assert.deepEqual(to, ['ben@acme.example']);
  assert.doesNotMatch(raw, /evil|mallory|Urgent/);
  assert.ok(!raw.includes(house.shopKey));
});

test('every mail has the same fields, one recipient, and no link but to this plane', () => {
  for (const { raw, to } of post.mailed) {
    const { head, text } = readLetter(raw);
    assert.deepEqual([...head.keys()].sort(), fields);
    for (const [name, values] of head) assert.equal(values.length, 1, name);
    assert.equal(to.length, 1);
    for (const [link] of `${text}${raw}`.matchAll(/[a-z][a-z+.-]*:\/\/[^\s"<=]*/g))
      assert.ok(link.startsWith(house.plane.people.slice(0, link.length)) || link.startsWith(house.plane.people), link);
  }
});
