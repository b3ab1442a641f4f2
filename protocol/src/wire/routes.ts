import type { Authority } from '../authority/authority.ts';
import type { WorkloadKind } from '../entry.ts';
import type {
  AgentId,
  ApprovalId,
  EnrolmentId,
  EntryId,
  PersonId,
  SessionId,
  SignInProviderId,
  TaskId,
  TenantId,
  TokenIssuerId,
} from '../ids.ts';
import type { Bounds } from '../said/bounds.ts';
import type { ApprovalState } from '../said/listed-question.ts';
import type { Acting, AgentOverview, UndoAnswer, UndoTask } from '../said/overviews.ts';
import type { DocumentSignature } from '../signature.ts';
import type * as wire from './index.ts';
import type { AssertedCredential, CreationOptionsJson, MadeCredential, RequestOptionsJson } from './webauthn.ts';

/**
 * The people's listener, row by row: what each takes as its query and its body, and what it answers. It is written down here
 * alone: a row of the server that takes less or answers another thing does not compile, and neither does a method of the SDK.
 */
export type PeopleRoutes = {
  'GET /health': { answer: wire.Health };

  'POST /v1/sessions': { body: { assertion: string }; answer: SessionOpened };
  'DELETE /v1/sessions/current': Done;
  'POST /v1/sessions/passkey/options': { body: object; answer: { publicKey: RequestOptionsJson } };
  'POST /v1/sessions/passkey': { body: { credential: AssertedCredential }; answer: SessionOpened };
  'POST /v1/sign-in/oidc/start': {
    body: { provider: SignInProviderId; maxAgeSeconds?: number; acrValues?: string };
    answer: { url: string; expiresAt: number };
  };
  'POST /v1/sign-in/oidc/finish': {
    body: { state: string; code?: string; iss?: string; error?: string };
    answer: wire.ProviderSession;
  };
  'POST /v1/sign-in/enrolment': { answer: EnrolmentCodeOf };
  'GET /v1/me': { answer: wire.Me };
  'GET /v1/me/acting': { answer: Acting };
  /** Answers server-sent events. */
  'GET /v1/live': Done;
  'GET /v1/me/notifications': { answer: { mail: wire.MailWish } };
  'PUT /v1/me/notifications': { body: { mail: wire.MailWish }; answer: { mail: wire.MailWish } };

  'POST /v1/enrolments': { body: { person: PersonId }; answer: EnrolmentCodeOf };
  'POST /v1/enrolments/redeem': { body: { code: string; label: string }; answer: wire.PersonKey };
  'POST /v1/enrolments/passkey/options': { body: { code: string }; answer: { publicKey: CreationOptionsJson } };
  'POST /v1/enrolments/passkey/redeem': {
    body: { code: string; label: string; credential: MadeCredential };
    answer: wire.PersonKey;
  };
  'POST /v1/person-keys/passkey/options': { answer: { publicKey: CreationOptionsJson } };
  'POST /v1/person-keys/passkey': {
    body: Signed<wire.PasskeyAddition> & { credential: MadeCredential };
    answer: wire.PersonKey;
  };
  'DELETE /v1/person-keys/:key': Done;
  'POST /v1/persons': { body: wire.NewPerson; answer: wire.Person & { enrolment: wire.EnrolmentCode } };
  'GET /v1/persons': { query: wire.Page; answer: { persons: readonly wire.PersonInShort[] } };
  'GET /v1/persons/:person': { answer: wire.Person & { keys: readonly wire.PersonKey[] } };
  'PUT /v1/persons/:person/roles': { body: { roles: readonly wire.Role[] }; answer: wire.Person };
  'PUT /v1/persons/:person/delegable': { body: { delegable: Authority }; answer: wire.Person };
  'POST /v1/persons/:person/disable': { body: Because; answer: wire.DisabledPerson };

  'POST /v1/sign-in/providers': { body: wire.NewSignInProvider; answer: wire.SignInProvider };
  'GET /v1/sign-in/providers': { answer: { providers: readonly wire.SignInProvider[] } };
  'GET /v1/sign-in/providers/:provider': {
    answer: wire.SignInProvider & { persons: readonly wire.SignInLink[]; groups: readonly wire.SignInGroup[] };
  };
  'DELETE /v1/sign-in/providers/:provider': { answer: { id: SignInProviderId; unlinked: number } };
  'POST /v1/sign-in/providers/:provider/persons': {
    body: Pick<wire.SignInLink, 'subject' | 'person'>;
    answer: wire.SignInLink;
  };
  'POST /v1/sign-in/providers/:provider/persons/forget': { body: { subject: string } };
  'POST /v1/sign-in/providers/:provider/groups': { body: wire.SignInGroup; answer: wire.SignInGroup };
  'POST /v1/sign-in/providers/:provider/groups/forget': { body: { group: string } };

  'POST /v1/agents': { body: wire.NewAgent; answer: wire.Agent };
  'GET /v1/agents': { query: wire.Page; answer: { agents: readonly wire.Agent[] } };
  'GET /v1/agents/:agent': { answer: wire.AgentShown };
  'GET /v1/agents/:agent/overview': { answer: AgentOverview };
  'POST /v1/agents/:agent/activate': { answer: wire.Agent };
  'POST /v1/agents/:agent/suspend': { body: Because; answer: wire.StoppedAgent };
  'POST /v1/agents/:agent/resume': { body: Because; answer: wire.Agent };
  'POST /v1/agents/:agent/retire': { body: Because; answer: wire.StoppedAgent };
  'POST /v1/agents/:agent/end-tasks': { body: Because; answer: wire.Ending };
  'PUT /v1/agents/:agent/owner': { body: Because & { owner: PersonId }; answer: wire.Agent };
  'POST /v1/agents/:agent/keys': { body: wire.NewAgentKey; answer: wire.AgentKey };
  'POST /v1/agents/:agent/keys/:key/rotate': {
    body: Omit<wire.Rotation, 'old'>;
    answer: { key: wire.AgentKey; old: wire.AgentKey };
  };
  'DELETE /v1/agents/:agent/keys/:key': Done;
  'POST /v1/agents/:agent/enrolments': {
    body: { ttlSeconds?: number; keySeconds?: number };
    answer: wire.AgentEnrolment;
  };
  'DELETE /v1/agents/:agent/enrolments': { answer: { withdrawn: readonly EnrolmentId[] } };
  'POST /v1/agents/:agent/identities': {
    body: Pick<wire.AgentIdentity, 'method' | 'issuer' | 'subject'> & { keySeconds?: number };
    answer: wire.AgentIdentity;
  };
  'DELETE /v1/agents/:agent/identities/:identity': Done;
  'POST /v1/agents/:agent/users': {
    body: Pick<wire.AgentUser, 'api' | 'externalId' | 'label'>;
    answer: wire.AgentUser;
  };
  'DELETE /v1/agents/:agent/users/:user': Done;
  'PUT /v1/agents/:agent/when-shared': { body: Because & { whenShared: wire.WhenShared }; answer: wire.Agent };
  'GET /v1/when-shared': { answer: wire.SharedRule };
  'PUT /v1/when-shared': { body: Because & { whenShared: wire.WhenShared }; answer: wire.SharedRule };
  'GET /v1/orphans': { answer: wire.Orphans };
  'POST /v1/standing-grants': { body: Signed<wire.StandingGrantDocument>; answer: wire.StandingGrant };
  'DELETE /v1/standing-grants/:grant': Done;
  'POST /v1/agents/:agent/template-keys': { body: wire.NewTemplateKey; answer: wire.MadeTemplateKey };
  'GET /v1/agents/:agent/template-keys': { answer: { keys: readonly wire.TemplateKey[] } };
  'POST /v1/agents/:agent/template-keys/:key/rotate': {
    body: { endsAt: number; expiresAt: number };
    answer: { key: wire.MadeTemplateKey; old: wire.TemplateKey };
  };
  'POST /v1/agents/:agent/template-keys/:key/revoke': { body: Because; answer: wire.RevokedTemplateKey };

  'PUT /v1/trust-domains/:name': {
    body: ({ bundle: string } | { url: string }) & { singleUse?: boolean };
    answer: wire.TrustDomain;
  };
  'GET /v1/trust-domains': { answer: { trustDomains: readonly wire.TrustDomain[] } };
  'GET /v1/trust-domains/:name': { answer: wire.TrustDomain & { bundle: string } };
  'DELETE /v1/trust-domains/:name': { answer: { name: string; revoked: number } };
  'POST /v1/token-issuers': { body: wire.NewTokenIssuer; answer: wire.TokenIssuer };
  'GET /v1/token-issuers': { answer: { tokenIssuers: readonly wire.TokenIssuer[] } };
  'DELETE /v1/token-issuers/:issuer': { answer: { id: TokenIssuerId; revoked: number } };
  'POST /v1/enforcement-points': {
    body: wire.NewEnforcementPoint;
    answer: wire.EnforcementPoint & { secret: string | null };
  };
  'GET /v1/enforcement-points': { query: wire.Page; answer: { enforcementPoints: readonly wire.EnforcementPoint[] } };
  'DELETE /v1/enforcement-points/:point': Done;

  'POST /v1/tasks': { body: wire.NewTask; answer: wire.TaskShown };
  'GET /v1/tasks': {
    query: { state?: Exclude<wire.TaskState, 'requested'> };
    answer: { tasks: readonly wire.TaskShown[] };
  };
  'GET /v1/tasks/:task': { answer: wire.TaskRun };
  'POST /v1/tasks/:task/narrow': { body: Because & { authority: Authority }; answer: wire.TaskShown };
  'POST /v1/tasks/:task/authenticate': { answer: wire.TaskShown };
  'POST /v1/tasks/:task/revoke': { body: Because; answer: wire.Ending };
  'POST /v1/tokens/:token/revoke': { body: Because; answer: wire.Ending };
  'POST /v1/elevations/:elevation/end': { body: Because; answer: wire.Elevation };
  'POST /v1/purposes': { body: Pick<wire.PurposeType, 'name' | 'says'>; answer: wire.PurposeType };
  'GET /v1/purposes': { answer: { purposes: readonly wire.PurposeType[] } };
  'POST /v1/templates': { body: Omit<wire.Template, 'id' | 'state'>; answer: wire.Template };
  'GET /v1/templates': { answer: { templates: readonly wire.Template[] } };

  'POST /v1/apis': { body: wire.ApiImport; answer: wire.ImportReport };
  'POST /v1/apis/check': { body: wire.ApiImport; answer: wire.ImportPreview };
  'GET /v1/apis': { answer: { version: string; apis: readonly wire.Api[] } };
  'GET /v1/apis/:api': { answer: wire.ApiShown };
  'POST /v1/apis/:api/confirmations': {
    body: { revision: number; actions?: readonly string[] };
    answer: { entry: EntryId; confirmed: readonly string[]; lowered: readonly wire.Lowered[] };
  };
  'POST /v1/apis/:api/overlays': { body: { overlay: string; revision?: number }; answer: wire.Classified };
  'POST /v1/apis/:api/overlays/check': { body: { overlay: string }; answer: wire.OverlayPreview };
  'POST /v1/apis/:api/origin': { body: { server: string; revision: number }; answer: wire.Api };
  'GET /v1/actions': {
    query: { api?: string; after?: string };
    answer: { version: string; actions: readonly wire.ActionInShort[]; next: string | null };
  };
  'GET /v1/actions/:action': { answer: wire.ActionShown };
  'PATCH /v1/actions/:action': {
    body: { classification: Partial<wire.Classification>; revision?: number };
    answer: wire.Classified;
  };
  'GET /v1/unmatched': { answer: { groups: readonly wire.UnmatchedGroup[] } };
  'POST /v1/unmatched/:group/promotion': {
    body: { operation?: string };
    answer: Omit<wire.ActionInShort, 'classifiedBy'>;
  };

  'GET /v1/policies': { answer: { policies: readonly Omit<wire.Policy, 'text'>[] } };
  'GET /v1/policies/:number': { answer: wire.Policy };
  'POST /v1/policies/check': {
    body: { text: string };
    answer: {
      version: string;
      policies: readonly string[];
      warnings: readonly wire.PolicyProblem[];
      changes: wire.RuleChanges | null;
    };
  };
  'POST /v1/policies': { body: { text: string; note?: string; after?: number }; answer: wire.Policy };
  'GET /v1/domains/:domain': {
    answer: wire.PublishedDomain & wire.DomainDraft & { older: readonly wire.DomainVersion[] };
  };
  'POST /v1/domains/:domain/check': {
    body: wire.DomainDraft;
    answer: {
      policies: readonly string[];
      directory: Readonly<Record<string, number>>;
      warnings: readonly wire.PolicyProblem[];
    };
  };
  'POST /v1/domains/:domain': { body: wire.DomainDraft & { note?: string }; answer: wire.PublishedDomain };
  'GET /v1/limits': { answer: { limits: readonly wire.StandingLimit[] } };
  'POST /v1/limits': { body: wire.NewStandingLimit; answer: wire.StandingLimit };
  'DELETE /v1/limits/:name': Done;
  'GET /v1/age-limits': { answer: { limits: readonly wire.AgeLimit[] } };
  'POST /v1/age-limits': { body: Pick<wire.AgeLimit, 'of' | 'secondsMax' | 'reason'>; answer: wire.AgeLimit };
  'DELETE /v1/age-limits/:of': Done;

  'GET /v1/approvals': { query: OfState; answer: { now: number; approvals: readonly wire.Approval[] } };
  'GET /v1/inbox': { query: OfState; answer: wire.Inbox };
  'GET /v1/approvals/:approval': { answer: wire.Approval & { now: number } };
  'POST /v1/approvals/:approval/answer': { body: Answer & { remember?: Bounds }; answer: wire.Approval };
  'POST /v1/approvals/answers': {
    body: Answer & { approvals: readonly ApprovalId[] };
    answer: { became: readonly wire.Became[] };
  };
  'GET /v1/remembered-yeses': {
    query: { task?: TaskId };
    answer: { now: number; remembered: readonly wire.RememberedShown[] };
  };
  'POST /v1/remembered-yeses/:remembered/end': { body: Because; answer: wire.Remembered };
  'GET /v1/approval-rules': { answer: { rules: readonly wire.ApprovalRule[] } };
  'POST /v1/approval-rules': { body: wire.ApprovalRule; answer: wire.ApprovalRule };
  'GET /v1/proposals': { query: { state?: wire.Proposal['state'] }; answer: { proposals: readonly wire.Proposal[] } };
  'GET /v1/proposals/:proposal': { answer: wire.Proposal };
  'POST /v1/proposals/:proposal/answer': { body: Answer; answer: { proposal: wire.Proposal; answer: unknown } };
  'GET /v1/two-persons': { answer: { required: boolean } };
  'PUT /v1/two-persons': { body: { required: boolean }; answer: { required: boolean } };

  'POST /v1/channels': { body: wire.NewChannel; answer: wire.ChannelWithSecret };
  'GET /v1/channels': { answer: { channels: readonly wire.ChannelFare[] } };
  'GET /v1/channels/:channel/deliveries': { answer: { deliveries: readonly wire.Delivery[] } };
  'GET /v1/channels/:channel/deliveries/:delivery': { answer: wire.Delivery };
  'POST /v1/channels/:channel/rotate': { body: { overlapSeconds: number }; answer: wire.ChannelWithSecret };
  'POST /v1/channels/:channel/test': { answer: wire.Delivery };
  'POST /v1/channels/:channel/enable': { answer: wire.Channel };
  'DELETE /v1/channels/:channel': Done;
  'POST /v1/credentials': { body: wire.NewCredential; answer: wire.Credential };
  'GET /v1/credentials': { answer: { credentials: readonly wire.Credential[] } };
  'GET /v1/credentials/:credential': { answer: wire.Credential };
  'POST /v1/credentials/:credential/rotate': {
    body: { secret: string; overlapSeconds?: number };
    answer: wire.Credential;
  };
  'POST /v1/credentials/:credential/disable': { body: Because; answer: wire.Credential };
  'GET /v1/signals/streams': { answer: { streams: readonly wire.SignalStream[] } };
  'POST /v1/signals/transmitters': { body: wire.NewTransmitter; answer: wire.Transmitter };
  'GET /v1/signals/transmitters': {
    answer: { transmitters: readonly (wire.Transmitter & { persons: readonly wire.MappedPerson[] })[] };
  };
  'DELETE /v1/signals/transmitters/:transmitter': Done;
  'POST /v1/signals/transmitters/:transmitter/persons': { body: wire.MappedPerson; answer: wire.MappedPerson };
  'POST /v1/signals/transmitters/:transmitter/persons/forget': { body: Omit<wire.MappedPerson, 'person'> };

  'GET /v1/runs': { query: { before?: number; limit?: number; kind?: WorkloadKind }; answer: wire.RunPage };
  'GET /v1/runs/:task': { answer: wire.Run };
  /** Answers JSON lines. */
  'GET /v1/log/export': { query: { details?: 'yes' | 'no'; rows?: 'yes' | 'no' } };
  'GET /v1/log/checkpoint': { answer: wire.Checkpoint };
  'GET /v1/log/entries': { query: wire.LogSearch; answer: wire.LogPage };
  'GET /v1/log/entries/:id': { answer: wire.EntryShown };
  'GET /v1/log/entries/:entry/undo': { answer: UndoTask };
  'POST /v1/log/entries/:entry/undo': { query: { shown?: string | undefined }; answer: UndoAnswer };
  'GET /v1/log/proof/inclusion': { query: { entry: EntryId; size: number }; answer: wire.InclusionProof };
  'GET /v1/log/proof/consistency': { query: { older: number; newer: number }; answer: wire.ConsistencyProof };
  'GET /v1/log/stats': { query: wire.StatsAsked; answer: wire.DecisionStats };
};

