import type { AgentId, Authority, TaskId } from '@ambit/protocol';
import type { Purpose, TaskShown } from '@ambit/protocol/wire';
import { askPlane } from './ask-plane.ts';
import { enrolByCode, enrolByWorkload } from './enrol-key.ts';
import type { Self, Workload } from './self.ts';
import { createTask, type Delegated, type SubAgentOffer, type Task } from './task.ts';
import { keepToken } from './token.ts';
import { signAssertion } from './wire/assertion.ts';
import { type CertificateInput, openCertificate } from './wire/certificate.ts';
import { KeyFault, type KeyInput, newProofKey, openKey } from './wire/key.ts';
import { readAnswer } from './wire/read-answer.ts';
import { type Beneath, openWire, send, type Wire } from './wire/wire.ts';

export type Connecting = Beneath & (ByKey | ByCertificate | ByWorkload | ByEnrolment);

/** An agent that proves itself by a registered key. */
export type ByKey = {
  /** Origin of the agents’ listener, which is the gateway too, e.g. `https://gateway.ambit.example`. */
  readonly url: string;
  readonly agent: AgentId;
  /** A registered key of the agent: it signs the assertions by which the agent says who it is (RFC 7523 §2.2). */
  readonly key: KeyInput;
  /**
   * The key that signs proofs and that tasks are bound to. Unless given, one that dies with this process: then tasks
   * that it accepted cannot be taken up again after a restart.
   */
  readonly dpopKey?: KeyInput;
};

/**
 * An agent that proves itself by a certificate, over mutual TLS (RFC 8705). Its tasks are bound to the certificate's key: a
 * renewed certificate for the same key takes them up again.
 */
export type ByCertificate = {
  /** Origin of the plane’s TLS listener, e.g. `https://mtls.ambit.example:8422`. */
  readonly url: string;
  readonly agent: AgentId;
  readonly certificate: CertificateInput;
};

/**
 * An agent that proves itself by what its platform says of it: SPIFFE, a CI service, a cluster. It has no key to keep: the one
 * that tokens and tasks are bound to is made here and dies with this process, unless another is given.
 */
export type ByWorkload = {
  /** Origin of the agents’ listener, e.g. `https://gateway.ambit.example`. */
  readonly url: string;
  readonly agent: AgentId;
  readonly workload: Workload;
  /**
   * A key to enrol now, by what the platform says; from then on it signs, and the platform is not asked again. The owner must
   * have allowed that (`ambit agent bind … --enrols-keys`), and the key holds for as long as was said there.
   */
  readonly key?: KeyInput;
  /** As of `ByKey`. An SVID or token counts with one such key only. */
  readonly dpopKey?: KeyInput;
};

/** An agent that enrols its key by a one-time code (`ambit agent enrol-code`), and proves itself by that key from then on. */
export type ByEnrolment = {
  /** Origin of the agents’ listener, e.g. `https://gateway.ambit.example`. */
  readonly url: string;
  /** The code; it works once, so keep the key where the next start finds it, and come by `agent` and `key` then. */
  readonly enrol: string;
  /** The key to enrol; one that dies with this process, unless given. See `createAgentKey`. */
  readonly key?: KeyInput;
  /** As of `ByKey`. */
  readonly dpopKey?: KeyInput;
};

export type OwnTask = {
  readonly purpose: Purpose;
  readonly authority: Authority;
  /** 10 and up. */
  readonly ttlSeconds: number;
  /** Which agents may take over part of it; any, unless said. */
  readonly delegates?: readonly AgentId[];
  /** A task that this instance has taken: this one is a step of the same run, by itself and not on anybody’s behalf. */
  readonly beside?: TaskId;
};

/** One running instance of an agent. */
export type Agent = {
  readonly id: AgentId;
  /**
   * Takes a task for this instance; again by the same keys, it takes it up where it was.
   * Throws `AmbitRefusal`: `task.taken` where another key has it, `task.not_open`, `task.ended`, `thing.not_found`.
   */
  readonly accept: (task: TaskId) => Promise<Task>;
  /** Opens a task unasked, within a standing grant that the owner signed, and takes it. */
  readonly openTask: (task: OwnTask) => Promise<Task>;
  /** The agent’s live tasks: those that wait to be accepted (`approved`) and those that are `active`. */
  readonly tasks: () => Promise<readonly TaskShown[]>;
  /** Says to another agent that this one would take over part of its task. Made anew for every delegation. */
  readonly offer: () => Promise<SubAgentOffer>;
  /** Takes what another agent delegated to this one’s offer. */
  readonly take: (delegated: Pick<Delegated, 'taskId' | 'token' | 'tokenExpiresAt'>) => Task;
};

