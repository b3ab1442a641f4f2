/**
 * Names on the wire: OpenID Shared Signals Framework 1.0, CAEP 1.0, RISC 1.0, RFC 8417 (SET), RFC 8935 (push), RFC 8936
 * (poll), RFC 9493 (subject identifiers). One file, so that a name is spelled once.
 */
const secevent = 'https://schemas.openid.net/secevent';

export const eventType = {
  sessionRevoked: `${secevent}/caep/event-type/session-revoked`,
  tokenClaimsChange: `${secevent}/caep/event-type/token-claims-change`,
  credentialChange: `${secevent}/caep/event-type/credential-change`,
  riskLevelChange: `${secevent}/caep/event-type/risk-level-change`,
  accountDisabled: `${secevent}/risc/event-type/account-disabled`,
  accountEnabled: `${secevent}/risc/event-type/account-enabled`,
  verification: `${secevent}/ssf/event-type/verification`,
} as const;

export type EventType = (typeof eventType)[keyof typeof eventType];

/** What this transmitter tells, of what a receiver may ask for. Verification comes to whoever asks for it. */
export const eventsSupported: readonly EventType[] = [
  eventType.sessionRevoked,
  eventType.tokenClaimsChange,
  eventType.credentialChange,
  eventType.riskLevelChange,
  eventType.accountDisabled,
];

export const delivery = { push: 'urn:ietf:rfc:8935', poll: 'urn:ietf:rfc:8936' } as const;
export type DeliveryMethod = (typeof delivery)[keyof typeof delivery];

export const setMediaType = 'application/secevent+jwt';
/** RFC 8417 §2.3: the explicit type of a SET. */
export const setType = 'secevent+jwt';

export const endpoint = {
  metadata: '/.well-known/ssf-configuration',
  streams: '/ssf/streams',
  status: '/ssf/status',
  addSubject: '/ssf/subjects/add',
  removeSubject: '/ssf/subjects/remove',
  verification: '/ssf/verification',
  poll: '/ssf/poll',
  /** Where a registered transmitter pushes to us. */
  events: '/ssf/events',
} as const;
