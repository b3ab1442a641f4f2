import type { WorkloadKind } from './entry.ts';

/**
 * Names on the wire, in one place: claims, parameters, media types and header fields, each with where it comes from.
 * Code says `claim.confirmation`, never `'cnf'`, so that a name that a draft changes is changed here.
 */

/** Claims of Ambit's access tokens (`typ` `at+jwt`, RFC 9068 §2.2). */
export const claim = {
  issuer: 'iss',
  subject: 'sub',
  audience: 'aud',
  expires: 'exp',
  issuedAt: 'iat',
  notBefore: 'nbf',
  tokenId: 'jti',
  clientId: 'client_id',
  /** draft-mcguinness-oauth-actor-profile: what the client is, at the top level alone; see `entityProfile`. */
  clientProfile: 'client_profile',
  /** RFC 8693 §4.1: the outermost is the current actor, those inside came before it. */
  actor: 'act',
  /** RFC 9068 §2.2.1: when the person who asked last proved who they are, and how. */
  authTime: 'auth_time',
  authContext: 'acr',
  /** RFC 8693 §4.4. */
  mayAct: 'may_act',
  /** RFC 7800 §3.1; holds `jkt` (RFC 9449 §6.1) or `x5t#S256` (RFC 8705 §3.1). */
  confirmation: 'cnf',
  thumbprint: 'jkt',
  certificateThumbprint: 'x5t#S256',
  /** RFC 9396 §9.1. */
  authorizationDetails: 'authorization_details',
  /** draft-mcguinness-oauth-mission: the task, for verifiers that know missions. */
  mission: 'mission',
  /** The tenant, which is ours alone. */
  tenant: 'ambit_tenant',
  /** draft-ietf-oauth-status-list §6.1: where it is published whether the token still stands. */
  status: 'status',
} as const;

/** Values of `acr`: persons prove themselves by a key that was enrolled for them. */
export const acr = { enrolledKey: 'urn:ambit:acr:enrolled-key', provider: 'urn:ambit:acr:provider' } as const;

/** Members of the `status` claim, and of the list that it points to (draft-ietf-oauth-status-list §4.2, §5.1, §6.2). */
export const statusMember = {
  list: 'status_list',
  index: 'idx',
  uri: 'uri',
  /** Bits of one status: 1, 2, 4 or 8. */
  bits: 'bits',
  /** base64url of the zlib (RFC 1950) of all statuses, the first in the lowest bits of the first byte. */
  statuses: 'lst',
  /** Seconds for which a list that was fetched is good. */
  timeToLive: 'ttl',
} as const;

/** draft-ietf-oauth-status-list §7.1: any other value means that the token does not stand. */
export const statusValid = 0;

/** The value of the `mission` claim: the task, who keeps it, and the digest of what it may do. */
export type MissionClaim = { readonly id: string; readonly issuer: string; readonly authority_hash: string };

/**
 * What each kind of workload is called in `client_profile`, and in `sub_profile` of an actor. The values are those of
 * draft-mora-oauth-entity-profiles; it has none for a partner's workload, so that one is ours.
 */
export const entityProfile = {
  agent: 'ai_agent',
  service: 'service',
  partner: 'partner',
  client: 'user',
} as const satisfies Record<WorkloadKind, string>;

/** The value of the `act` claim. */
export type ActorClaim = {
  readonly iss: string;
  readonly sub: string;
  readonly sub_profile?: string;
  readonly act?: ActorClaim;
};

/** Claims of a DPoP proof (RFC 9449 §4.2), and the digest of the body that our SDK adds to writes. */
export const proofClaim = {
  id: 'jti',
  method: 'htm',
  uri: 'htu',
  issuedAt: 'iat',
  accessTokenHash: 'ath',
  nonce: 'nonce',
  /** `sha-256:` and base64url of the SHA-256 of the body as sent. */
  bodyDigest: 'ambit_body',
} as const;

/** The `typ` of each kind of JWT, so that none is taken for another (RFC 8725 §3.11). */
export const jwtType = {
  accessToken: 'at+jwt',
  proof: 'dpop+jwt',
  introspection: 'token-introspection+jwt',
  /** draft-ietf-oauth-status-list §5.1. */
  statusList: 'statuslist+jwt',
} as const;

export const mediaType = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  /** RFC 9457 §3. */
  problem: 'application/problem+json',
  /** C2SP tlog-checkpoint. */
  checkpoint: 'text/plain; charset=utf-8',
  jsonLines: 'application/jsonl',
  /** draft-ietf-oauth-status-list §8.1. */
  statusList: 'application/statuslist+jwt',
} as const;

/** Parameters of the token, introspection and revocation endpoints. */
export const parameter = {
  grantType: 'grant_type',
  scope: 'scope',
  resource: 'resource',
  audience: 'audience',
  authorizationDetails: 'authorization_details',
  clientId: 'client_id',
  /** RFC 7521 §4.2. */
  clientAssertion: 'client_assertion',
  clientAssertionType: 'client_assertion_type',
  /** RFC 8693 §2.1. */
  subjectToken: 'subject_token',
  subjectTokenType: 'subject_token_type',
  actorToken: 'actor_token',
  actorTokenType: 'actor_token_type',
  requestedTokenType: 'requested_token_type',
  issuedTokenType: 'issued_token_type',
  /** RFC 7662 §2.1, RFC 7009 §2.1. */
  token: 'token',
  tokenTypeHint: 'token_type_hint',
} as const;

export const grantType = {
  clientCredentials: 'client_credentials',
  tokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
} as const;

export const assertionType = {
  jwtBearer: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  /** draft-ietf-oauth-spiffe-client-auth §3.1. */
  jwtSpiffe: 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe',
} as const;

/** RFC 8693 §3. */
export const tokenType = {
  accessToken: 'urn:ietf:params:oauth:token-type:access_token',
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
} as const;

/** Types of `authorization_details` (RFC 9396 §2): one asks for the token of a task, the other is a grant. */
export const detailsType = { task: 'ambit_task', grant: 'ambit_grant' } as const;

/** Asks for a token of the task that the agent has accepted. */
export type TaskDetails = { readonly type: 'ambit_task'; readonly identifier: string };

/**
 * Header fields, in lower case as Node and fetch give them. An upstream's copies of the plane's own are removed, and
 * what the agent says about itself is only ever kept as its claim.
 */
export const header = {
  authorization: 'authorization',
  challenge: 'www-authenticate',
  /** RFC 9449 §4.1, §8. */
  proof: 'dpop',
  proofNonce: 'dpop-nonce',
  /** RFC 7240 §4.3: how long the agent would wait for a person. */
  prefer: 'prefer',
  preferenceApplied: 'preference-applied',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
  idempotencyKey: 'idempotency-key',
  /** HTML, Server-sent events §9.2.4: where a stream of events goes on. */
  lastEventId: 'last-event-id',
} as const;

/** The agent's own claim about a call: why, at which step, from which tool call. */
export const agentClaimHeader = { reason: 'ambit-reason', step: 'ambit-step', toolCall: 'ambit-tool-call' } as const;

/** What the plane says in an answer: the entry that recorded it, its receipt, the approval it waits for. */
export const planeHeader = { entry: 'ambit-entry', receipt: 'ambit-receipt', approval: 'ambit-approval' } as const;

/** Signed tags that an upstream may want (agent, task, purpose, owner, environment). */
export const tagHeader = { tags: 'ambit-tags' } as const;

/** Every header field that begins so is the plane's: none is taken from or passed to an upstream. */
export const planeHeaderPrefix = 'ambit-';
