import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { JsonFault, JsonNumber, type JsonObject, parseJson } from '@ambit/protocol';
import { compactVerify, importJWK, type JWK } from 'jose';
import { checkAssertion, readAssertion } from '../../../src/identity/assertion.ts';
import { openKey } from '../../../src/identity/key.ts';
import { accessTokenHash, verifyProof } from '../../../src/identity/proof.ts';
import { createRecent } from '../../../src/identity/recent.ts';
import { openTokenKeys, type TokenKeys } from '../../../src/tokens/keys.ts';
import { verifyToken } from '../../../src/tokens/verify-token.ts';
import { jsonMutation } from '../json-mutations.ts';
import { attempt, outcomeOf } from '../refused.ts';
import { type Forger, forged, forgers, placeholders } from '../signers.ts';
import { bytesOf, type Input, type Mutation, type Target } from '../target.ts';

/*
 * An input is five or six lines: what it poses as, how many seconds the clock is ahead, who signs, the header, the
 * payload, and what is done to the text afterwards. Anything else is taken for the text of a token itself.
 */

const now = Date.UTC(2026, 0, 5, 9, 0, 0);
const issuer = 'https://ambit.example';
const url = 'https://gateway.example/api/shop/orders/1042';
const aTaskToken = 'a.task.token';
const kinds = ['token', 'proof', 'assertion'] as const;
type Kind = (typeof kinds)[number];

type Case = { readonly kind: Kind; readonly now: number; readonly text: string };
type Taken = { readonly [name: string]: unknown };

function caseOf(input: Input): readonly Case[] {
  const [kind = '', ahead = '', who = '', header, payload, ...edits] = input.split('\n');
  const seconds = /^-?[0-9]{1,6}(?:\.[0-9]{1,3})?$/.test(ahead) ? Number(ahead) : undefined;
  const isForm = kinds.some((one) => one === kind) && seconds !== undefined && Object.hasOwn(forgers, who);
  if (!isForm || header === undefined || payload === undefined)
    return kinds.map((one) => ({ kind: one, now, text: input }));
  const text = forged(who as Forger, bytesOf(placeholders(header)), bytesOf(placeholders(payload)), edits.join('\n'));
  return [{ kind: kind as Kind, now: now + Math.round((seconds ?? 0) * 1000), text }];
}

// ---- what the product says

function verify({ kind, now: at, text }: Case, keys: TokenKeys): Taken {
  if (kind === 'token') return verifyToken(text, { keys, issuer, audience: issuer, now: at });
  if (kind === 'proof') return verifyProof(text, { method: 'POST', url, now: at, ath: accessTokenHash(aTaskToken) });
  const claimed = readAssertion(text);
  const key = claimed.kid === forgers.agent.thumbprint ? forgers.agent : forgers.ed;
  const said = checkAssertion(claimed, openKey(key.jwk), { issuer, now: at, lifeSecondsMax: 300 });
  return { ...said, subject: claimed.subject, kid: key.thumbprint };
}

// ---- what the specifications say, with another implementation of signatures

type Read = { readonly header: JsonObject; readonly claims: JsonObject };

/** RFC 7515 §3.1 and §7.1, of one spelling only. */
function readStrictly(text: string): Read | undefined {
  const parts = text.split('.');
  const isPlain = (part: string) => part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
  if (text.length > 8192 || parts.length !== 3 || !parts.every(isPlain)) return undefined;
  const [header, claims] = parts.slice(0, 2).map(objectIn);
  if (header === undefined || claims === undefined || 'crit' in header || 'b64' in header) return undefined;
  return { header, claims };
}

function objectIn(part: string): JsonObject | undefined {
  const bytes = Buffer.from(part, 'base64url');
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes)) return undefined;
  try {
    const value = parseJson(text, { depthMax: 8, nodesMax: 512 });
    const isObject =
      typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);
    return isObject ? (value as JsonObject) : undefined;
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

type Imported = Awaited<ReturnType<typeof importJWK>>;
const imported = new Map<string, Imported>();
const importedMax = 1000;

async function importOnce(jwk: JWK, alg: string): Promise<Imported> {
  const name = `${alg} ${JSON.stringify(jwk)}`;
  const key = imported.get(name) ?? (await importJWK(jwk, alg));
  if (imported.size < importedMax) imported.set(name, key);
  return key;
}

