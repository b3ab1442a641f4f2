import { parameter, parse, parseId, refusalRow, ShapeFault, text, tokenType } from '@ambit/protocol';
import {
  type AgentCaller,
  type Change,
  type Database,
  type Ground,
  planeItself,
  Refusal,
  refuse,
  span,
} from '../../foundation/index.ts';
import {
  type AuthenticatedAgent,
  agentFacts,
  checkAssertion,
  openKey,
  type Proof,
  readAssertion,
  seeInstance,
  spendAssertion,
  spendProof,
} from '../../identity/index.ts';
import { type Actor, type Delegation, delegateTask } from '../../tasks/index.ts';
import { type Alive, requireAlive, requireStanding } from '../alive.ts';
import { authenticateClient, type ClientRequest, proofOfClient } from '../authenticate-client.ts';
import { issueToken } from '../issue.ts';
import { type Issuer, taskAudience } from '../issuer.ts';
import { type RefusedRequest, recordRefused } from '../refused.ts';
import { verifyToken } from '../verify-token.ts';
import { readDetails, requireTarget, type TokenAnswer, tokenAnswer } from './parameters.ts';

type Parameters = ClientRequest['parameters'];
const actorLifeSecondsMax = 60;

/**
 * RFC 8693: an agent hands part of its task to another agent, or to itself. The client proves its own task key; the
 * other agent proves itself by the actor token, and the new token is bound to the key that one names. The result is a
 * task under the task, and its first token.
 */
export function exchangeToken(ground: Ground, issuer: Issuer, request: ClientRequest): Promise<TokenAnswer> {
  return span('tokens/exchange', async () => {
    const { parameters } = request;
    const proof = proofOfClient(issuer, request.raw, ground.clock());
    const client = await authenticateClient(ground, issuer, request, proof);
    let attempt = attemptOf(client, proof);
    try {
      const subject = await subjectOf(ground, issuer, parameters, client, proof);
      attempt = { ...attempt, ...ofTask(attempt, subject) };
      const { actor, spend } = await actorOf(ground, issuer, parameters, client, proof);
      attempt = { ...attempt, spend: [...attempt.spend, ...spend], detail: { ...attempt.detail, actor } };
      const wish = wishOf(parameters);
      attempt = { ...attempt, detail: { ...attempt.detail, wish } };
      requireTarget(parameters, taskAudience(issuer));
      const caller = callerOf(subject, proof, attempt);
      const { task } = await delegateTask(spending(ground, attempt.spend), caller, actor, wish);
      attempt = { ...attempt, spend: [] };
      const standing = await requireStanding(ground, client.tenant, { ...actor, task: task.id });
      const issued = await issueToken(ground, issuer, {
        tenant: client.tenant,
        standing,
        resource: null,
        jkt: actor.jkt,
        agentKey: actor.agentKey,
        from: { token: subject.token.id, expiresAt: subject.token.expiresAt, by: client.agent.id },
        method: client.method,
        spend: [],
      });
      await seeInstance(ground, client.tenant, actor.agent, actor.jkt);
      return tokenAnswer(issued, task.authority, task.expiresAt);
    } catch (error) {
      throw await recordRefused(ground, error, attempt);
    }
  });
}

function attemptOf({ tenant, agent, agentKey, method }: AuthenticatedAgent, proof: Proof): RefusedRequest {
  return {
    tenant,
    kind: 'task.delegation-refused',
    who: {
      ...planeItself,
      agent: agent.id,
      initiator: agent.id,
      instance: proof.jkt,
      environment: agent.environment,
      zone: agent.zone,
      channel: 'oauth',
      proof: method,
    },
    task: null,
    spend: [spendProof(proof)],
    detail: { agentKey, jkt: proof.jkt },
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
  { tenant, agent, agentKey }: AuthenticatedAgent,
  proof: Proof,
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
  if (token.jkt !== proof.jkt || token.agentKey !== agentKey) {
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

type ProvedActor = { readonly actor: Actor; readonly spend: readonly Change[] };

/** Who takes over: the agent that signed the actor token, or the caller itself where it narrows for itself. */
async function actorOf(
  ground: Ground,
  issuer: Issuer,
  parameters: Parameters,
  { tenant, agent, agentKey }: AuthenticatedAgent,
  { jkt }: Proof,
): Promise<ProvedActor> {
  const { [parameter.actorToken]: given, [parameter.actorTokenType]: type } = parameters;
  if ((given === undefined) !== (type === undefined)) throw refuse('exchange.actor_pair', 'one came without the other');
  if (given === undefined) return { actor: { agent: agent.id, agentKey, jkt }, spend: [] };
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
  if (asserted.jkt === null) throw refuse('exchange.actor_invalid', 'the actor token names no key in cnf.jkt');
  const actor = { agent: id, agentKey: registered.thumbprint, jkt: asserted.jkt };
  return { actor, spend: [spendAssertion(id, asserted)] };
}

const purposeText = text({ max: 500 });

/** What the new task is for, how much it may do and how long: grants, `ambit_purpose`, `ambit_ttl_seconds`. */
function wishOf(parameters: Parameters): Delegation {
  const authority = readDetails(parameters);
  if (authority === undefined) throw refuse('grant.details', 'no authorization_details came');
  const seconds = parameters.ambit_ttl_seconds ?? '31536000';
  if (!/^[1-9][0-9]{0,7}$/.test(seconds)) {
    throw refuse('request.malformed', 'ambit_ttl_seconds', 'ambit_ttl_seconds must be a whole number of seconds.');
  }
  return { authority, purposeText: readPurpose(parameters.ambit_purpose), ttlSeconds: Number(seconds) };
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

function callerOf({ token, chain }: Subject, proof: Proof, { tenant, who }: RefusedRequest): AgentCaller {
  const { agent, jkt, agentKey, id } = token;
  return {
    kind: 'agent',
    tenant,
    agent,
    jkt,
    agentKey,
    token: id,
    task: chain[0].id,
    who: { ...who, instance: proof.jkt },
  };
}

/** The same ground, whose next unit spends these too: what a delegation was asked for with is used up with it. */
function spending(ground: Ground, spend: readonly Change[]): Ground {
  const { database } = ground;
  const joined: Database = {
    ...database,
    commit: (unit) => database.commit({ ...unit, changes: [...spend, ...(unit.changes ?? [])] }),
  };
  return { ...ground, database: joined };
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
