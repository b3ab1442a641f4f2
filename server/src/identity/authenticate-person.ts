import { acr, type Who } from '@ambit/protocol';
import { type Ground, type PersonCaller, planeItself, type RawRequest, refuse, span } from '../foundation/index.ts';
import { bearerHash, tenantOfBearer } from './bearer.ts';
import { personFacts } from './facts.ts';
import type { Person } from './person.ts';
import { accessTokenHash, coversWhatCame, onlyHeader, type Proof, proofHeader, verifyProof } from './proof.ts';
import { authenticatedAtOf, type Session } from './session.ts';
import { requireOpenerStands } from './sign-in/session-opener.ts';
import { spendProof } from './spend-proof.ts';
import { findSessionByToken } from './store.ts';

/** A request with a session token, as `authenticatePerson` needs it. */
export type Door = {
  /** The public origin of this listener, e.g. `https://ambit.example`: what proofs name, whatever proxy is between. */
  readonly origin: string;
};

/**
 * Proves the person behind an operator request: `Authorization: DPoP <session token>` and a proof by the key that the
 * session is bound to, over this method, URL and body (RFC 9449 §7). No address, cookie or header of a proxy counts.
 */
export function authenticatePerson(ground: Ground, door: Door, request: RawRequest): Promise<SessionCaller> {
  return span('identity/authenticate-person', async (): Promise<SessionCaller> => {
    const token = dpopToken(onlyHeader(request.rawHeaders, 'authorization'));
    const tenant = tenantOfBearer(token);
    const session = tenant && (await findSessionByToken(ground, tenant, bearerHash(token)));
    if (tenant === undefined || session === undefined) throw refuse('session.invalid', 'no session has that token');
    const proof = proofOf(door, request, ground.clock(), token);
    const person = await requireLive(ground, tenant, session, proof);
    await ground.database.commit({ tenant, changes: [spendProof(proof)], entries: [] });
    const roles = person.roles;
    const authenticatedAt = authenticatedAtOf(session);
    return {
      kind: 'person',
      tenant,
      person: person.id,
      roles,
      ...(authenticatedAt !== undefined && { authenticatedAt }),
      acr: session.signIn?.acr ?? acr.enrolledKey,
      who: sessionWho(session),
      session,
    };
  });
}

/** A person's request, and the session that it came with. */
export type SessionCaller = PersonCaller & { readonly session: Session; readonly acr: string };

export function sessionOf(caller: PersonCaller): SessionCaller {
  if ('session' in caller) return caller as SessionCaller;
  throw refuse('session.invalid', 'the caller came without a session');
}

/** The proof of a request whose body has arrived: a body must be covered by it. */
export function proofOf({ origin }: Door, request: RawRequest, now: number, token?: string): Proof {
  const ath = token === undefined ? {} : { ath: accessTokenHash(token) };
  const proof = verifyProof(proofHeader(request.rawHeaders), {
    method: request.method,
    url: `${origin}${request.url}`,
    now,
    ...ath,
  });
  coversWhatCame(proof, request.body);
  return proof;
}

function dpopToken(authorization: string | undefined): string {
  // RFC 9449 §7.1. A token that is bound to a key is never taken as a bearer token.
  const token = /^DPoP ([A-Za-z0-9._-]{1,512})$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) throw refuse('session.invalid', 'no Authorization header of the DPoP scheme came');
  return token;
}

async function requireLive(
  ground: Ground,
  tenant: PersonCaller['tenant'],
  session: Session,
  proof: Proof,
): Promise<Person> {
  if (proof.jkt !== session.jkt) throw refuse('session.invalid', `${session.id} is bound to another key`);
  return requireStanding(ground, tenant, session);
}

/** Without a proof, for what goes on while a session does: the caller as they stand now. Refused where the session is over. */
export async function callerStill(
  ground: Ground,
  { tenant, session, ...caller }: SessionCaller,
): Promise<SessionCaller> {
  const now = await findSessionByToken(ground, tenant, session.tokenHash);
  if (now === undefined) throw refuse('session.invalid', `${session.id} is gone`);
  const { roles } = await requireStanding(ground, tenant, now);
  return { ...caller, tenant, roles, session: now };
}

async function requireStanding(ground: Ground, tenant: PersonCaller['tenant'], session: Session): Promise<Person> {
  if (session.state !== 'open') throw refuse('session.invalid', `${session.id} is closed`);
  if (ground.clock() >= session.expiresAt) throw refuse('session.invalid', `${session.id} has expired`);
  const facts = await personFacts(ground, tenant, session.person);
  if (facts?.person.state !== 'active') throw refuse('session.invalid', `${session.person} is not active`);
  await requireOpenerStands(ground, tenant, session, facts.keys);
  return facts.person;
}

function sessionWho(session: Session): Who {
  return {
    ...planeItself,
    requester: session.person,
    initiator: session.person,
    instance: session.jkt,
    channel: 'operator',
    proof: 'dpop',
  };
}
