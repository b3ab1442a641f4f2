/** Ids say what they are: `tsk_…` is a task, and its type is not the type of an agent's id. */
const prefixes = {
  tenant: 'ten',
  person: 'psn',
  agent: 'agt',
  agentUser: 'agu',
  agentIdentity: 'aid',
  tokenIssuer: 'tki',
  key: 'key',
  standingGrant: 'stg',
  template: 'tpl',
  templateKey: 'tky',
  task: 'tsk',
  token: 'tok',
  approval: 'apr',
  elevation: 'elv',
  remembered: 'rmb',
  credential: 'crd',
  entry: 'ent',
  enforcementPoint: 'pep',
  enrolment: 'enr',
  session: 'ses',
  loan: 'lon',
  stream: 'str',
  transmitter: 'trm',
  channel: 'chn',
  delivery: 'dlv',
  signInProvider: 'sip',
  proposal: 'prp',
} as const;

export type IdKind = keyof typeof prefixes;

declare const brand: unique symbol;
export type Id<K extends IdKind> = `${(typeof prefixes)[K]}_${string}` & { readonly [brand]: K };

export type TenantId = Id<'tenant'>;
export type PersonId = Id<'person'>;
export type AgentId = Id<'agent'>;
export type AgentUserId = Id<'agentUser'>;
export type AgentIdentityId = Id<'agentIdentity'>;
export type TokenIssuerId = Id<'tokenIssuer'>;
export type KeyId = Id<'key'>;
export type StandingGrantId = Id<'standingGrant'>;
export type TemplateId = Id<'template'>;
export type TemplateKeyId = Id<'templateKey'>;
export type TaskId = Id<'task'>;
export type TokenId = Id<'token'>;
export type ApprovalId = Id<'approval'>;
export type ElevationId = Id<'elevation'>;
export type RememberedId = Id<'remembered'>;
export type CredentialId = Id<'credential'>;
export type EntryId = Id<'entry'>;
export type EnforcementPointId = Id<'enforcementPoint'>;
export type EnrolmentId = Id<'enrolment'>;
export type SessionId = Id<'session'>;
export type LoanId = Id<'loan'>;
export type StreamId = Id<'stream'>;
export type TransmitterId = Id<'transmitter'>;
export type ChannelId = Id<'channel'>;
export type DeliveryId = Id<'delivery'>;
export type SignInProviderId = Id<'signInProvider'>;
export type ProposalId = Id<'proposal'>;

/** 26 characters of Crockford base 32: 130 bits, of which the maker fills as many as it has. */
const tail = /^[0-9a-hjkmnp-tv-z]{20,32}$/;

/** The id, if `text` is one of that kind; otherwise undefined. */
export function parseId<K extends IdKind>(kind: K, text: unknown): Id<K> | undefined {
  const prefix = `${prefixes[kind]}_`;
  if (typeof text !== 'string' || !text.startsWith(prefix) || !tail.test(text.slice(prefix.length))) return undefined;
  return text as Id<K>;
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** An id of that kind from at least 13 random bytes (104 bits). */
export function formatId<K extends IdKind>(kind: K, random: Uint8Array): Id<K> {
  // Five bits a character; of 104 bits the first four are left over, as in a number written from its end.
  let text = '';
  let bits = (random[0] ?? 0) & 15;
  let held = 4;
  for (let at = 1; at < 13; at++) {
    bits = (bits << 8) | (random[at] ?? 0);
    held += 8;
    for (; held >= 5; held -= 5) text += alphabet[(bits >> (held - 5)) & 31];
    bits &= (1 << held) - 1;
  }
  return `${prefixes[kind]}_${text}` as Id<K>;
}
