/**
 * Identity: who persons and agents are, and how each proves it. It knows tenants, persons and their keys, agents and
 * theirs, standing grants, sessions, enforcement points, and which proofs were used. It promises that only a person
 * with the right adds a key, that a proof counts once, and that every change is an entry. It deliberately does not
 * know what a task, an action or a policy is.
 */

export { activateAgent } from './activate-agent.ts';
export { addAgentIdentity, type NewAgentIdentity } from './add-agent-identity.ts';
export { addAgentKey, type NewAgentKey } from './add-agent-key.ts';
export { type AgeLimit, type Aging, aged, tooOldAt } from './age.ts';
export * from './agent.ts';
export type { AgentIdentity, IdentityMethod, IdentityMethods } from './agent-identity.ts';
export { agentKeyHolds } from './agent-key-holds.ts';
export {
  type Asserted,
  type AssertionRules,
  type Claimed,
  type Confirmed,
  checkAssertion,
  readAssertion,
} from './assertion.ts';
export { type AuthenticatedAgent, authenticateAgent } from './authenticate-agent.ts';
export { type AuthenticatedPoint, authenticateEnforcementPoint } from './authenticate-enforcement-point.ts';
export { authenticatePerson, callerStill, type Door, type SessionCaller } from './authenticate-person.ts';
export type { ClientCredentials, ClientMethod, ClientRules, ProvedClient } from './clients/client-method.ts';
export { jwtSpiffe } from './clients/jwt-spiffe.ts';
export { privateKeyJwt } from './clients/private-key-jwt.ts';
export { selfSignedTlsClientAuth } from './clients/self-signed-tls-client-auth.ts';
export { sanUris, tlsClientAuth } from './clients/tls-client-auth.ts';
export { workloadToken } from './clients/workload-token.ts';
export { x509Spiffe } from './clients/x509-spiffe.ts';
export { closeSession } from './close-session.ts';
export { createTenant } from './create-tenant.ts';
export { derSignature, rawSignature } from './der-signature.ts';
export { disableBySignal, disablePerson } from './disable-person.ts';
export type { EnforcementPoint } from './enforcement-point.ts';
export { enrolPersonKey } from './enrol-person-key.ts';
export { agentEnrolmentRoutes } from './enrolments/routes.ts';
export { listOpenAgentEnrolments } from './enrolments/store.ts';
export {
  type AgentFacts,
  agentFacts,
  type LiveStandingGrant,
  liveStandingGrants,
  type PersonFacts,
  personFacts,
} from './facts.ts';
export { type FirstAdministrator, firstAdministrator, renewFirstCode } from './first-administrator.ts';
export { issueEnrolment } from './issue-enrolment.ts';
export { type Jws, readJws, textClaim, timeClaim } from './jws.ts';
export {
  openKey,
  type PublicJwk,
  type PublicKey,
  readPublicKey,
  type SigningAlg,
  signatureHolds,
  signingAlgs,
} from './key.ts';
export { signerDetail } from './key-detail.ts';
export { keyStandsFor } from './key-stands-for.ts';
export { linkAgentUser, type NewAgentUser } from './link-agent-user.ts';
export { lowersForAgent, opensPerson } from './lowers.ts';
export { moveAgent } from './move-agent.ts';
export { openSession } from './open-session.ts';
export { type OwnPlace, ownClient, whyBeyond } from './own-client.ts';
export { createChallenges } from './passkeys/challenge.ts';
export { countUse } from './passkeys/count-use.ts';
export {
  holdsRole,
  isAdministrator,
  mayOwnAgents,
  type Person,
  type PersonKey,
  type Role,
  requireRole,
  roles,
} from './person.ts';
export {
  accessTokenHash,
  bodyDigestOf,
  coversBody,
  coversWhatCame,
  onlyHeader,
  type Proof,
  type Proved,
  proofAgeSecondsMax,
  proofHeader,
  skewSecondsMax,
  verifyProof,
} from './proof.ts';
export { type ProvedAgent, proveAgent, refuseSharedSecret } from './prove-agent.ts';
export { type Reassignment, reassignAgent } from './reassign-agent.ts';
export { createRecent, type Recent } from './recent.ts';
export { type NewAgent, registerAgent } from './register-agent.ts';
export { type NewEnforcementPoint, registerEnforcementPoint } from './register-enforcement-point.ts';
export { type NewPerson, registerPerson } from './register-person.ts';
export { resumeAgent } from './resume-agent.ts';
export { retireAgent } from './retire-agent.ts';
export { retireEnforcementPoint } from './retire-enforcement-point.ts';
export { revokeAgentIdentity } from './revoke-agent-identity.ts';
export { revokeAgentKey } from './revoke-agent-key.ts';
export { revokePersonKey } from './revoke-person-key.ts';
export { revokeStandingGrant } from './revoke-standing-grant.ts';
export { type Rotation, rotateAgentKey } from './rotate-agent-key.ts';
export { identityRoutes } from './routes.ts';
export { seeInstance } from './see-instance.ts';
export type { Session } from './session.ts';
export { removeAgeLimit, setAgeLimit } from './set-age-limit.ts';
export { setDelegable } from './set-delegable.ts';
export { setRoles } from './set-roles.ts';
export { setSharedRule } from './set-shared-rule.ts';
export { setWhenShared } from './set-when-shared.ts';
export { signatureShape } from './shapes.ts';
export { createCodePace } from './sign-in/code-pace.ts';
export { createProviderClients } from './sign-in/provider-clients.ts';
export { signInRoutes } from './sign-in/routes.ts';
export { signStandingGrant } from './sign-standing-grant.ts';
export { type DocumentSignature, readSignature, type SignedDocument, signerOf } from './signature.ts';
export { purgeUsedProofs, spendAssertion, spendProof } from './spend-proof.ts';
export type { StandingGrant, StandingGrantDocument } from './standing-grant.ts';
export {
  addSubject,
  agentStands,
  findAgent,
  findAgentInstance,
  findEnforcementPoint,
  findPerson,
  findTenant,
  listActiveStandingGrants,
  listAgeLimits,
  listAgentInstances,
  listAgentKeys,
  listAgents,
  listAgentUsers,
  listAllAgentUsers,
  listPersonKeys,
  listPersons,
  listTenants,
  personKeyStands,
  personStands,
  revokeStandingGrantRow,
  standingGrantStands,
  tenantOfSubject,
} from './store.ts';
export { suspendAgent } from './suspend-agent.ts';
export { createUnusedSweep } from './suspend-unused.ts';
export {
  type AddedTemplateKey,
  addTemplateKey,
  type NewTemplateKey,
} from './template-keys/add-template-key.ts';
export { elsewhereBecause, type Seen } from './template-keys/binding.ts';
export { requireTemplateKey, revokeTemplateKey } from './template-keys/revoke-template-key.ts';
export { rotateTemplateKey, type TemplateKeyRotation } from './template-keys/rotate-template-key.ts';
export { seeElsewhere } from './template-keys/see-elsewhere.ts';
export {
  findTemplateKey,
  findTemplateKeyBySecret,
  listTemplateKeys,
  templateKeyStands,
} from './template-keys/store.ts';
export {
  type TemplateKey,
  templateKeyHash,
  templateKeyHolds,
  templateKeyPrefix,
  tenantOfTemplateKey,
} from './template-keys/template-key.ts';
export { plane, type Tenant } from './tenant.ts';
export { createIssuerKeys } from './trust/issuer-keys.ts';
export { keepBundles } from './trust/keep-bundles.ts';
export { trustRoutes } from './trust/routes.ts';
export { spiffeMethod, spiffeNames } from './trust/spiffe-names.ts';
export { workloadMethod, workloadRules } from './trust/workload-rule.ts';
export { unlinkAgentUser } from './unlink-agent-user.ts';