/** It is answered with nothing but that it was done. */
type Done = object;
type OfState = { state?: Exclude<ApprovalState, 'claimed'> };
type Because = { reason: string };
type Signed<Document> = { document: Document; signature: DocumentSignature };
type Answer = { answer: 'yes' | 'no'; reason: string | null; at: number; signature: DocumentSignature };
type SessionOpened = {
  id: SessionId;
  tenant: TenantId;
  person: PersonId;
  token: string;
  tokenType: 'DPoP';
  expiresAt: number;
};
type EnrolmentCodeOf = wire.EnrolmentCode & { person: PersonId };

/** The same of what agents ask on their own listener, beside OAuth, SVIDs and the gateway. */
export type AgentRoutes = {
  'POST /v1/agent/enrolments/redeem': { body: { code: string }; answer: EnrolledKey };
  'POST /v1/agent/keys': {
    body: { client_id?: string; client_assertion_type?: string; client_assertion?: string };
    answer: EnrolledKey;
  };
  'POST /v1/agent/tasks': {
    body: {
      purpose: wire.Purpose;
      authority: Authority;
      ttlSeconds: number;
      delegates?: readonly AgentId[];
      beside?: TaskId;
    };
    answer: wire.TaskShown;
  };
  'GET /v1/agent/tasks': { answer: { tasks: readonly wire.TaskShown[] } };
  'GET /v1/agent/tasks/:task': { answer: wire.TaskShown & { elevations: readonly wire.Elevation[] } };
  'POST /v1/agent/tasks/:task/accept': { answer: wire.TaskShown };
  'POST /v1/agent/tasks/:task/complete': { answer: wire.Ending };
};

/** An agent hears of its key, and not which person stands behind it. */
type EnrolledKey = Pick<wire.AgentKey, 'id' | 'agent' | 'thumbprint' | 'notBefore' | 'notAfter'>;

type Routes = PeopleRoutes & AgentRoutes;
export type RouteName = keyof Routes;
/** Undefined where it takes none. */
export type QueryOf<R extends RouteName> = Routes[R] extends { query: infer Query } ? Query : undefined;
/** Undefined where it takes none. */
export type BodyOf<R extends RouteName> = Routes[R] extends { body: infer Body } ? Body : undefined;
/** Undefined where it answers nothing but that it was done. */
export type AnswerOf<R extends RouteName> = Routes[R] extends { answer: infer Answer } ? Answer : undefined;
