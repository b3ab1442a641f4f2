/** RFC 8414 (Authorization Server Metadata) and RFC 9728 (Protected Resource Metadata), read by oauth4webapi. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  discoveryRequest,
  processDiscoveryResponse,
  processResourceDiscoveryResponse,
  resourceDiscoveryRequest,
} from 'oauth4webapi';
import { type House, openHouse } from '../../house.ts';
import { discover, insecure } from './independent-client.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

test('the metadata is found under the issuer and names the very issuer it was asked for', async () => {
  const as = await discover(house);
  assert.equal(as.issuer, house.plane.agents);
  for (const endpoint of ['token_endpoint', 'introspection_endpoint', 'revocation_endpoint', 'jwks_uri'] as const) {
    assert.ok(as[endpoint]?.startsWith(`${house.plane.agents}/`), `${endpoint} is ${as[endpoint]}`);
  }
});

test('a client that expects another issuer is not taken in', async () => {
  const response = await discoveryRequest(new URL(house.plane.agents), { algorithm: 'oauth2', ...insecure });
  const expected = new URL('https://elsewhere.example');
  await assert.rejects(processDiscoveryResponse(expected, response), {
    code: 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
  });
});

test('it says how agents log in, with which algorithms, and that nothing symmetric will do', async () => {
  const as = await discover(house);
  assert.deepEqual(as.token_endpoint_auth_methods_supported, ['private_key_jwt', 'spiffe_jwt', 'workload_token']);
  assert.deepEqual(as.grant_types_supported, ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange']);
  assert.deepEqual(as.authorization_details_types_supported, ['ambit_task', 'ambit_grant']);
  for (const list of [as.token_endpoint_auth_signing_alg_values_supported, as.dpop_signing_alg_values_supported]) {
    assert.ok(list && list.length > 0);
    assert.ok(
      list.every((alg) => /^(ES256|EdDSA|Ed25519)$/.test(String(alg))),
      `offered: ${list}`,
    );
  }
});

// RFC 8414 §3: JSON, GET, no redirect.
test('the document is plain JSON, and other methods are not answered with it', async () => {
  const url = `${house.plane.agents}/.well-known/oauth-authorization-server`;
  const got = await fetch(url, { redirect: 'manual' });
  assert.equal(got.status, 200);
  assert.match(got.headers.get('content-type') ?? '', /^application\/json/);
  assert.equal((await fetch(url, { method: 'POST' })).status, 404);
});

test('the key set has public keys alone, each with its name, use and algorithm', async () => {
  const as = await discover(house);
  const { keys } = (await (await fetch(as.jwks_uri ?? '')).json()) as { keys: Record<string, string>[] };
  assert.ok(keys.length > 0);
  for (const key of keys) {
    assert.ok(key.kid && key.alg && key.kty, JSON.stringify(key));
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) assert.ok(!(secret in key), `${secret} is published`);
  }
  assert.equal(new Set(keys.map((key) => key.kid)).size, keys.length);
});

// RFC 9728 §3.3: `resource` equals what the document was asked for.
test('each protected resource says who issues its tokens, and that they are bound to a key', async () => {
  for (const resource of (await discover(house)).protected_resources as string[]) {
    const identifier = new URL(resource);
    const document = await processResourceDiscoveryResponse(
      identifier,
      await resourceDiscoveryRequest(identifier, insecure),
    );
    assert.deepEqual(document.authorization_servers, [house.plane.agents]);
    assert.equal(document.dpop_bound_access_tokens_required, true);
  }
});
