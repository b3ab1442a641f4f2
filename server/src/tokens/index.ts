/**
 * Tokens: how an agent gets a credential and how it is believed. The room promises that a token is bound to one key and
 * at most one task, that its actors come from the plane's own records, that every proof counts once, and that whether a
 * token lives is read from its task, agent, keys and persons. It deliberately does not know what a call may do.
 */
export { type Alive, isAlive, readAlive, requireAlive, requireStanding, type Standing } from './alive.ts';
export { asAgent } from './as-agent.ts';
export type { AuthenticatedCaller } from './authenticated-caller.ts';
export { forgetTokens } from './forget.ts';
export { actorName, type Issuer, metadataOf, planeAudience, taskAudience } from './issuer.ts';
export { openTokenKeys, type TokenKeys } from './keys.ts';
export { endpoint } from './metadata.ts';
export { type EndsToken, type Revoking, revokeToken } from './revoke.ts';
export { operatorTokensRoutes, tokensRoutes } from './routes.ts';
export { signJwt } from './sign-jwt.ts';
export { findToken, liveTokensOfAgent, liveTokensOfTasks, revokeTokenRow, tokensFrom } from './store.ts';
export { type AgentSvids, createAgentSvids } from './svids/agent-svids.ts';
export { openSvidIssuer } from './svids/svid-authority.ts';
export {
  proveTemplateKey,
  requireKnownTemplateKey,
  templateKeyIn,
} from './template-keys/prove-template-key.ts';
export type { IssuedToken, VerifiedToken } from './token.ts';
export { type Credentials, challenged, schemeOf, type TokenFor, verify } from './verify.ts';
export { signedToken, type TokenRules, verifyToken } from './verify-token.ts';
