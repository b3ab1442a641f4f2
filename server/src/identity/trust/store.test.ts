import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { backends, type TestStore } from '../../foundation/database/testing.ts';
import { addAgentIdentity } from '../add-agent-identity.ts';
import { registerAgent } from '../register-agent.ts';
import { foundTenant, type TestTenant } from '../testing.ts';
import { removeTrustDomain } from './remove-trust-domain.ts';
import { removeTokenIssuer, setTokenIssuer } from './set-token-issuer.ts';
import { setTrustDomain } from './set-trust-domain.ts';
import { spiffeMethod, spiffeNames } from './spiffe-names.ts';
import * as store from './store.ts';

const name = 'acme.example';
const subject = `spiffe://${name}/refund-bot`;
const issuer = 'https://ci.example';
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const bundle = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'jwt-svid', kid: 'k' }] });

for (const backend of backends) {
  describe(`trust on the ${backend.name} store`, { skip: backend.skip }, () => {
    let opened: TestStore;
    let acme: TestTenant;
    let other: TestTenant;
    before(async () => {
      opened = await backend.open();
      acme = await foundTenant(opened.ground, 'Acme');
      other = await foundTenant(opened.ground, 'Other');
    });
    after(() => opened.close());

    test('tenants do not touch: what one trusts, the other has not heard of, and it goes with what hangs on it', async () => {
      const { ground } = opened;
      const { caller } = acme.admin;
      const fetched = async () => ({ text: bundle });
      await setTrustDomain(ground, caller, fetched, { name, source: { url: 'https://acme.example/bundle' } });
      const wanted = { issuer, jwksUrl: null, lifeSecondsMax: 3600 };
      const { issuer: named } = await setTokenIssuer(ground, caller, wanted);
      const { agent } = await registerAgent(ground, caller, {
        name: 'refund-bot',
        team: 'support',
        purpose: 'settles damaged orders',
        environment: 'production',
        zone: 'shop',
        expiresAt: ground.clock() + 86_400_000,
        ceiling: [],
        liveTasksMax: 5,
      });
      const methods = { [spiffeMethod]: spiffeNames };
      await addAgentIdentity(ground, caller, methods, { agent: agent.id, method: spiffeMethod, issuer: name, subject });
      const reads = (of: typeof acme.tenant) =>
        Promise.all([
          store.findTrustDomain(ground, of, name),
          store.findTrustFetch(ground, of, name),
          store.findTokenIssuer(ground, of, named.id),
          store.findTokenIssuerByName(ground, of, issuer),
          store.findSpiffeName(ground, subject, of),
          store.listTrustDomains(ground, of).then((all) => all[0]),
          store.listTrustFetches(ground, of).then((all) => all[0]),
          store.listTokenIssuers(ground, of).then((all) => all[0]),
        ]);
      assert.ok((await reads(acme.tenant)).every((found) => found !== undefined));
      assert.ok((await reads(other.tenant)).every((found) => found === undefined));
      assert.deepEqual(await store.homesOfSpiffeId(ground, subject), [acme.tenant]);
      await assert.rejects(removeTrustDomain(ground, other.admin.caller, name), { code: 'thing.not_found' });
      assert.equal((await removeTrustDomain(ground, caller, name)).revoked, 1);
      await removeTokenIssuer(ground, caller, named.id);
      assert.ok((await reads(acme.tenant)).every((found) => found === undefined));
      assert.deepEqual(await store.homesOfSpiffeId(ground, subject), []);
    });
  });
}