async function isSigned(text: string, jwk: JWK, alg: string): Promise<boolean> {
  try {
    await compactVerify(text, await importOnce(jwk, alg), { algorithms: [alg] });
    return true;
  } catch (error) {
    if (
      error instanceof Error &&
      /^(?:ERR_J|ERR_INVALID|InvalidState|DataError|OperationError)|DataError/.test(codeOf(error))
    )
      return false;
    throw error;
  }
}

const codeOf = (error: Error & { readonly code?: unknown }) =>
  typeof error.code === 'string' ? error.code : error.name;

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= 1024;
const seconds = (value: unknown): number | undefined => {
  const number = value instanceof JsonNumber ? Number(value.text) : Number.NaN;
  return number > 0 && number < 1e11 ? number : undefined;
};
const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)
    ? (value as JsonObject)[name]
    : undefined;
const isId = (prefix: string, value: unknown) =>
  typeof value === 'string' && new RegExp(`^${prefix}_[0-9abcdefghjkmnpqrstvwxyz]{20,32}$`).test(value);

function isActor(value: unknown): boolean {
  const [profile, inner] = [member(value, 'sub_profile'), member(value, 'act')];
  const isFine =
    isText(member(value, 'iss')) && isText(member(value, 'sub')) && (profile === undefined || isText(profile));
  return isFine && (inner === undefined || isActor(inner));
}

async function isRightToken({ text, now: at }: Case, { header, claims }: Read): Promise<boolean> {
  const key = header.kid === 'k1' ? forgers.k1 : header.kid === 'k2' ? forgers.k2 : undefined;
  const [iat, exp] = [seconds(claims.iat), seconds(claims.exp)];
  const { mission } = claims;
  const isOfTask =
    mission === undefined ||
    (isId('tsk', member(mission, 'id')) &&
      isText(member(mission, 'issuer')) &&
      isText(member(mission, 'authority_hash')) &&
      isId('tsk', claims.txn));
  return (
    header.typ === 'at+jwt' &&
    header.alg === 'ES256' &&
    key !== undefined &&
    claims.iss === issuer &&
    claims.aud === issuer &&
    isId('tok', claims.jti) &&
    isId('ten', claims.ambit_tenant) &&
    isId('agt', claims.client_id) &&
    isBoundOnce(claims.cnf) &&
    isText(claims.ambit_key) &&
    isActor(claims.act) &&
    isOfTask &&
    iat !== undefined &&
    exp !== undefined &&
    at < exp * 1000 &&
    iat * 1000 <= at + 5000 &&
    (await isSigned(text, key.jwk, 'ES256'))
  );
}

const plainKey = /^[A-Za-z0-9_-]{43}$/;
const isSpelled = (value: unknown) =>
  typeof value === 'string' && plainKey.test(value) && Buffer.from(value, 'base64url').toString('base64url') === value;

/** RFC 9449 §4.3, with the keys that are taken here. */
async function isRightProof({ text, now: at }: Case, { header, claims }: Read): Promise<boolean> {
  const { jwk } = header;
  const [kty, crv, x, y, use, keyAlg] = ['kty', 'crv', 'x', 'y', 'use', 'alg'].map((name) => member(jwk, name));
  const isEc = kty === 'EC' && crv === 'P-256' && isSpelled(x) && isSpelled(y);
  const isEd = kty === 'OKP' && crv === 'Ed25519' && isSpelled(x);
  const algs = isEc ? ['ES256'] : isEd ? ['EdDSA', 'Ed25519'] : [];
  const isPublic = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].every((name) => member(jwk, name) === undefined);
  const isForSigning =
    (use === undefined || use === 'sig') && (keyAlg === undefined || algs.includes(keyAlg as string));
  const iat = seconds(claims.iat);
  const optional = [claims.nonce, claims.ambit_body].every((one) => one === undefined || isText(one));
  return (
    header.typ === 'dpop+jwt' &&
    algs.includes(header.alg as string) &&
    isPublic &&
    isForSigning &&
    claims.htm === 'POST' &&
    isText(claims.htu) &&
    sameUrl(claims.htu) &&
    claims.ath === hash('sha256', aTaskToken, 'base64url') &&
    isText(claims.jti) &&
    optional &&
    iat !== undefined &&
    at < iat * 1000 + 60_000 &&
    iat * 1000 <= at + 5000 &&
    (await isSigned(text, isEc ? ({ kty, crv, x, y } as JWK) : ({ kty, crv, x } as JWK), header.alg as string))
  );
}

