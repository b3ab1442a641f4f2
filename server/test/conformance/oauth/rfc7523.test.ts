/** RFC 7521 and RFC 7523 (JWT client authentication): what an assertion must be, and what it must not. */
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { assertionType } from '@ambit/protocol';
import * as oauth from 'oauth4webapi';
import { type House, openHouse } from '../../house.ts';
import { type IndependentClient, independentClient, insecure, refusalOf, signingKey } from './independent-client.ts';

let house: House;
let agent: IndependentClient;
before(async () => {
  house = await openHouse();
  agent = await independentClient(house, house.refundBot);
});
after(() => house.close());

async function login(authentication: oauth.ClientAuth, client = agent.client) {
  const options = { DPoP: agent.dpop, ...insecure };
  const response = await oauth.clientCredentialsGrantRequest(agent.as, client, authentication, {}, options);
  return oauth.processClientCredentialsResponse(agent.as, client, response);
}

type Json = Record<string, oauth.JsonValue | undefined>;
/** `private_key_jwt` with one thing changed in the assertion. */
const with_ = (change: (payload: Json, header: Json) => void) =>
  oauth.PrivateKeyJwt({ key: agent.key, kid: agent.kid }, { [oauth.modifyAssertion]: (h, p) => change(p, h) });

const now = () => Math.floor(Date.now() / 1000);
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = () => ({
  iss: house.refundBot.id,
  sub: house.refundBot.id,
  aud: house.plane.agents,
  jti: randomUUID(),
  iat: now(),
  exp: now() + 60,
});

/** Sends this very text as the assertion. */
const asserting =
  (assertion: string, type: string = assertionType.jwtBearer): oauth.ClientAuth =>
  (_as, client, body) => {
    body.set('client_id', client.client_id);
    body.set('client_assertion_type', type);
    body.set('client_assertion', assertion);
  };

test('an assertion signed by a registered key is taken', async () => {
  assert.ok((await login(agent.authentication)).access_token);
});

test('an assertion without client_id beside it is taken, since it names its client itself', async () => {
  const dropping: oauth.ClientAuth = async (as, client, body, headers) => {
    await agent.authentication(as, client, body, headers);
    body.delete('client_id');
  };
  assert.ok((await login(dropping)).access_token);
});

test('an assertion counts once: the same again is refused, also after a restart', async () => {
  let kept = '';
  const keeping: oauth.ClientAuth = async (as, client, body, headers) => {
    await agent.authentication(as, client, body, headers);
    kept = body.get('client_assertion') ?? '';
  };
  await login(keeping);
  assert.equal((await refusalOf(login(asserting(kept)))).error, 'invalid_client');
  await house.restart();
  const { status, error } = await refusalOf(login(asserting(kept)));
  assert.deepEqual([status, error], [401, 'invalid_client']);
});

test('of many that send one assertion at the same moment, one gets in', async () => {
  let kept = '';
  const keeping: oauth.ClientAuth = async (as, client, body, headers) => {
    await agent.authentication(as, client, body, headers);
    kept = body.get('client_assertion') ?? '';
    throw new Error('kept, not sent');
  };
  await assert.rejects(login(keeping), /kept, not sent/);
  const all = await Promise.allSettled(Array.from({ length: 8 }, () => login(asserting(kept))));
  assert.equal(all.filter((one) => one.status === 'fulfilled').length, 1);
});

