import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { proofClaim } from '@ambit/protocol';
import fc from 'fast-check';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import {
  accessTokenHash,
  bodyDigestOf,
  coversBody,
  coversWhatCame,
  onlyHeader,
  proofHeader,
  verifyProof,
} from './proof.ts';
import { signJws, signProof, testKey } from './testing.ts';

const now = Date.UTC(2026, 0, 5, 9, 0, 0);
const url = 'https://gateway.example/api/shop/refunds';
const about = { method: 'POST', url, now };
const key = testKey();
const body = Buffer.from('{"amount":"30.00"}');

const refused = (text: string, code: string, expected: Parameters<typeof verifyProof>[1] = about) =>
  assert.throws(() => verifyProof(text, expected), { code });

describe('a proof that holds', () => {
  test('names the key, the jti and the time', () => {
    for (const signer of [testKey('ES256'), testKey('EdDSA')]) {
      const proof = verifyProof(signProof(signer, about, { jti: 'one' }), about);
      assert.equal(proof.jkt, signer.thumbprint);
      assert.equal(proof.jti, 'one');
      assert.equal(proof.iat, now);
      assert.deepEqual(proof.jwk, signer.jwk);
      assert.equal(proof.nonce, null);
      assert.equal(proof.bodyDigest, null);
    }
  });

  test('can come from another implementation', async () => {
    for (const alg of ['ES256', 'EdDSA', 'Ed25519']) {
      const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
      const jwk = await exportJWK(publicKey);
      const text = await new SignJWT({ htm: 'POST', htu: url, jti: 'x', nonce: 'n' })
        .setProtectedHeader({ typ: 'dpop+jwt', alg, jwk })
        .setIssuedAt(now / 1000)
        .sign(privateKey);
      const proof = verifyProof(text, about);
      assert.equal(proof.jkt, await calculateJwkThumbprint(jwk));
      assert.equal(proof.nonce, 'n');
    }
  });

  test('is about the URL without query and fragment, in any spelling of scheme, host and port', () => {
    const asked = { ...about, url: `${url}?limit=5#top` };
    for (const htu of [url, 'HTTPS://Gateway.Example:443/api/shop/refunds', `${url}?other=1`]) {
      verifyProof(signProof(key, about, { htu }), asked);
    }
  });

  test('holds up to a minute, and for a clock that runs a little ahead', () => {
    const text = signProof(key, about);
    verifyProof(text, { ...about, now: now + 59_999 });
    verifyProof(text, { ...about, now: now - 5_000 });
  });
});

