import { type AgentId, parameter, parse, parseId, refusalRow, ShapeFault, text, tokenType } from '@ambit/protocol';
import {
  type AgentCaller,
  type Change,
  type Ground,
  planeItself,
  Refusal,
  refuse,
  span,
} from '../../foundation/index.ts';
import {
  agentFacts,
  type Confirmed,
  checkAssertion,
  keyStandsFor,
  openKey,
  readAssertion,
  seeInstance,
  spendAssertion,
} from '../../identity/index.ts';
import { type Actor, type Delegation, delegatesMax, delegateTask } from '../../tasks/index.ts';
import { type Alive, requireAlive, requireStandingToBe } from '../alive.ts';
import { type Applicant, type ClientRequest, proveApplicant } from '../authenticate-client.ts';
import type { Bound } from '../holder.ts';
import { issueToken } from '../issue.ts';
import { type Issuer, taskAudience } from '../issuer.ts';
import { type RefusedRequest, recordRefused } from '../refused.ts';
import { verifyToken } from '../verify-token.ts';
import { readDetails, requireTarget, type TokenAnswer, tokenAnswer } from './parameters.ts';

type Parameters = ClientRequest['parameters'];
const actorLifeSecondsMax = 60;

/**
 * RFC 8693: an agent hands part of its task to another agent, or to itself. The client shows its own task key; the
 * other agent proves itself by the actor token, and the new token is bound to the key or certificate that one names.
 * The result is a task under the task, and its first token: both come to be in one unit, with all that was spent.
 */
export function exchangeToken(ground: Ground, issuer: Issuer, request: ClientRequest): Promise<TokenAnswer> {
  return span('tokens/exchange', async () => {
    const { parameters } = request;
    const applicant = await proveApplicant(ground, issuer, request);
    const { client, holder } = applicant;
    let attempt = attemptOf(applicant);
    try {
      const subject = await subjectOf(ground, issuer, parameters, applicant);
      attempt = { ...attempt, ...ofTask(attempt, subject) };
      const { actor, spend } = await actorOf(ground, issuer, parameters, applicant);
      attempt = { ...attempt, spend: [...attempt.spend, ...spend], detail: { ...attempt.detail, actor } };
      const wish = wishOf(parameters);
      attempt = { ...attempt, detail: { ...attempt.detail, wish } };
      requireTarget(parameters, taskAudience(issuer));
      const caller = callerOf(subject, holder, attempt);
      const { task, chain, write } = await delegateTask(ground, caller, actor, wish);
      const standing = await requireStandingToBe(ground, client.tenant, actor, chain);
      const wanted = {
        tenant: client.tenant,
        standing,
        resource: null,
        holder: actor,
        agentKey: actor.agentKey,
        from: { token: subject.token.id, expiresAt: subject.token.expiresAt, by: client.agent.id },
        method: client.method,
        spend: [...attempt.login, ...attempt.spend],
      };
      // A token that is revoked meanwhile makes no task: whoever revokes it ends all that it made.
      const issued = await issueToken(ground, issuer, wanted, ({ checks, ...more }) =>
        write({ checks: [...subject.ofToken, ...checks], ...more }).catch((error: unknown) => {
          throw asInvalidSubject(error);
        }),
      );
      await seeInstance(ground, client.tenant, actor);
      return tokenAnswer(issued, task.authority, task.expiresAt);
    } catch (error) {
      throw await recordRefused(ground, error, attempt);
    }
  });
}

function attemptOf({ client, holder }: Applicant): RefusedRequest {
  const { tenant, agent, agentKey, method } = client;
  return {
    tenant,
    kind: 'task.delegation-refused',
    who: {
      ...planeItself,
      agent: agent.id,
      initiator: agent.id,
      instance: holder.jkt,
      environment: agent.environment,
      zone: agent.zone,
      channel: 'oauth',
      proof: method,
    },
    task: null,
    login: client.spend,
    spend: holder.spend,
    detail: { agentKey, jkt: holder.jkt, x5t: holder.x5t },
  };
}

