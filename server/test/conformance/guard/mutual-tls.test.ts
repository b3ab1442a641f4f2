/** RFC 8705 §3 at an API that verifies tokens itself: the certificate of the connection is what the token is bound to. */
import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { type AgentId, type Authority, detailsType, grantType } from '@ambit/protocol';
import { connect } from '@ambit/sdk';
import { createGuard } from '@ambit/sdk/guard';
import express from 'express';
import { decodeJwt } from 'jose';
import type { TestCertificate } from '../../../src/foundation/http/testing-certificates.ts';
import { only } from '../../house.ts';
import { openTlsHouse, registerNamed, type TlsHouse } from '../../tls-house.ts';
import { description } from './resource-servers.ts';

const subject = 'spiffe://acme.example/payments-bot';
const authority: Authority = [only('payments:orders.get', 'path.orderId', '1042')];

let house: TlsHouse;
let server: ReturnType<typeof createServer>;
let url: string;
let token: string;
let certificate: TestCertificate;

before(async () => {
  house = await openTlsHouse();
  const app = express();
  // The guard compares thumbprints: who signed the certificates of agents is the plane’s business.
  const tls = await house.roots.sign({ dns: ['127.0.0.1'] });
  server = createServer({ cert: tls.cert, key: tls.key, requestCert: true, rejectUnauthorized: false }, app);
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { catalog, persons } = house.ada.operator;
  await catalog.import({ name: 'payments', text: description, server: url, takesTokens: true });
  await persons.setDelegable(house.alice.id, authority);
  const named = await registerNamed(house.alice, 'payments-bot', subject, 'corp', authority);
  certificate = await house.corp.sign({ uris: [subject] });
  token = await tokenFor(named, house.over(certificate));
  const tenant = decodeJwt(token).ambit_tenant as never;
  const guard = createGuard({ issuer: house.plane.agents, resource: url, tenant });
  app.get('/orders/:orderId', guard.express({ action: 'payments:orders.get' }), (request, response) => {
    response.json({ agent: guard.callerOf(request).agent });
  });
});
after(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await house.close();
});

async function tokenFor(agent: AgentId, over: typeof fetch): Promise<string> {
  const ask = async (parameters: Record<string, string>) => {
    const body = new URLSearchParams({ grant_type: grantType.clientCredentials, client_id: agent, ...parameters });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await over(`${house.tls}/oauth/token`, { method: 'POST', headers, body: body.toString() });
    const answer = (await response.json()) as { readonly access_token?: string };
    assert.ok(answer.access_token, JSON.stringify(answer));
    return answer.access_token;
  };
  const task = await house.openTask({ authority, agent });
  const authorization = `Bearer ${await ask({})}`;
  const accepted = await over(`${house.tls}/v1/agent/tasks/${task}/accept`, {
    method: 'POST',
    headers: { authorization },
  });
  assert.equal(accepted.status, 200, await accepted.text());
  const authorization_details = JSON.stringify([{ type: detailsType.task, identifier: task }]);
  return ask({ authorization_details, resource: url });
}

const call = (over: typeof fetch, scheme = 'Bearer') =>
  over(`${url}/orders/1042`, { headers: { authorization: `${scheme} ${token}` } });

test('the token passes over a connection with its certificate, and without any proof', async () => {
  const response = await call(house.over(certificate));
  assert.equal(response.status, 200, await response.clone().text());
  assert.deepEqual(await response.json(), { agent: decodeJwt(token).client_id });
});

test('an agent of the SDK that has a certificate calls it with nothing else', async () => {
  const { cert, key } = certificate;
  const id = decodeJwt(token).client_id as AgentId;
  const agent = await connect({ url: house.tls, agent: id, certificate: { cert, key, ca: house.roots.cert } });
  const task = await agent.accept(await house.openTask({ authority, agent: id }));
  assert.equal((await task.direct(url)('/orders/1042')).status, 200);
  assert.equal((await task.direct(url)('/orders/1043')).status, 403);
});

test('over a connection with another certificate, or with none, it is a stolen token', async () => {
  const mallory = await house.corp.sign({ uris: ['spiffe://acme.example/mallory-bot'] });
  // The same name in another certificate is another certificate.
  const twin = await house.corp.sign({ uris: [subject] });
  for (const shown of [mallory, twin, null]) {
    const response = await call(house.over(shown));
    assert.equal(response.status, 401);
    assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer error="invalid_token".*resource_metadata="/);
    assert.match(await response.text(), /guard\.other_certificate/);
  }
});
