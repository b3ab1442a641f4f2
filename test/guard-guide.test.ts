/** The files of docs/guides/guard.md, run as they are: each API with its guard, called by an agent of the SDK. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Authority } from '@ambit/protocol';
import { connect, type Task } from '@ambit/sdk';
import { freePort } from '../server/test/free-port.ts';
import { type Bot, type House, openHouse, registerBot } from '../server/test/house.ts';

const root = join(import.meta.dirname, '..');
const guides = join(root, 'docs/guides');
const authority: Authority = [
  {
    type: 'ambit_grant',
    actions: ['payments:refunds.create'],
    where: {
      'body.amount': { all: [{ range: { min: '0.01', max: '100.00' } }] },
      'body.currency': { all: [{ equals: 'USD' }] },
    },
  },
];

let house: House;
let bot: Bot;
let task: Task;
let port: number;
let tenant: string;

before(async () => {
  house = await openHouse();
  port = await freePort();
  const { catalog, persons } = house.ada.operator;
  const text = readFileSync(join(guides, 'guard/payments.yaml'), 'utf8');
  await catalog.import({ name: 'payments', text, server: `http://127.0.0.1:${port}`, takesTokens: true });
  await persons.setDelegable(house.alice.id, authority);
  bot = await registerBot(house.alice, 'payments-bot', authority);
  const agent = await connect({ url: house.plane.agents, agent: bot.id, key: bot.key });
  task = await agent.accept(await house.openTask({ agent: bot.id, authority }));
  const [, claims = ''] = (await task.accessToken()).split('.');
  tenant = (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { ambit_tenant: string }).ambit_tenant;
});
after(() => house.close());

async function started(file: string): Promise<ChildProcess> {
  const env = { ...process.env, PORT: `${port}`, ISSUER: house.plane.agents, TENANT: tenant };
  const child = spawn(process.execPath, ['--conditions=ambit-source', join(guides, file)], { cwd: root, env });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk.toString('utf8');
      if (output.includes('listening on')) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => reject(new Error(output)));
  });
  return child;
}

for (const file of ['express', 'fastify', 'hono']) {
  test(`the API of the guide on ${file} takes what the task covers, and nothing else`, async () => {
    const child = await started(`guard/${file}.mjs`);
    try {
      const payments = task.direct(`http://127.0.0.1:${port}`);
      const refund = (amount: string) =>
        payments('/refunds', {
          method: 'POST',
          body: JSON.stringify({ amount, currency: 'USD' }),
          headers: { 'content-type': 'application/json' },
        });
      const made = await refund('30.00');
      assert.equal(made.status, 201, await made.clone().text());
      const told = (await made.json()) as Record<string, unknown>;
      assert.deepEqual(
        [told.amount, told.agent, told.requester, told.task],
        ['30.00', bot.id, house.alice.id, task.id],
      );
      const refused = await refund('300.00');
      assert.equal(refused.status, 403);
      assert.match(await refused.text(), /300\.00 ≤ 100\.00/);
      assert.equal((await fetch(`http://127.0.0.1:${port}/refunds`, { method: 'POST' })).status, 401);
    } finally {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
  });
}

test('the guide shows the file as it is', () => {
  const guide = readFileSync(join(guides, 'guard.md'), 'utf8');
  const [, shown] = /^```js\n([\s\S]*?)^```$/m.exec(guide) ?? [];
  assert.equal(shown, readFileSync(join(guides, 'guard/express.mjs'), 'utf8'));
});