// As long as an actor token may live: it is handed on at once.
const offerSeconds = 60;

/** An agent at its plane. Asks nothing yet, unless there is a key to enrol; throws `KeyFault` for a key that cannot sign and what is no certificate, `TypeError` for a bad address. */
export async function connect(connecting: Connecting): Promise<Agent> {
  const self = await selfOf(connecting);
  const { agent } = self;
  const plane = keepToken(self, null);

  async function accept(task: TaskId): Promise<Task> {
    await askPlane(self, plane, 'POST /v1/agent/tasks/:task/accept', { at: { task } });
    return createTask(self, plane, task);
  }

  return {
    id: agent,
    accept,
    async openTask({ purpose, authority, ttlSeconds, ...more }) {
      const body = { purpose, authority, ttlSeconds, ...more };
      const { id } = await askPlane(self, plane, 'POST /v1/agent/tasks', { body });
      return accept(id);
    },
    async tasks() {
      return (await askPlane(self, plane, 'GET /v1/agent/tasks')).tasks;
    },
    offer: () => makeOffer(self),
    take: ({ taskId, token, tokenExpiresAt }) =>
      createTask(self, plane, taskId, { text: token, expiresAt: tokenExpiresAt }),
  };
}

function selfOf(connecting: Connecting): Promise<Self> {
  if ('certificate' in connecting) return byCertificate(connecting);
  if ('enrol' in connecting) return byEnrolment(connecting);
  return 'workload' in connecting ? byWorkload(connecting) : byKey(connecting);
}

async function byEnrolment({ url, enrol, key, ...rest }: Beneath & ByEnrolment): Promise<Self> {
  const { dpopKey: _, ...beneath } = rest;
  const signing = key === undefined ? await newProofKey() : await openKey(key);
  const { agent } = await enrolByCode(openWire(url, beneath), signing, enrol);
  return byKey({ url, agent, key: signing, ...rest });
}

async function byWorkload({ key: enrolled, ...connecting }: Beneath & ByWorkload): Promise<Self> {
  const { url, agent, workload, dpopKey, ...beneath } = connecting;
  if (enrolled !== undefined) {
    const signing = await openKey(enrolled);
    await enrolByWorkload(openWire(url, beneath), signing, { agent, workload });
    return byKey({ url, agent, key: signing, ...(dpopKey !== undefined && { dpopKey }), ...beneath });
  }
  const proofKey = dpopKey === undefined ? await newProofKey() : await openKey(dpopKey);
  const wire = openWire(url, beneath);
  const confirmation = { jkt: proofKey.thumbprint };
  const key = () =>
    Promise.reject(
      new KeyFault('An agent without a registered key signs no offer: give one with ambit agent key add.'),
    );
  return { wire, agent, workload, key, proofKey, confirmation, issuer: async () => wire.origin };
}

async function byKey({ url, agent, key, dpopKey, ...beneath }: Beneath & ByKey): Promise<Self> {
  const proofKey = dpopKey === undefined ? await newProofKey() : await openKey(dpopKey);
  const [wire, signing] = [openWire(url, beneath), await openKey(key)];
  const confirmation = { jkt: proofKey.thumbprint };
  return {
    wire,
    agent,
    workload: null,
    key: async () => signing,
    proofKey,
    confirmation,
    issuer: async () => wire.origin,
  };
}

async function byCertificate({ url, agent, certificate, ...beneath }: Beneath & ByCertificate): Promise<Self> {
  const { fetch, key, thumbprint } = await openCertificate(certificate);
  const wire = openWire(url, { fetch, ...beneath });
  const confirmation = { 'x5t#S256': thumbprint };
  return { wire, agent, workload: null, key, proofKey: null, confirmation, issuer: () => issuerAt(wire) };
}

/** RFC 8414 §3.2. The TLS listener has an origin of its own (RFC 8705 §5), and says whose it is. */
async function issuerAt(wire: Wire): Promise<string> {
  const path = '/.well-known/oauth-authorization-server';
  return (await readAnswer<{ readonly issuer: string }>(await send(wire, null, { method: 'GET', path }))).issuer;
}

/**
 * RFC 8693 §2.1 `actor_token`: bound to this instance’s proof key or certificate, so that whoever gets it cannot log in
 * with it.
 */
async function makeOffer({ wire, agent, key, confirmation, issuer }: Self): Promise<SubAgentOffer> {
  const about = { subject: agent, audience: await issuer(), now: wire.clock(), lifeSeconds: offerSeconds };
  return { agent, actorToken: await signAssertion(await key(), { ...about, confirmation }) };
}