function sameUrl(text: string): boolean {
  const parsed = URL.parse(text.replace(/[?#].*$/s, ''));
  return parsed !== null && parsed.username === '' && parsed.password === '' && parsed.href === url;
}

async function isRightAssertion({ text, now: at }: Case, { header, claims }: Read): Promise<boolean> {
  const key = header.kid === forgers.agent.thumbprint ? forgers.agent : forgers.ed;
  const algs = key === forgers.ed ? ['EdDSA', 'Ed25519'] : ['ES256'];
  const [iat, exp] = [seconds(claims.iat), seconds(claims.exp)];
  const nbf = claims.nbf === undefined ? iat : seconds(claims.nbf);
  return (
    [undefined, 'JWT', 'client-authentication+jwt'].includes(header.typ as string) &&
    isText(header.kid) &&
    algs.includes(header.alg as string) &&
    isText(claims.sub) &&
    claims.iss === claims.sub &&
    claims.aud === issuer &&
    isText(claims.jti) &&
    iat !== undefined &&
    exp !== undefined &&
    nbf !== undefined &&
    at < exp * 1000 &&
    iat * 1000 <= at + 5000 &&
    nbf * 1000 <= at + 5000 &&
    exp - iat <= 300 &&
    (claims.cnf === undefined || isConfirmation(claims.cnf)) &&
    (await isSigned(text, key.jwk, header.alg as string))
  );
}

const rules = { token: isRightToken, proof: isRightProof, assertion: isRightAssertion };

// ---- both

const openKeys = () =>
  openTokenKeys({ tokens: [forgers.k1, forgers.k2].map(({ kid, private: key }) => ({ kid, key })) });

async function check(one: Case, kept: TokenKeys): Promise<string> {
  const told = attempt(() => verify(one, { ...kept, seen: createRecent(8) }));
  const again = attempt(() => verify(one, kept));
  assert.deepEqual(again, told, 'what was seen before changes the answer');
  const read = readStrictly(one.text);
  const isRight = read !== undefined && (await rules[one.kind](one, read));
  if ('refusal' in told) {
    assert.ok(!isRight, `what is right is refused: ${told.refusal.message}`);
    assert.match(told.refusal.code, new RegExp(`^(?:${one.kind}|key)\\.`));
    return `${one.kind} ${outcomeOf(told.refusal)}`;
  }
  assert.ok(isRight, `a ${one.kind} that is not right is taken`);
  assert.deepEqual(
    saidBy(one.kind, told.value),
    claimedBy(one.kind, read!),
    'it is taken for something else than it says',
  );
  return `${one.kind} taken: ${Object.keys(read!.claims).length} claims, ${String(read!.header.alg)}`;
}

/** What the product understood, and what the text says, of all that later checks rely on. */
function saidBy(kind: Kind, taken: Taken): unknown {
  if (kind === 'token')
    return [
      taken.id,
      taken.tenant,
      taken.agent,
      taken.audience,
      taken.jkt,
      taken.x5t,
      taken.task,
      taken.run,
      taken.expiresAt,
      taken.requester,
    ];
  if (kind === 'proof') return [taken.jkt, taken.jti, taken.iat, taken.bodyDigest, taken.nonce];
  const { jkt = null, x5t = null } = (taken.confirmed ?? {}) as Record<string, unknown>;
  return [taken.subject, taken.jti, taken.expiresAt, jkt, x5t];
}

function claimedBy(kind: Kind, { header, claims }: Read): unknown {
  const milliseconds = (name: string) => Number((claims[name] as JsonNumber).text) * 1000;
  const [jkt, x5t] = [member(claims.cnf, 'jkt') ?? null, member(claims.cnf, 'x5t#S256') ?? null];
  if (kind === 'token') {
    const task = claims.mission === undefined ? [null, null] : [member(claims.mission, 'id'), claims.txn];
    const person = isId('psn', claims.sub) ? claims.sub : null;
    return [
      claims.jti,
      claims.ambit_tenant,
      claims.client_id,
      claims.aud,
      jkt,
      x5t,
      ...task,
      milliseconds('exp'),
      person,
    ];
  }
  if (kind === 'proof')
    return [
      thumbprintOf(header.jwk as JsonObject),
      claims.jti,
      milliseconds('iat'),
      claims.ambit_body ?? null,
      claims.nonce ?? null,
    ];
  return [claims.sub, claims.jti, milliseconds('exp'), jkt, x5t];
}

/** RFC 7800 §3.1: each member that is there is a text. */
function isConfirmation(cnf: unknown): boolean {
  const named = ['jkt', 'x5t#S256'].map((name) => member(cnf, name)).filter((one) => one !== undefined);
  return named.length > 0 && named.every(isText);
}

const isBoundOnce = (cnf: unknown): boolean =>
  isConfirmation(cnf) && (member(cnf, 'jkt') === undefined || member(cnf, 'x5t#S256') === undefined);

/** RFC 7638 §3.2. */
function thumbprintOf({ kty, crv, x, y }: JsonObject): string {
  const members =
    kty === 'EC' ? `{"crv":"${crv}","kty":"EC","x":"${x}","y":"${y}"}` : `{"crv":"${crv}","kty":"OKP","x":"${x}"}`;
  return hash('sha256', members, 'base64url');
}

// ---- inputs

const ids = { task: 'tsk_00000000000000000001', agent: 'agt_00000000000000000002', tenant: 'ten_00000000000000000003' };
const at = now / 1000;
const tokenHeader = { typ: 'at+jwt', alg: 'ES256', kid: 'k1' };
const tokenClaims = {
  ...{ iss: issuer, aud: issuer, sub: 'psn_00000000000000000004', client_id: ids.agent, ambit_tenant: ids.tenant },
  act: { iss: issuer, sub: `spiffe://acme.example/agent/${ids.agent}`, sub_profile: 'ai_agent' },
  ...{ cnf: { jkt: 'a-thumbprint' }, ambit_key: 'a-key', jti: 'tok_00000000000000000005', iat: at, exp: at + 300 },
  ...{ mission: { id: ids.task, issuer, authority_hash: 'sha-256:x' }, txn: ids.task },
};
const proofClaims = {
  jti: 'one',
  htm: 'POST',
  htu: url,
  iat: at,
  ath: accessTokenHash(aTaskToken),
  ambit_body: 'sha-256:y',
};
const assertionClaims = { iss: ids.agent, sub: ids.agent, aud: issuer, iat: at, exp: at + 60, jti: 'two' };

const lines = (kind: Kind, who: Forger, header: object, claims: object, ahead = '0', edits = '') =>
  [kind, ahead, who, JSON.stringify(header), JSON.stringify(claims), edits].join('\n');

const seeds = () => [
  lines('token', 'k1', tokenHeader, tokenClaims),
  lines(
    'token',
    'k2',
    { ...tokenHeader, kid: 'k2' },
    { ...tokenClaims, mission: undefined, txn: undefined, sub: ids.agent },
  ),
  lines('token', 'hmac', { ...tokenHeader, alg: 'HS256' }, tokenClaims),
  lines('token', 'none', { ...tokenHeader, alg: 'none' }, tokenClaims),
  lines('token', 'stranger', { ...tokenHeader, jwk: '$STRANGER' }, tokenClaims),
  lines('token', 'k1', { ...tokenHeader, crit: ['exp'] }, tokenClaims),
  lines('token', 'k1', { ...tokenHeader, b64: false }, tokenClaims),
  lines('token', 'k1', tokenHeader, tokenClaims).replace('"alg":"ES256"', '"alg":"none","alg":"ES256"'),
  lines('token', 'k1', tokenHeader, tokenClaims).replace('"aud":', '"aud":"https://other.example","aud":'),
  ...['pad', 'bits', 'long', 'swap', 'cut 1', 'twice'].map((edit) =>
    lines('token', 'k1', tokenHeader, tokenClaims, '0', edit),
  ),
  ...['300', '299.999', '-5', '-5.001'].map((ahead) => lines('token', 'k1', tokenHeader, tokenClaims, ahead)),
  lines('token', 'k1', tokenHeader, tokenClaims, '0', 'der'),
  lines('proof', 'agent', { typ: 'dpop+jwt', alg: 'ES256', jwk: '$AGENT' }, proofClaims),
  lines('proof', 'ed', { typ: 'dpop+jwt', alg: 'EdDSA', jwk: '$ED' }, proofClaims, '59.999'),
  lines('proof', 'ed', { typ: 'dpop+jwt', alg: 'Ed25519', jwk: '$ED' }, { ...proofClaims, nonce: 'n' }, '-5'),
  lines('proof', 'agent', { typ: 'dpop+jwt', alg: 'ES256', jwk: '$PRIVATE' }, proofClaims),
  lines('assertion', 'agent', { typ: 'JWT', alg: 'ES256', kid: '$KID' }, assertionClaims),
  lines('assertion', 'ed', { alg: 'EdDSA', kid: 'other' }, { ...assertionClaims, nbf: at, cnf: { jkt: 'z' } }),
  forged('k1', Buffer.from(JSON.stringify(tokenHeader)), Buffer.from('{}'), 'swap'),
];

const names = [
  ...new Set([
    ...Object.keys(tokenClaims),
    ...Object.keys(proofClaims),
    'typ',
    'alg',
    'kid',
    'jwk',
    'crit',
    'b64',
    'nbf',
    'kty',
    'crv',
    'x',
    'y',
    'd',
    'use',
    'x5c',
    'jku',
    'nonce',
    '__proto__',
  ]),
];
const values = [
  ...[
    'ES256',
    'EdDSA',
    'Ed25519',
    'none',
    'HS256',
    'RS256',
    'at+jwt',
    'AT+JWT',
    'application/at+jwt',
    'dpop+jwt',
    'JWT',
    'k1',
    'k2',
    'k3',
    '$KID',
  ],
  ...[
    '$AGENT',
    '$ED',
    '$STRANGER',
    '$PRIVATE',
    issuer,
    `${issuer}/`,
    url,
    `${url}?a=1`,
    `${url}/../1042`,
    'HTTPS://GATEWAY.example:443/api/shop/orders/1042',
  ],
  ...[
    'https://u:p@gateway.example/api/shop/orders/1042',
    '',
    'x'.repeat(1024),
    'x'.repeat(1025),
    at,
    at + 5,
    at + 6,
    at - 60,
    at - 59.999,
    at + 301,
    0,
    -1,
    1e11,
  ],
  ...[
    null,
    true,
    [],
    {},
    ['exp'],
    [issuer],
    { jkt: 'q' },
    { 'x5t#S256': 'q' },
    { jkt: 'q', 'x5t#S256': 'q' },
    { jkt: 'q', 'x5t#S256': '' },
    ids.task,
    ids.agent,
    'tsk_short',
    'tsk_0000000000000000000u',
    false,
    { iss: issuer, sub: 'x' },
  ],
];

const onLine =
  (at: number, change: (random: Parameters<Mutation>[0]) => string): Mutation =>
  (random, input) => {
    const all = input.split('\n');
    all[at] = change(random);
    return all.join('\n');
  };

const jsonLine = jsonMutation({ names, values }, (input, random) => {
  const all = input.split('\n');
  const line = random.chance(0.4) ? 3 : 4;
  const [before, after] = [all.slice(0, line), all.slice(line + 1)].map((part) => part.join('\n'));
  return [`${before}\n`, all[line] ?? '', `\n${after}`];
});

const edits = [
  'swap',
  'der',
  'high',
  'pad',
  'bits',
  'long',
  'flip 0 1',
  'flip 60 4',
  'cut 1',
  'cut 2',
  'dots',
  'blank',
  'twice',
  'lower',
];

export const target: Target = {
  holds: 'a token, proof or assertion is taken if and only if it is right',
  dictionary: [...names, ...edits, '"alg":"none",', '"kid":"k1",', '{"typ":"at+jwt",', '\n', '.', '='],
  inputBytesMax: 3000,
  millisecondsMax: 1000,
  ownShare: 0.7,
  mutations: [
    jsonLine,
    jsonLine,
    onLine(0, (random) => random.pick(kinds)),
    onLine(1, (random) =>
      random.pick(['0', '-5', '-5.001', '-6', '59.999', '60', '299.999', '300', '301', '0.5', '-300']),
    ),
    onLine(2, (random) => random.pick(Object.keys(forgers))),
    onLine(5, (random) =>
      random.chance(0.4) ? '' : `${random.pick(['flip', 'cut', 'insert'])} ${random.below(90)} ${random.below(64)}`,
    ),
    onLine(5, (random) => random.pick(edits)),
  ],
  reaches: [
    ...[
      'token taken',
      'proof taken',
      'assertion taken',
      'token token.invalid by keyOf',
      'token token.invalid by readToken',
      'token token.expired',
    ],
    ...[
      'proof proof.invalid by signerOf',
      'proof proof.invalid by readSigner',
      'proof proof.stale',
      'assertion assertion.stale',
      'assertion assertion.invalid',
    ],
  ],
  seeds,
  open: () => {
    const kept = openKeys();
    return {
      async check(input) {
        const told: string[] = [];
        for (const one of caseOf(input)) told.push(await check(one, kept));
        return told.length === 1 ? told[0]! : 'no form of an input';
      },
    };
  },
};
