import { assertionType, claim, parseId } from '@ambit/protocol';
import { type Ground, Refusal, refuse } from '../../foundation/index.ts';
import type { AgentIdentity } from '../agent-identity.ts';
import { agentFacts } from '../facts.ts';
import { type Jws, readJws, textClaim, timeClaim } from '../jws.ts';
import { skewSecondsMax } from '../proof.ts';
import { spendOutsideToken } from '../spend-proof.ts';
import { listAgentIdentities, tenantOfSubject } from '../store.ts';
import type { IssuerKeys } from '../trust/issuer-keys.ts';
import { outsideSignatureHolds } from '../trust/outside-key.ts';
import { findTokenIssuerByName } from '../trust/store.ts';
import type { TokenIssuer } from '../trust/token-issuer.ts';
import { claimThatDiffers, readRule, workloadMethod } from '../trust/workload-rule.ts';
import type { ClientCredentials, ClientMethod } from './client-method.ts';
import { isFor, keyOf } from './jwt-spiffe.ts';

const types = [undefined, 'JWT'];

/**
 * RFC 7523 §2.2 with a token that an OIDC issuer made for a workload: a CI job, a Kubernetes service account. The
 * subject is the issuer's name for it, so `client_id` says which agent is meant, and a rule of that agent whether it is.
 */
export const workloadToken = (issuers: IssuerKeys): ClientMethod => ({
  name: workloadMethod,
  assertionType: null,
  isMeant: isByOutsideIssuer,
  async prove(ground, { parameters, holder }, { now }) {
    const { client_assertion: text = '', client_id: clientId } = parameters;
    const jws = readJws(text, 'workload_token.invalid');
    if (!types.some((type) => type === jws.header.typ)) throw refuse('workload_token.invalid', 'typ is not JWT');
    const { tenant, facts, rules, issuer } = await agentMeant(ground, clientId, jws);
    await requireSigned(issuers, { tenant, issuer }, jws);
    const expiresAt = checkTimes(jws, issuer, now);
    const identity = ruleThatFits(rules, jws);
    const comesAgain = issuer.singleUse !== true;
    const spend = await spendOutsideToken(ground, tenant, {
      jws,
      expiresAt,
      holder: comesAgain ? keyOf(holder) : null,
    });
    return { tenant, facts, agentKey: identity.id, spend };
  },
});

/** Who signs for itself names itself as issuer; an issuer outside is an address. Nothing is believed yet. */
export function isByOutsideIssuer({ parameters }: Pick<ClientCredentials, 'parameters'>): boolean {
  const { client_assertion: text, client_assertion_type: type } = parameters;
  if (type !== assertionType.jwtBearer || text === undefined) return false;
  try {
    const { iss } = readJws(text, 'workload_token.invalid').claims;
    return typeof iss === 'string' && iss.startsWith('https://');
  } catch (error) {
    // What cannot be read is refused, with its reason, by the method that reads all other assertions.
    if (error instanceof Refusal) return false;
    throw error;
  }
}

// Nobody is asked for keys on a stranger's word: the agent comes first, then its rules, then the issuer of these.
async function agentMeant(ground: Ground, clientId: string | undefined, { claims }: Jws) {
  const says = 'Send the agent’s id as client_id beside the token of its workload.';
  if (clientId === undefined) throw refuse('client.unauthenticated', 'a workload token came without client_id', says);
  const iss = textClaim(claims, claim.issuer, 'workload_token.invalid');
  const id = parseId('agent', clientId);
  const tenant = id && (await tenantOfSubject(ground, id));
  const facts = id && tenant && (await agentFacts(ground, tenant, id));
  if (!tenant || !facts) throw refuse('client.unauthenticated', `no agent ${clientId.slice(0, 100)}`);
  const rules = (await listAgentIdentities(ground, tenant, facts.agent.id)).filter(
    (one) => one.method === workloadMethod && one.issuer === iss,
  );
  const issuer = rules.length === 0 ? undefined : await findTokenIssuerByName(ground, tenant, iss);
  if (issuer !== undefined) return { tenant, facts, rules, issuer };
  throw refuse('client.unauthenticated', `${clientId} has no rule for tokens of ${iss.slice(0, 200)}`);
}

type Signer = Parameters<IssuerKeys['keysFor']>[0];

async function requireSigned(
  issuers: IssuerKeys,
  { tenant, issuer }: { readonly tenant: Signer; readonly issuer: TokenIssuer },
  { header, signed, signature }: Jws,
): Promise<void> {
  const alg = textClaim(header, 'alg', 'workload_token.invalid');
  const kid = header.kid === undefined ? undefined : textClaim(header, 'kid', 'workload_token.invalid');
  const keys = await issuers.keysFor(tenant, issuer, kid);
  if (keys.some((key) => outsideSignatureHolds(key, alg, signed, signature))) return;
  throw refuse(
    'workload_token.invalid',
    `no key ${kid ?? 'at all'} of ${issuer.issuer} signed it by ${alg.slice(0, 20)}`,
  );
}

function checkTimes({ claims }: Jws, { lifeSecondsMax }: TokenIssuer, now: number): number {
  const exp = timeClaim(claims, claim.expires, 'workload_token.invalid');
  const iat = timeClaim(claims, claim.issuedAt, 'workload_token.invalid');
  const nbf = claims.nbf === undefined ? iat : timeClaim(claims, claim.notBefore, 'workload_token.invalid');
  const ahead = now + skewSecondsMax * 1000;
  if (now >= exp) throw refuse('workload_token.stale', `exp is ${exp}, the time is ${now}`);
  if (iat > ahead || nbf > ahead) throw refuse('workload_token.stale', 'iat or nbf lies in the future');
  if (exp - iat > lifeSecondsMax * 1000) {
    const says = `Let tokens of that issuer live at most ${lifeSecondsMax} seconds.`;
    throw refuse('workload_token.stale', 'it lives too long', says);
  }
  return exp;
}

/** INVARIANT (closed by default): one rule fits whole, or none does. */
function ruleThatFits(rules: readonly AgentIdentity[], { claims }: Jws): AgentIdentity {
  const why: string[] = [];
  for (const identity of rules) {
    const rule = readRule(identity.subject);
    const differs =
      typeof rule === 'string'
        ? rule
        : isFor(claims.aud, rule.audience)
          ? claimThatDiffers(rule, claims)
          : claim.audience;
    if (differs === undefined) return identity;
    why.push(`${identity.id} by ${differs}`);
  }
  throw refuse('workload_token.refused', `no rule fits: ${why.join(', ')}`);
}