const changes: readonly (readonly [string, (payload: Json, header: Json) => void])[] = [
  [
    'the token endpoint as audience',
    (payload) => {
      payload.aud = `${house.plane.agents}/oauth/token`;
    },
  ],
  [
    'a list of audiences, ours among them',
    (payload) => {
      payload.aud = [house.plane.agents, 'https://b.example'];
    },
  ],
  [
    'a list with our audience alone',
    (payload) => {
      payload.aud = [house.plane.agents];
    },
  ],
  [
    'another server’s audience',
    (payload) => {
      payload.aud = 'https://elsewhere.example';
    },
  ],
  [
    'no audience',
    (payload) => {
      delete payload.aud;
    },
  ],
  [
    'an issuer that is not the subject',
    (payload) => {
      payload.iss = house.lookupBot.id;
    },
  ],
  [
    'the name of another agent',
    (payload) => {
      payload.iss = payload.sub = house.lookupBot.id;
    },
  ],
  [
    'the name of nobody',
    (payload) => {
      payload.iss = payload.sub = `agt_${'0'.repeat(26)}`;
    },
  ],
  [
    'no jti',
    (payload) => {
      delete payload.jti;
    },
  ],
  [
    'no exp',
    (payload) => {
      delete payload.exp;
    },
  ],
  [
    'an exp that has passed',
    (payload) => {
      payload.iat = payload.nbf = now() - 120;
      payload.exp = now() - 60;
    },
  ],
  [
    'a life of an hour',
    (payload) => {
      payload.exp = now() + 3600;
    },
  ],
  [
    'an iat that lies ahead',
    (payload) => {
      payload.iat = now() + 120;
      payload.exp = now() + 180;
    },
  ],
  [
    'an nbf that lies ahead',
    (payload) => {
      payload.nbf = now() + 120;
    },
  ],
  [
    'an exp that is a text',
    (payload) => {
      payload.exp = `${now() + 60}`;
    },
  ],
  [
    'no kid',
    (_, header) => {
      delete header.kid;
    },
  ],
  [
    'the kid of nobody',
    (_, header) => {
      header.kid = 'x'.repeat(43);
    },
  ],
  [
    'the type of an access token',
    (_, header) => {
      header.typ = 'at+jwt';
    },
  ],
  [
    'the type of a DPoP proof',
    (_, header) => {
      header.typ = 'dpop+jwt';
    },
  ],
  [
    'a crit header',
    (_, header) => {
      header.crit = ['exp'];
    },
  ],
  [
    'a key in its header',
    (_, header) => {
      header.kid = 'mine';
      header.jwk = { kty: 'EC' };
    },
  ],
  [
    'another proof key in cnf',
    (payload) => {
      payload.cnf = { jkt: 'x'.repeat(43) };
    },
  ],
];
for (const [what, change] of changes) {
  test(`an assertion with ${what} is refused`, async () => {
    const { status, error } = await refusalOf(login(with_(change)));
    assert.deepEqual([status, error], [401, 'invalid_client']);
  });
}

test('an assertion under the key of another agent is refused', async () => {
  const { key } = await signingKey(house.malloryBot);
  const forged = oauth.PrivateKeyJwt({ key, kid: agent.kid });
  assert.equal((await refusalOf(login(forged))).error, 'invalid_client');
});

// RFC 8725 §2.1: a public key is no shared secret, and no signature is no signature.
test('none and HMAC under the public key are no signatures', async () => {
  const { d: _d, ...publicJwk } = house.refundBot.key as unknown as Record<string, string>;
  for (const secret of [JSON.stringify(publicJwk), publicJwk.x ?? '', agent.kid]) {
    const signed = `${encode({ alg: 'HS256', kid: agent.kid })}.${encode(claims())}`;
    const mac = createHmac('sha256', secret).update(signed).digest('base64url');
    assert.equal((await refusalOf(login(asserting(`${signed}.${mac}`)))).error, 'invalid_client');
  }
  for (const alg of ['none', 'None', 'ES384', 'RS256', '']) {
    const signed = `${encode({ alg, kid: agent.kid })}.${encode(claims())}`;
    assert.equal((await refusalOf(login(asserting(`${signed}.`)))).error, 'invalid_client', alg);
  }
});

test('what is no JWT at all, or of another assertion type, is refused', async () => {
  for (const text of ['x', 'a.b.c', '..', `${encode({ alg: 'ES256' })}.${encode(claims())}`, 'é']) {
    assert.equal((await refusalOf(login(asserting(text)))).error, 'invalid_client', text);
  }
  const saml = 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer';
  const { error, error_description } = await refusalOf(login(asserting('PHNhbWw', saml)));
  assert.equal(error, 'invalid_client');
  assert.match(error_description, /jwt-bearer/);
});

// RFC 6749 §2.3: one method per request.
test('a secret beside a good assertion is refused', async () => {
  const both: oauth.ClientAuth = async (as, client, body, headers) => {
    await agent.authentication(as, client, body, headers);
    body.set('client_secret', 's3cret');
  };
  assert.equal((await refusalOf(login(both))).error, 'invalid_client');
});

test('a client_id that is not the subject is refused', async () => {
  const { error } = await refusalOf(
    login(agent.authentication, { client_id: house.refundBot.id }).then(() => {
      const other: oauth.ClientAuth = async (as, client, body, headers) => {
        await agent.authentication(as, client, body, headers);
        body.set('client_id', house.lookupBot.id);
      };
      return login(other);
    }),
  );
  assert.equal(error, 'invalid_client');
});

test('a revoked key and a suspended agent log in no more, in words that tell a stranger nothing', async () => {
  const { agents } = house.alice.operator;
  await agents.suspend(house.refundBot.id, 'Being looked at.');
  const { error } = await refusalOf(login(agent.authentication));
  assert.match(error, /^(invalid_client|unauthorized_client)$/);
  await agents.resume(house.refundBot.id, 'All is well.');
  assert.ok((await login(agent.authentication)).access_token);
});
