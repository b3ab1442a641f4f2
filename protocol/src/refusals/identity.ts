import type { RefusalRow } from './row.ts';

const signInAgain = 'Open a new session with your enrolled key and send the request again.';
const authenticateAgain =
  'Authenticate with a fresh private_key_jwt assertion signed by a registered key of the agent, or by mutual TLS.';

export const identityRefusals = {
  'key.invalid': {
    status: 400,
    oauth: 'invalid_request',
    title: 'The key cannot be used',
    says: 'Send one public JWK: an Ed25519 key (kty OKP) or a P-256 key (kty EC).',
  },
  'key.private': {
    status: 400,
    oauth: 'invalid_request',
    title: 'That is a private key',
    says: 'Nothing was stored. Treat that key as leaked: make a new one and send its public half only.',
  },
  'key.known': {
    status: 409,
    title: 'That key is known already',
    says: 'Make a new key: one key belongs to one person or one agent.',
  },
  'key.not_active': {
    status: 409,
    title: 'That key is not active',
    says: 'Check the id of the key; a revoked key stays revoked.',
  },
  'identity.unknown': {
    status: 400,
    title: 'Nobody here could vouch for that name',
    says: 'Correct the named part: method, issuer and subject are what the settings and the method allow.',
  },
  'identity.taken': {
    status: 409,
    title: 'That name stands for an agent already',
    says: 'Revoke it there first: one name stands for one agent.',
  },
  'proof.missing': {
    status: 401,
    oauth: 'invalid_dpop_proof',
    title: 'The proof of possession is missing',
    says: 'Send exactly one DPoP header with a fresh proof for this request (RFC 9449), or connect with a certificate (RFC 8705 §3) and send none.',
  },
  'proof.invalid': {
    status: 401,
    oauth: 'invalid_dpop_proof',
    title: 'The proof of possession does not hold',
    says: 'Sign a new DPoP proof for exactly this method and URL with the key that the token is bound to.',
  },
  'proof.stale': {
    status: 401,
    oauth: 'invalid_dpop_proof',
    title: 'The proof is too old, or from the future',
    says: 'Check the clock of the caller and sign a new DPoP proof.',
  },
  'proof.replayed': {
    status: 401,
    oauth: 'invalid_dpop_proof',
    title: 'The proof was used before',
    says: 'Sign a new DPoP proof for every request, each with its own jti.',
  },
  'proof.body_missing': {
    status: 401,
    oauth: 'invalid_dpop_proof',
    title: 'The proof does not cover the body',
    says: 'Name the body in the claim ambit_body of the proof: sha-256: and the base64url of its SHA-256.',
  },
  'proof.body_mismatch': {
    status: 401,
    oauth: 'invalid_dpop_proof',
    title: 'The proof is for another body',
    says: 'Sign the proof over the very bytes of the body that is sent.',
  },
  'client.unauthenticated': {
    status: 401,
    oauth: 'invalid_client',
    title: 'The agent did not prove who it is',
    says: authenticateAgain,
  },
  'client.secret_refused': {
    status: 401,
    oauth: 'invalid_client',
    title: 'Shared secrets do not authenticate an agent',
    says: 'Send no client_secret: authenticate with private_key_jwt (client_assertion_type and client_assertion, RFC 7523), or with a certificate over mutual TLS (RFC 8705). A client that can do neither gets a key for one task template.',
  },
  'client.key_ended': {
    status: 401,
    oauth: 'invalid_client',
    title: 'That key of the agent has ended',
    says: 'Its time is over, or it is older than the organisation allows. Ask the agent’s owner to put a new key beside it (ambit agent key rotate), and sign with that one.',
  },
  'client.certificate_unknown': {
    status: 401,
    oauth: 'invalid_client',
    title: 'That certificate is not one of the agent’s',
    says: 'Send the agent’s id as client_id, over a connection with its certificate: one for an enrolled key, or with the one URI that is registered for the agent, signed by the authority that is named there (RFC 8705 §2); or a SPIFFE ID that is registered, over a connection with an X.509-SVID of its trust domain.',
  },
  'client.certificate_expired': {
    status: 401,
    oauth: 'invalid_client',
    title: 'The certificate has expired, or does not hold yet',
    says: 'Connect anew, with a certificate that holds now.',
  },
  'assertion.invalid': {
    status: 401,
    oauth: 'invalid_client',
    title: 'The assertion does not hold',
    says: 'Sign a new assertion: iss and sub your id, aud the issuer as one string, iat, exp, a fresh jti, kid the thumbprint of your key.',
  },
  'assertion.stale': {
    status: 401,
    oauth: 'invalid_client',
    title: 'The assertion has expired, or lives too long',
    says: 'Check the clock of the caller and sign a new assertion with a short lifetime.',
  },
  'assertion.replayed': {
    status: 401,
    oauth: 'invalid_client',
    title: 'The assertion was used before',
    says: 'Sign a new assertion with its own jti for every use.',
  },
  'svid.invalid': {
    status: 401,
    oauth: 'invalid_client',
    title: 'The SVID does not hold',
    says: 'Fetch a new one: sub the SPIFFE ID that is registered for the agent, aud the issuer alone, signed by its own trust domain with RS, ES or PS 256 to 512.',
  },
  'svid.stale': {
    status: 401,
    oauth: 'invalid_client',
    title: 'The SVID has expired, or lives too long',
    says: 'Fetch a new JWT-SVID, and check the clock of who makes them.',
  },
  'svid.untrusted': {
    status: 401,
    oauth: 'invalid_client',
    title: 'What that trust domain signs with is not known well enough',
    says: 'Tell an administrator: `ambit trust-domain show` says what is wrong with its bundle.',
  },
  'svid.not_issued': {
    status: 403,
    title: 'That SVID is not issued here',
    says: 'Ask the operator of Ambit which SVIDs it issues.',
  },
  'svid.request_invalid': {
    status: 400,
    title: 'That certificate request cannot be answered',
    says: 'Send a PKCS #10 request in PEM form, signed by its own key of P-256, P-384 or RSA from 2048 bits, with no name but your own SPIFFE ID.',
  },
  'workload_token.invalid': {
    status: 401,
    oauth: 'invalid_client',
    title: 'The workload token does not hold',
    says: 'Fetch a new one from the issuer: a JWT that it signed with RS, ES or PS 256 to 512, with iss, aud, iat and exp.',
  },
  'workload_token.stale': {
    status: 401,
    oauth: 'invalid_client',
    title: 'The workload token has expired, or lives too long',
    says: 'Fetch a new one from the issuer, and check the clocks.',
  },
  'workload_token.refused': {
    status: 401,
    oauth: 'invalid_client',
    title: 'No rule of the agent fits that workload',
    says: 'Ask the owner of the agent: its rules name the audience and the claims that a token must have, letter by letter.',
  },
  'workload_token.untrusted': {
    status: 401,
    oauth: 'invalid_client',
    title: 'The keys of that issuer are not known well enough',
    says: 'Tell an administrator: the address of its keys does not answer as it should; the log says how.',
  },
  'token_issuer.refused': {
    status: 400,
    title: 'That is no issuer of workload tokens',
    says: 'Name the issuer as its tokens do in iss, an https address.',
  },
  'trust_bundle.refused': {
    status: 400,
    title: 'That bundle of a trust domain was not taken',
    says: 'Give the bundle of that very trust domain: a JWK set with keys of the use jwt-svid or x509-svid, from a file or over https.',
  },
  'session.invalid': {
    status: 401,
    oauth: 'invalid_token',
    title: 'There is no such open session',
    says: signInAgain,
  },
  'person.unauthenticated': {
    status: 401,
    oauth: 'invalid_client',
    title: 'The person did not prove who they are',
    says: 'Sign the assertion with a key that is enrolled for you; ask an administrator for an enrolment code if you have none.',
  },
  'person.not_active': {
    status: 403,
    oauth: 'access_denied',
    title: 'That person is not active',
    says: 'Ask an administrator.',
  },
  'sign_in.refused': {
    status: 401,
    title: 'That sign-in does not hold',
    says: 'Begin again: a sign-in ends once, in ten minutes, and by the key that began it.',
  },
  'sign_in.busy': {
    status: 429,
    title: 'Too many sign-ins did not hold lately',
    says: 'The provider was not asked. Begin again in some seconds; a key or a passkey of yours opens a session meanwhile.',
  },
  'sign_in.unknown_person': {
    status: 403,
    title: 'Nobody here is known by that sign-in',
    says: 'Ask an administrator to link your account, or to let people of your domain in.',
  },
  'sign_in.linked': {
    status: 409,
    title: 'That subject, or that person, is linked already',
    says: 'Unlink it first: a subject of a provider is one person, and a person one subject.',
  },
  'sign_in.not_fresh': {
    status: 403,
    title: 'That takes a fresh sign-in through the provider',
    says: 'Sign in through your organisation’s provider again (maxAgeSeconds 0), and ask within five minutes.',
  },
  'sign_in.has_key': {
    status: 409,
    title: 'There is a key already, or was one',
    says: 'Add another by a signature of the key that you have, or ask an administrator for a one-time code.',
  },
  'sign_in.provider_invalid': {
    status: 400,
    title: 'That cannot be said of a provider',
    says: 'Correct the named part.',
  },
  'sign_in.provider_failed': {
    status: 502,
    title: 'The provider did not answer as it should',
    says: 'Try again in a minute; an administrator sees in the log what was wrong.',
  },
  'person.no_owner': {
    status: 409,
    title: 'That person may not own agents',
    says: 'Give them the role owner first, or name another person.',
  },
  'person.last_administrator': {
    status: 409,
    title: 'That would leave no administrator',
    says: 'Make another person administrator first.',
  },
  'person.own_roles': {
    status: 403,
    title: 'Nobody changes their own roles',
    says: 'Ask another administrator.',
  },
  'passkey.refused': {
    status: 401,
    oauth: 'invalid_client',
    title: 'That passkey proves nothing here',
    says: 'Use a passkey that was enrolled at this very address and not revoked, and let the device verify you. Without one, ask an administrator for an enrolment code.',
  },
  'passkey.challenge_over': {
    status: 401,
    oauth: 'invalid_client',
    title: 'That challenge is over, or was one for something else',
    says: 'Begin again: a challenge is answered once, within five minutes, for what it was asked for, by who asked for it.',
  },
  'passkey.counter_back': {
    status: 403,
    title: 'That passkey may have been copied',
    says: 'Its counter did not grow, so there may be two of it. Revoke it, and enrol another one.',
  },
  'passkey.unavailable': {
    status: 409,
    title: 'There are no passkeys at this address',
    says: 'Passkeys belong to a name. Ask the operator to set AMBIT_PEOPLE_ORIGIN to an https origin with one; on one machine alone, to http://localhost and the port.',
  },
  'enrolment.refused': {
    status: 403,
    title: 'That enrolment code opens nothing',
    says: 'It is wrong, used, expired, or for another plane than this. Ask an administrator for a new one.',
  },
  'identity.enrols_no_key': {
    status: 403,
    oauth: 'unauthorized_client',
    title: 'That proof of the agent enrols no keys',
    says: 'Keys are enrolled by a one-time code, or by an outside identity whose owner allowed it: `ambit agent bind … --enrols-keys 12h`. A key enrols no other.',
  },
  'tenant.started': {
    status: 409,
    title: 'The first administrator has come already',
    says: 'Sign in with an enrolled key; an administrator can issue enrolment codes for others.',
  },
  'agent.not_active': {
    status: 403,
    oauth: 'unauthorized_client',
    title: 'The agent is not active',
    says: 'Its owner must activate it before it can act.',
  },
  'agent.expired': {
    status: 403,
    oauth: 'unauthorized_client',
    title: 'The agent has expired',
    says: 'Ask its owner to register it anew.',
  },
  'agent.owner_not_active': {
    status: 403,
    oauth: 'unauthorized_client',
    title: 'The agent has no active owner',
    says: 'Ask an administrator: an agent acts only while a person answers for it.',
  },
  'agent.wrong_state': {
    status: 409,
    title: 'The agent is in another state',
    says: 'Read the agent again: draft can become active, active suspended, suspended active again; retired is the end.',
  },
  'agent.not_owner': {
    status: 403,
    title: 'This is for the owner of the agent',
    says: 'Ask the owner that the agent is registered with.',
  },
  'agent.laxer_than_tenant': {
    status: 409,
    title: 'The organisation wants more',
    says: 'For all agents a shared credential leads to a suspension: one agent can be held to more, never to less.',
  },
  'signature.invalid': {
    status: 403,
    title: 'The signature does not hold',
    says: 'Sign the canonical JSON (RFC 8785) of exactly this document with an enrolled, active key of yours.',
  },
  'standing_grant.exceeds': {
    status: 403,
    title: 'The grant exceeds what may be given',
    says: 'Narrow it: it must lie within what the owner may delegate and within the ceiling of the agent.',
  },
  'standing_grant.not_active': {
    status: 403,
    oauth: 'access_denied',
    title: 'There is no such active standing grant',
    says: 'Ask the owner of the agent to sign a new one.',
  },
  'enforcement_point.domain_unknown': {
    status: 422,
    title: 'There is no domain of that name',
    says: 'Publish the domain first (`ambit domain publish`), or correct the name: a point without a domain asks nothing that anybody answers.',
  },
  'enforcement_point.unauthenticated': {
    status: 401,
    oauth: 'invalid_token',
    title: 'The enforcement point did not prove who it is',
    says: 'Send the bearer secret that was printed at its registration, or a fresh assertion signed by its registered key.',
  },
} as const satisfies Record<string, RefusalRow>;
