// Somebody sits between Ambit and its database, or may send notifications there: reading, forging, taking the server's place.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { Client } from 'pg';
import { readConfig } from '../../src/config.ts';
import { makeTestSchema, noPostgres } from '../../src/foundation/database/testing.ts';
import {
  testAuthority,
  testCertificate,
  testCertificateKey,
} from '../../src/foundation/outbound/testing-certificate.ts';
import { serve } from '../../src/main.ts';
import { initialise } from '../../src/opening.ts';
import { openHouse, order } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';
import { databaseAuthority, databaseCertificate, databaseKey } from './database-certificate.ts';

const scratch = mkdtempSync(join(tmpdir(), 'ambit-between-'));
after(() => rmSync(scratch, { recursive: true }));
const keep = (name: string, text: string) => {
  writeFileSync(join(scratch, name), text);
  return join(scratch, name);
};

type Pretended = { readonly port: number; readonly heard: () => string; readonly close: () => Promise<void> };

/** Mallory in the database's place: answers to the question for TLS, and writes down whatever comes after it. */
async function pretend(tls: { readonly cert: string; readonly key: string } | null): Promise<Pretended> {
  let heard = '';
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', (first) => {
      // SSLRequest: a length of 8 and the code 80877103.
      const asksForTls = first.length === 8 && first.readUInt32BE(4) === 80_877_103;
      if (!asksForTls) heard += first.toString('latin1');
      socket.write(tls === null || !asksForTls ? 'N' : 'S');
      if (tls === null || !asksForTls) {
        socket.on('data', (more) => {
          heard += more.toString('latin1');
        });
        return;
      }
      const inside = new TLSSocket(socket, { isServer: true, ...tls });
      inside.on('error', () => inside.destroy());
      inside.on('data', (more) => {
        heard += more.toString('latin1');
        inside.destroy();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    heard: () => heard,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const start = (port: number, more: string) =>
  initialise(
    readConfig({
      AMBIT_DATA: join(scratch, 'data'),
      AMBIT_KEYS: join(scratch, `${port}.keys`),
      AMBIT_STORE: `postgres://ambit:hunter2@localhost:${port}/ambit?sslmode=verify-full${more}`,
    }),
    { tenant: 'Acme', administrator: 'Ada' },
  );

test('off loopback nothing but TLS with a verified name is taken for a setting', () => {
  for (const more of ['', '?sslmode=require', '?sslmode=no-verify', '?sslmode=verify-ca']) {
    const AMBIT_STORE = `postgres://ambit:hunter2@db.internal/ambit${more}`;
    assert.throws(
      () => readConfig({ AMBIT_STORE }),
      (error: Error) => /AMBIT_STORE: .*sslmode=verify-full/.test(error.message) && !error.message.includes('hunter2'),
    );
  }
});

test('a server without TLS, of an unknown authority or of another name hears nothing, not even who asks', async () => {
  const [authority, other] = [keep('ca.pem', databaseAuthority), keep('other.pem', testAuthority)];
  const right = { cert: databaseCertificate, key: databaseKey };
  const wrongName = { cert: testCertificate, key: testCertificateKey };
  const cases = [
    [null, `&sslrootcert=${authority}`, /does not support SSL/],
    [right, '', /certificate|verify|signed/i],
    [right, `&sslrootcert=${other}`, /certificate|verify|signed/i],
    [wrongName, `&sslrootcert=${other}`, /does not match certificate's altnames/],
  ] as const;
  for (const [tls, more, why] of cases) {
    const mallory = await pretend(tls);
    await assert.rejects(start(mallory.port, more), why);
    assert.equal(mallory.heard(), '', String(why));
    await mallory.close();
  }
  // The same wire with the right certificate gets further: this is what would have been heard.
  const server = await pretend(right);
  await assert.rejects(start(server.port, `&sslrootcert=${authority}`));
  assert.match(server.heard(), /user\0ambit\0/);
  await server.close();
});

describe('with a database', { skip: noPostgres }, () => {
  test('forged notifications change nothing: what counts is read from the store', async () => {
    const { url, drop } = await makeTestSchema();
    const house = await openHouse({ env: { AMBIT_STORE: url } });
    const agent = await rawAgent(house, house.refundBot);
    const token = await agent.accept(await house.openTask());
    const mallory = new Client({ connectionString: url });
    await mallory.connect();
    const { rows } = await mallory.query(`SELECT 'ambit_' || md5(current_schema()) AS channel, batch FROM log_head`);
    const forged = [
      '',
      'everything',
      JSON.stringify([['row', 'agents', '', house.refundBot.id]]),
      JSON.stringify({ batch: 1e15 }),
      '[',
    ];
    const get = () => agent.call(token, 'GET', `/api/shop/orders/${order}`);
    for (const payload of forged) {
      await mallory.query('SELECT pg_notify($1, $2)', [rows[0].channel, payload]);
      assert.equal((await get()).status, 200, payload);
    }
    await house.alice.operator.agents.suspend(house.refundBot.id, 'Enough');
    for (const payload of forged) {
      await mallory.query('SELECT pg_notify($1, $2)', [rows[0].channel, payload]);
      assert.notEqual((await get()).status, 200, payload);
    }
    await mallory.end();
    await house.close();
    await drop();
  });

  test('a server that answers before it is durable is refused, with the setting that is wrong', async () => {
    const { url, drop } = await makeTestSchema();
    const weak = new URL(url);
    weak.searchParams.set('options', `${weak.searchParams.get('options')} -c synchronous_commit=off`);
    const house = await openHouse({ env: { AMBIT_STORE: url } });
    await house.plane.close();
    await assert.rejects(serve({ ...house.config, store: readConfig({ AMBIT_STORE: weak.href }).store }), {
      name: 'StoreFault',
      message: /synchronous_commit is off there/,
    });
    await house.restart();
    await house.close();
    await drop();
  });
});