describe('a proof is refused', () => {
  test('for another method, URL, token or body', () => {
    refused(signProof(key, about), 'proof.invalid', { ...about, method: 'PUT' });
    refused(signProof(key, about), 'proof.invalid', { ...about, method: 'post' });
    refused(signProof(key, about), 'proof.invalid', { ...about, url: `${url}/1` });
    refused(signProof(key, about), 'proof.invalid', { ...about, url: 'https://mallory.example/api/shop/refunds' });
    refused(signProof(key, about), 'proof.invalid', { ...about, url: 'http://gateway.example/api/shop/refunds' });
    refused(signProof(key, about), 'proof.invalid', { ...about, ath: accessTokenHash('token') });
    refused(signProof(key, { ...about, token: 'another' }), 'proof.invalid', {
      ...about,
      ath: accessTokenHash('token'),
    });
    refused(signProof(key, about), 'proof.body_missing', { ...about, bodyDigest: bodyDigestOf(body) });
    refused(signProof(key, { ...about, body: Buffer.from('{"amount":"90.00"}') }), 'proof.body_mismatch', {
      ...about,
      bodyDigest: bodyDigestOf(body),
    });
  });

  test('for another name of the listener, and says by which one it is called; for another path it does not', () => {
    const says = (asked: string) => {
      try {
        verifyProof(signProof(key, about), { ...about, url: asked });
      } catch (error) {
        return (error as { readonly says: string }).says;
      }
      return assert.fail('the proof held');
    };
    assert.match(says('http://localhost:8421/api/shop/refunds'), /^Ambit is called http:\/\/localhost:8421 here, /);
    assert.doesNotMatch(says(`${url}/1`), /is called/);
  });

  test('when it is too old or from the future', () => {
    const text = signProof(key, about);
    refused(text, 'proof.stale', { ...about, now: now + 60_000 });
    refused(text, 'proof.stale', { ...about, now: now - 6_000 });
  });

  test('without a claim that it needs, or with one of another type', () => {
    for (const name of ['htm', 'htu', 'jti', 'iat']) {
      for (const value of [undefined, null, '', {}, ['POST'], true, name === 'iat' ? 'now' : 5]) {
        refused(signProof(key, about, { [name]: value }), 'proof.invalid');
      }
    }
    refused(signProof(key, about, { jti: 'x'.repeat(1025) }), 'proof.invalid');
    refused(signProof(key, about, { iat: -1 }), 'proof.invalid');
    refused(signProof(key, about, { nonce: 7 }), 'proof.invalid');
  });

  test('of another type, with another algorithm, or with headers nobody here understands', () => {
    refused(signProof(key, about, {}, { typ: 'JWT' }), 'proof.invalid');
    refused(signProof(key, about, {}, { typ: undefined }), 'proof.invalid');
    for (const alg of ['none', 'HS256', 'RS256', 'EdDSA', undefined])
      refused(signProof(key, about, {}, { alg }), 'proof.invalid');
    refused(signProof(key, about, {}, { crit: ['exp'] }), 'proof.invalid');
    refused(signProof(key, about, {}, { b64: false }), 'proof.invalid');
    refused(signProof(key, about, {}, { jwk: undefined }), 'proof.invalid');
  });

  test('when its jwk is private, another key, or another kind', () => {
    const secret = key.private.export({ format: 'jwk' });
    refused(signProof(key, about, {}, { jwk: secret }), 'proof.invalid');
    refused(signProof(key, about, {}, { jwk: testKey().jwk }), 'proof.invalid');
    refused(signProof(key, about, {}, { jwk: testKey('EdDSA').jwk }), 'proof.invalid');
  });

  test('when a name stands twice in its header or claims', () => {
    const header = { typ: 'dpop+jwt', alg: key.alg, jwk: key.jwk };
    const claims = `{"htm":"GET","htm":"POST","htu":"${url}","jti":"1","iat":${now / 1000}}`;
    refused(signJws(key, header, claims), 'proof.invalid');
    const twice = `{"typ":"dpop+jwt","alg":"ES256","jwk":${JSON.stringify(testKey().jwk)},"jwk":${JSON.stringify(key.jwk)}}`;
    refused(signJws(key, twice, { htm: 'POST', htu: url, jti: '1', iat: now / 1000 }), 'proof.invalid');
  });

  test('when it is not exactly one compact JWS', () => {
    const text = signProof(key, about);
    const [header, claims, signature] = text.split('.');
    const wrong = [
      '',
      '.',
      '..',
      text.slice(0, -1),
      `${text}=`,
      `${text}.`,
      ` ${text}`,
      `${text}, ${text}`,
      `${header}..${signature}`,
      `${header}.${claims}.`,
      `${text}${'A'.repeat(9000)}`,
    ];
    for (const one of wrong) refused(one, 'proof.invalid');
  });

  test('when any one character of it is changed (property)', () => {
    const text = signProof(key, about);
    const alphabet = 'ABCabc012-_';
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...alphabet), (at, char) => {
        if (text[at] === char) return;
        refused(`${text.slice(0, at)}${char}${text.slice(at + 1)}`, 'proof.invalid');
      }),
    );
  });

  test('after a proof with the same header was accepted, just as before', () => {
    const text = signProof(key, about);
    verifyProof(text, about);
    const forged = `${text.split('.')[0]}.${signProof(testKey(), about).split('.').slice(1).join('.')}`;
    refused(forged, 'proof.invalid');
  });
});

test('what is refused says why, for the log', () => {
  const invalid = (because: RegExp, text: string, expected: Partial<typeof about> & { ath?: string } = {}) =>
    assert.throws(() => verifyProof(text, { ...about, ...expected }), { code: 'proof.invalid', because });
  const text = signProof(key, about);
  invalid(/^htm is another method$/, text, { method: 'PUT' });
  invalid(/^htu is https:\/\/gateway\.example\/api\/shop\/refunds, another URL$/, text, { url: `${url}/1` });
  invalid(/^ath is of another token$/, text, { ath: 'another' });
  invalid(/^typ is not dpop\+jwt$/, signProof(key, about, {}, { typ: 'JWT' }));
  invalid(/^alg is not one for that key$/, signProof(key, about, {}, { alg: 'none' }));
  invalid(/^the jwk of the proof: key\.invalid: the key is not an object$/, signProof(key, about, {}, { jwk: 'x' }));
  invalid(/^the signature is not that of the key in the header$/, signProof(key, about, {}, { jwk: testKey().jwk }));
  assert.throws(() => verifyProof(text, { ...about, now: now + 60_000 }), {
    because: /^iat is \d+, the time is \d+$/,
    values: { made: now },
  });
  assert.throws(() => coversBody(verifyProof(text, about), 'x'), { because: 'the proof names no body' });
  const other = signProof(key, { ...about, body: new Uint8Array(1) });
  assert.throws(() => coversBody(verifyProof(other, about), 'x'), { because: 'the proof names another body' });
});