function ofTask({ who }: RefusedRequest, { chain }: Subject): Pick<RefusedRequest, 'task' | 'who'> {
  return { task: chain[0], who: { ...who, requester: chain[0].requester } };
}

type Subject = Alive & { readonly chain: NonNullable<Alive['chain']> };

/** RFC 8693 §2.1: the token of the task that is delegated from; the caller's own, and bound to the key of its proof. */
async function subjectOf(
  ground: Ground,
  issuer: Issuer,
  parameters: Parameters,
  { client: { tenant, agent, agentKey }, holder }: Applicant,
): Promise<Subject> {
  const { [parameter.subjectToken]: given, [parameter.subjectTokenType]: type } = parameters;
  const { [parameter.requestedTokenType]: requested = tokenType.accessToken } = parameters;
  if (type !== tokenType.accessToken || requested !== tokenType.accessToken) {
    throw refuse('exchange.subject_invalid', 'another token type', `Give and ask for ${tokenType.accessToken}.`);
  }
  if (given === undefined) throw refuse('exchange.subject_invalid', 'no subject_token came');
  const rules = { keys: issuer.keys(), issuer: issuer.url, audience: taskAudience(issuer), now: ground.clock() };
  const token = asOr('exchange.subject_invalid', () => verifyToken(given, rules));
  if (token.tenant !== tenant || token.agent !== agent.id) {
    throw refuse('exchange.subject_invalid', `the subject token is ${token.agent}’s, not ${agent.id}’s`);
  }
  const isHeld = token.x5t === null ? holder.x5t === null && token.jkt === holder.jkt : token.x5t === holder.x5t;
  const keys = { accepted: token.agentKey, shown: agentKey };
  if (!isHeld || !(await keyStandsFor(ground, tenant, agent.id, keys))) {
    throw refuse('exchange.subject_invalid', 'the subject token is bound to other keys than those that came');
  }
  const { chain, ...alive } = await requireAlive(ground, tenant, token.id).catch((error: unknown) => {
    throw asInvalidSubject(error);
  });
  if (chain === null) throw refuse('exchange.subject_invalid', 'the subject token is for no task');
  return { ...alive, chain };
}

/** `invalid_token` is no error of the token endpoint (RFC 8693 §2.2.2): a revoked subject token is an invalid request. */
function asInvalidSubject(error: unknown): unknown {
  const isToken = error instanceof Refusal && refusalRow(error.code).oauth === 'invalid_token';
  return isToken ? refuse('exchange.subject_invalid', error.because) : error;
}

type ProvedActor = {
  readonly actor: Actor & Bound & { readonly endsAt: number | null };
  readonly spend: readonly Change[];
};

/** Who takes over: the agent that signed the actor token, or the caller itself where it narrows for itself. */
async function actorOf(
  ground: Ground,
  issuer: Issuer,
  parameters: Parameters,
  { client: { tenant, agent, agentKey }, holder }: Applicant,
): Promise<ProvedActor> {
  const { [parameter.actorToken]: given, [parameter.actorTokenType]: type } = parameters;
  if ((given === undefined) !== (type === undefined)) throw refuse('exchange.actor_pair', 'one came without the other');
  if (given === undefined) {
    const { jkt, x5t, endsAt } = holder;
    return { actor: { agent: agent.id, agentKey, jkt, x5t, endsAt }, spend: [] };
  }
  if (type !== tokenType.jwt) {
    throw refuse('exchange.actor_invalid', `actor_token_type is ${type}`, `actor_token_type must be ${tokenType.jwt}.`);
  }
  const claimed = asOr('exchange.actor_invalid', () => readAssertion(given));
  const id = parseId('agent', claimed.subject);
  const facts = id && (await agentFacts(ground, tenant, id));
  const registered = facts?.keys.find((one) => one.thumbprint === claimed.kid);
  // An agent of another tenant is as if absent.
  if (!id || !registered) throw refuse('exchange.actor_invalid', `no agent ${claimed.subject} with key ${claimed.kid}`);
  if (facts?.owner?.state !== 'active') throw refuse('exchange.actor_invalid', `nobody answers for ${id}`);
  const rules = { issuer: issuer.url, now: ground.clock(), lifeSecondsMax: actorLifeSecondsMax };
  const asserted = asOr('exchange.actor_invalid', () => checkAssertion(claimed, openKey(registered.jwk), rules));
  const bound = boundBy(asserted.confirmed, registered.thumbprint);
  const actor = { agent: id, agentKey: registered.thumbprint, ...bound, endsAt: null };
  return { actor, spend: [spendAssertion(id, asserted)] };
}

