import type { Acting, PersonId } from '@ambit/protocol';
import type { Health, Me } from '@ambit/protocol/wire';
import { type KeyInput, openKey } from '../wire/key.ts';
import { type Beneath, openWire, type Wire } from '../wire/wire.ts';
import { type Listening, type Live, listen } from './live.ts';
import { type Ask, createAsk } from './request.ts';
import { type Agents, agentsRoom } from './rooms/agents.ts';
import { type Approvals, approvalsRoom } from './rooms/approvals.ts';
import { type CatalogRoom, catalogRoom } from './rooms/catalog.ts';
import { type Channels, channelsRoom } from './rooms/channels.ts';
import { type Credentials, credentialsRoom } from './rooms/credentials.ts';
import { type Domains, domainsRoom } from './rooms/domains.ts';
import { type Limits, limitsRoom } from './rooms/limits.ts';
import { type Log, logRoom } from './rooms/log.ts';
import { type Passkeys, passkeysRoom } from './rooms/passkeys.ts';
import { type Persons, personsRoom } from './rooms/persons.ts';
import { type Points, pointsRoom } from './rooms/points.ts';
import { type Policies, policiesRoom } from './rooms/policies.ts';
import { type Proposals, proposalsRoom } from './rooms/proposals.ts';
import { type Runs, runsRoom } from './rooms/runs.ts';
import { type SignInProviders, signInProvidersRoom } from './rooms/sign-in-providers.ts';
import { type Signals, signalsRoom } from './rooms/signals.ts';
import { type StandingGrants, standingGrantsRoom } from './rooms/standing-grants.ts';
import { type Tasks, tasksRoom } from './rooms/tasks.ts';
import { type TemplateKeys, templateKeysRoom } from './rooms/template-keys.ts';
import { type TokenIssuers, tokenIssuersRoom } from './rooms/token-issuers.ts';
import { type TrustDomains, trustDomainsRoom } from './rooms/trust-domains.ts';
import { createSessions, type Sessions } from './session.ts';
import { signDocument } from './sign-document.ts';
import type { Signer } from './signer.ts';

export type Connecting = Beneath & {
  /** Origin of the people’s listener, e.g. `https://ambit.example`. */
  readonly url: string;
  readonly person: PersonId;
  /** An enrolled key of that person. */
  readonly key: KeyInput;
};

/**
 * The people’s API of one plane, as one person. Every method throws `AmbitRefusal` where the plane says no (`code`,
 * `status`, `says`, `entry`) and `AmbitFault` where something else than a plane answered.
 */
export type Operator = {
  readonly me: () => Promise<Me>;
  /** What acts for this person now; `tasks.revoke` ends it. */
  readonly acting: () => Promise<Acting>;
  readonly health: () => Promise<Health>;
  readonly persons: Persons;
  readonly passkeys: Passkeys;
  readonly signInProviders: SignInProviders;
  readonly agents: Agents;
  readonly standingGrants: StandingGrants;
  readonly templateKeys: TemplateKeys;
  readonly trustDomains: TrustDomains;
  readonly tokenIssuers: TokenIssuers;
  readonly tasks: Tasks;
  readonly catalog: CatalogRoom;
  readonly policies: Policies;
  readonly domains: Domains;
  readonly approvals: Approvals;
  readonly proposals: Proposals;
  readonly channels: Channels;
  readonly credentials: Credentials;
  readonly limits: Limits;
  readonly points: Points;
  readonly signals: Signals;
  readonly runs: Runs;
  readonly log: Log;
  /** What changes, as it happens and as far as this person may read it: `for await (const { event, id } of operator.live())`. */
  readonly live: (listening?: Listening) => AsyncGenerator<Live>;
  /** Closes the session, if one is open. The operator opens another when it is used again. */
  readonly close: () => Promise<void>;
};

/**
 * Takes a person’s key in hand. A session is opened by a signed assertion when the first method is called, bound to a
 * proof key of its own (RFC 9449), and renewed before it ends. Throws `KeyFault` for a key that cannot sign.
 */
export async function connectOperator({ url, person, key: input, ...beneath }: Connecting): Promise<Operator> {
  const wire = openWire(url, beneath);
  const key = await openKey(input);
  const sessions = createSessions(wire, person, key);
  return operatorOver(wire, sessions, () => ({
    person,
    tenant: async () => (await sessions.current()).tenant,
    clock: wire.clock,
    sign: (document) => signDocument(key, document),
  }));
}

/** The people’s API in sessions that others open, with documents signed by whoever `signerOver` brings. */
export function operatorOver(wire: Wire, sessions: Sessions, signerOver: (ask: Ask) => Signer): Operator {
  const ask = createAsk(wire, sessions);
  const signer = signerOver(ask);
  return {
    me: () => ask.json('GET /v1/me'),
    acting: () => ask.json('GET /v1/me/acting'),
    health: () => ask.json('GET /health'),
    persons: personsRoom(ask),
    passkeys: passkeysRoom(ask, signer),
    signInProviders: signInProvidersRoom(ask),
    agents: agentsRoom(ask),
    standingGrants: standingGrantsRoom(ask, signer),
    templateKeys: templateKeysRoom(ask),
    trustDomains: trustDomainsRoom(ask),
    tokenIssuers: tokenIssuersRoom(ask),
    tasks: tasksRoom(ask),
    catalog: catalogRoom(ask),
    policies: policiesRoom(ask),
    domains: domainsRoom(ask),
    approvals: approvalsRoom(ask, signer),
    proposals: proposalsRoom(ask, signer),
    channels: channelsRoom(ask),
    credentials: credentialsRoom(ask),
    limits: limitsRoom(ask),
    points: pointsRoom(ask),
    signals: signalsRoom(ask),
    runs: runsRoom(ask),
    log: logRoom(ask),
    live: (listening) => listen(ask, listening),
    async close() {
      const session = sessions.made();
      if (session === undefined) return;
      await ask.json('DELETE /v1/sessions/current');
      sessions.drop(session);
    },
  };
}