test('a proof may come with a token, and is about that one', () => {
  const text = signProof(key, { ...about, token: 'one' });
  assert.equal(verifyProof(text, { ...about, ath: accessTokenHash('one') }).jkt, key.thumbprint);
  assert.equal(verifyProof(text, about).jkt, key.thumbprint);
  refused(text, 'proof.invalid', { ...about, ath: accessTokenHash('two') });
});

test('hashes are those of the specification: of an access token, and of a body', () => {
  // RFC 9449 §7.1, figure 13.
  const token = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU';
  assert.equal(accessTokenHash(token), 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo');
  assert.equal(bodyDigestOf(new Uint8Array(0)), 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU');
});

test('a URL that nobody can read, or with a name or a password in it, is about nothing', () => {
  for (const htu of [
    'refunds',
    'https://',
    'https://alice@gateway.example/api',
    'https://:x@gateway.example/api',
    '?x',
    '1https://gateway.example/api',
  ]) {
    const text = signProof(key, about, { htu });
    const expected = { code: 'proof.invalid', because: 'a URL cannot be read' };
    assert.throws(() => verifyProof(text, { ...about, url: htu }), expected, htu);
    assert.throws(() => verifyProof(text, about), expected, htu);
  }
});

describe('header fields that come once', () => {
  test('one DPoP header is taken, none or two are refused', () => {
    assert.equal(proofHeader(['Host', 'x', 'DPoP', 'p']), 'p');
    assert.throws(() => proofHeader(['Host', 'dpop']), { code: 'proof.missing' });
    assert.throws(() => proofHeader(['DPoP', 'a', 'dpop', 'b']), { code: 'proof.missing' });
  });

  test('a value that reads like the name of a field is none', () => {
    assert.equal(proofHeader(['X', 'dpop', 'DPoP', 'p', 'Y', 'dpop']), 'p');
    assert.equal(onlyHeader(['X', 'authorization', 'Authorization', 'DPoP a'], 'authorization'), 'DPoP a');
  });

  test('what came too often is counted, and the caller hears what to do', () => {
    assert.throws(() => proofHeader(['DPoP', 'a', 'dpop', 'b']), { because: '2 DPoP headers came' });
    assert.throws(() => onlyHeader(['host', 'a', 'Host', 'b'], 'host'), {
      because: 'host came 2 times',
      says: 'Send host once.',
    });
  });

  test('a second Authorization header is refused, where Node would drop it', () => {
    assert.equal(onlyHeader(['Authorization', 'DPoP a'], 'authorization'), 'DPoP a');
    assert.equal(onlyHeader(['X', 'authorization'], 'authorization'), undefined);
    assert.throws(() => onlyHeader(['Authorization', 'DPoP a', 'authorization', 'DPoP b'], 'authorization'), {
      code: 'request.malformed',
    });
  });
});

describe('the body', () => {
  const proofOver = (bytes?: Uint8Array) =>
    verifyProof(signProof(key, bytes === undefined ? about : { ...about, body: bytes }), about);

  test('that came is the one the proof names', () => {
    coversWhatCame(proofOver(body), body);
    coversWhatCame(proofOver(), new Uint8Array(0));
    coversBody(proofOver(body), bodyDigestOf(body));
    assert.equal(proofOver(body).bodyDigest, bodyDigestOf(body));
    assert.match(proofClaim.bodyDigest, /^ambit_/);
  });

  test('that is missing, added or changed under way is refused', () => {
    assert.throws(() => coversWhatCame(proofOver(), body), { code: 'proof.body_missing' });
    assert.throws(() => coversWhatCame(proofOver(body), new Uint8Array(0)), { code: 'proof.body_mismatch' });
    assert.throws(() => coversWhatCame(proofOver(body), Buffer.from('{"amount":"90.00"}')), {
      code: 'proof.body_mismatch',
    });
  });
});