/**
 * What the new token will be bound to: the proof key that the actor names, or its certificate. Of a certificate that is
 * not here the plane knows no key but the one that signed: it has to be for that one.
 */
function boundBy(confirmed: Confirmed | null, signer: string): Bound {
  const { jkt = null, x5t = null } = confirmed ?? {};
  if (x5t !== null) {
    if (jkt === null || jkt === signer) return { jkt: signer, x5t };
    throw refuse('exchange.actor_invalid', 'the certificate in cnf is for another key than the one that signed');
  }
  if (jkt === null) throw refuse('exchange.actor_invalid', 'the actor token names no key in cnf.jkt');
  return { jkt, x5t };
}

const purposeText = text({ max: 500 });

/** What the new task is for, how much it may do and how long: grants, `ambit_purpose`, `ambit_ttl_seconds`, `ambit_delegates`. */
function wishOf(parameters: Parameters): Delegation {
  const authority = readDetails(parameters);
  if (authority === undefined) throw refuse('grant.details', 'no authorization_details came');
  const seconds = parameters.ambit_ttl_seconds ?? '31536000';
  if (!/^[1-9][0-9]{0,7}$/.test(seconds)) {
    throw refuse('request.malformed', 'ambit_ttl_seconds', 'ambit_ttl_seconds must be a whole number of seconds.');
  }
  const delegates = delegatesIn(parameters.ambit_delegates);
  return { authority, purposeText: readPurpose(parameters.ambit_purpose), ttlSeconds: Number(seconds), delegates };
}

/** Ids of agents with a space between them, or `none`: an empty parameter is as if it were left out (RFC 6749 §3.1). */
function delegatesIn(given: string | undefined): readonly AgentId[] | undefined {
  if (given === undefined) return undefined;
  const ids = given === 'none' ? [] : given.split(' ').filter((one) => one !== '');
  const agents = ids.map((one) => parseId('agent', one)).filter((one) => one !== undefined);
  if (agents.length === ids.length && ids.length <= delegatesMax) return agents;
  throw refuse(
    'request.malformed',
    `ambit_delegates: ${given.slice(0, 200)}`,
    `ambit_delegates must be at most ${delegatesMax} ids of agents with a space between them, or none.`,
  );
}

function readPurpose(given: string | undefined): string {
  try {
    return parse(purposeText, given);
  } catch (error) {
    if (!(error instanceof ShapeFault)) throw error;
    throw refuse(
      'request.malformed',
      error.message,
      'ambit_purpose must say in 1 to 500 characters what the task is for.',
    );
  }
}

function callerOf({ token, chain }: Subject, holder: Bound, { tenant, who }: RefusedRequest): AgentCaller {
  const { agent, jkt, agentKey, id } = token;
  return {
    kind: 'agent',
    tenant,
    agent,
    jkt,
    agentKey,
    token: id,
    task: chain[0].id,
    who: { ...who, instance: holder.jkt },
  };
}

/** What is wrong with a token inside a request is an invalid request (RFC 8693 §2.2.2), never a failed login. */
function asOr<T>(code: 'exchange.subject_invalid' | 'exchange.actor_invalid', read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) throw refuse(code, error.message);
    throw error;
  }
}
