import { randomInt } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { parseId, type TenantId } from '@ambit/protocol';
import {
  approvalsRoutes,
  channelsRoutes,
  createBell,
  expireRemembered,
  openChannels,
  questionOf,
  sweepApprovals,
} from './approvals/index.ts';
import { auditRoutes, type Checkpoints, noteKeys, receiptHeader, receiptOfPlaced } from './audit/index.ts';
import { authenticator } from './callers.ts';
import { catalogRoutes, createCatalog, createUnmatched } from './catalog/index.ts';
import { createComplaints } from './complaints.ts';
import type { Config } from './config.ts';
import { elevationsRoutes, expireElevations } from './elevations/index.ts';
import {
  createLive,
  type Ending,
  endAgent,
  endAgentTasks,
  endingsRoutes,
  endPerson,
  endToken,
  hearEndings,
  type Reach,
  sweepTasks,
} from './endings/index.ts';
import {
  type Caller,
  createApi,
  createHeldBytes,
  createLoad,
  createOutbound,
  type Ground,
  heldBytesMax,
  keepFresh,
  listen,
  loadKeys,
  type Nodes,
  type Outbound,
  openFilesMax,
  openPages,
  openTls,
  type PlaneKeys,
  planeItself,
  type RawRequest,
  type Refusal,
  type Route,
  readSmtpUrl,
  route,
  type Tls,
} from './foundation/index.ts';
import {
  actionForRules,
  createGatewayDoor,
  createParkedRuns,
  createUnproved,
  createUnsettled,
  decisionDoors,
  gatewayRoutes,
  peopleGatewayRoutes,
  type Rooms,
  recoverSent,
  sentUnder,
  shownToken,
} from './gateway/index.ts';
import {
  agentEnrolmentRoutes,
  createChallenges,
  createUnusedSweep,
  findPerson,
  identityRoutes,
  keepBundles,
  plane,
  purgeUsedProofs,
  signInRoutes,
  trustRoutes,
} from './identity/index.ts';
import { createWindowSweep, defaultWatch, limitsRoutes, makeWatch } from './limits/index.ts';
import { namesOf } from './names-of.ts';
import { joinStore, keySourceOf, openLog, openStore } from './opening.ts';
import {
  createDomains,
  createRules,
  judgeQuestionOfficially,
  type Official,
  policyRoutes,
  type Rules,
  startOfficial,
} from './policy/index.ts';
import { holdBack, proposalsRoutes } from './proposals/index.ts';
import { sealedWith } from './sealed-with.ts';
import { openSignals, receiverRoutes, signalsOperatorRoutes, transmitterRoutes } from './signals/index.ts';
import { agentTasksRoutes, findTask, tasksRoutes } from './tasks/index.ts';
import { everyTenant, startTicking } from './tick.ts';
import {
  createAgentSvids,
  type EndsToken,
  forgetTokens,
  type Issuer,
  openSvidIssuer,
  openTokenKeys,
  operatorTokensRoutes,
  tokensRoutes,
} from './tokens/index.ts';
import { createKeyring, reseal, vaultRoutes } from './vault/index.ts';
import { openViews, viewsRoutes } from './views/index.ts';
import { openSignIn, waysIn } from './ways-in.ts';

/** A plane that is listening. */
export type Running = {
  /** Origin of the agents' listener: gateway, tokens, decisions. */
  readonly agents: string;
  /** Origin of the people's listener: the operator API. */
  readonly people: string;
  /** Origin of the agents' listener over TLS, which takes certificates; null where none is set up. */
  readonly tls: string | null;
  /** Where this node itself listens, whatever is in front of it. */
  readonly listening: { readonly agents: string; readonly people: string; readonly tls: string | null };
  readonly close: () => Promise<void>;
};

/** config → database → rooms → listen. */
export async function serve(config: Config): Promise<Running> {
  const keys = loadKeys(keySourceOf(config));
  const store = await openStore(config, keys);
  const origins = { agents: config.agentOrigin, people: config.peopleOrigin, tls: config.tlsOrigin };
  const closing: (() => Promise<void>)[] = [() => store.database.close()];
  try {
    const checkpoints = await openLog(config, keys, store.ground);
    const complain = createComplaints(store.ground.clock);
    const nodes = await joinStore(config, keys, store.ground, complain);
    closing.unshift(nodes.leave);
    await noteKeys(store.ground, plane, keys.described);
    const official = startOfficial();
    closing.unshift(() => official.close());
    const listeners: string[] = [];
    const outbound = createOutbound({
      allowPrivate: config.outboundPrivateAllowed,
      ownAddresses: () => [...listeners, origins.agents, origins.people, ...(origins.tls === '' ? [] : [origins.tls])],
      unsafelyAllowPlainHttp: config.outboundPlainHttpAllowed,
      timeouts: { headersMs: config.upstreamTimeoutSeconds * 1000, idleMs: config.upstreamTimeoutSeconds * 1000 },
    });
    closing.unshift(() => outbound.close());
    const tls = tlsOf(config);
    const built = build(config, keys, store.ground, { checkpoints, official, outbound, origins, nodes, complain, tls });
    closing.unshift(built.stop);
    await built.resealVault();
    const connections = connectionsOf(config);
    const people = await listen(built.people, config.host, config.peoplePort, connections.people);
    closing.unshift(people.close);
    const agents = await listen(built.agents, config.host, config.agentPort, connections.agents);
    closing.unshift(agents.close);
    const secured =
      built.secured === null ? null : await listen(built.secured, config.tlsHost, config.tlsPort, connections.agents);
    if (secured !== null) closing.unshift(secured.close);
    for (const one of [people, agents, ...(secured === null ? [] : [secured])]) listeners.push(new URL(one.url).host);
    origins.tls ||= secured?.url ?? '';
    origins.people ||= people.url;
    origins.agents ||= agents.url;
    const ticking = startTicking(store.ground, { tenant: built.upkeepOf, plane: built.upkeep });
    closing.unshift(ticking.stop);
    return {
      agents: origins.agents,
      people: origins.people,
      tls: origins.tls || null,
      listening: { agents: agents.url, people: people.url, tls: secured?.url ?? null },
      close: () => closeAll(closing),
    };
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

// For the store, upstreams, and people, who have to be able to end what agents do however many of those have come.
const filesKept = 2048;

function connectionsOf({ connectionsMax, tlsCertificate }: Config): {
  readonly agents: number;
  readonly people: number;
} {
  const files = openFilesMax() ?? Number.POSITIVE_INFINITY;
  const kept = Math.min(filesKept, files / 2);
  // Two listeners of agents share what one of them could have.
  const forAgents = tlsCertificate === null ? files - kept : Math.floor((files - kept) / 2);
  return { agents: Math.min(connectionsMax, forAgents), people: Math.min(connectionsMax, Math.floor(kept / 2)) };
}

/** Files that do not fit each other end the start: a listener that nobody can reach would only be found by agents. */
function tlsOf({ tlsCertificate: certificate, tlsKey: key, tlsClientAuthorities: authorities }: Config): Tls | null {
  return certificate === null || key === null ? null : openTls({ certificate, key, authorities });
}

async function closeAll(closing: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closing) await close();
}

type Parts = {
  readonly checkpoints: Checkpoints;
  readonly official: Official;
  readonly outbound: Outbound;
  /** Filled in once the listeners have their ports. */
  readonly origins: { readonly agents: string; readonly people: string; readonly tls: string };
  readonly tls: Tls | null;
  readonly nodes: Nodes;
  readonly complain: Rooms['complain'];
};

function build(config: Config, keys: PlaneKeys, ground: Ground, parts: Parts) {
  const { checkpoints, official, outbound, origins, nodes, complain, tls } = parts;
  const tokenKeys = openTokenKeys(keys);
  const ways = waysIn(config, tls, { fetchText: outbound.fetchText, clock: ground.clock });
  const issuer: Issuer = {
    get url() {
      return origins.agents;
    },
    trustDomain: config.trustDomain,
    svids: openSvidIssuer(keys.svids, config),
    ttlSeconds: config.tokenTtlSeconds,
    get tls() {
      return tls === null ? null : { url: origins.tls };
    },
    clients: ways.clients,
    statusSeconds: config.statusSeconds,
    pick: (below) => randomInt(below),
    keys: () => tokenKeys,
  };
  const door = {
    get origin() {
      return origins.people;
    },
    get issuer() {
      return origins.people;
    },
    challenges: createChallenges(keys.derive('passkey-challenge')),
  };
  const catalog = createCatalog(ground);
  const rules: Rules = createRules(ground, official, async (tenant) => {
    const { version, actions } = await catalog.current(tenant);
    return { version, actions: [...actions.values()].map(actionForRules) };
  });
  const domains = createDomains(ground, official, config.policyEngine);
  const keyring = createKeyring(...keys.vault);
  const vault = { keyring, svids: createAgentSvids(ground, issuer) };
  const live = createLive(ground, {
    requireStanding: nodes.requireStanding,
    // Where nobody else is, whatever is under way is known here.
    sent: async (tenant, tasks, since) => (config.store === null ? [] : sentUnder(ground, tenant, tasks, since)),
  });
  nodes.onLapse(live.cutOff);
  const bell = createBell();
  const reach: Reach = { ground, live, bell };
  const endsToken: EndsToken<Ending> = (tenant, revoking) => endToken(reach, tenant, revoking);
  const deaf = hearEndings({ ground, live, bell });
  const unproved = createUnproved(ground, nodes.isStanding);
  const unsettled = createUnsettled();
  const taskLimits = { taskTtlSecondsMax: config.taskTtlSecondsMax };
  const askLimits = { ttlSeconds: config.approvalTtlSeconds, pendingPerAgentMax: config.approvalsPendingPerAgentMax };
  const rooms: Rooms = {
    ground,
    nodes,
    catalog: catalog.current,
    unmatched: createUnmatched(ground),
    rules: rules.current,
    judge:
      config.policyEngine === 'official' ? (set, question) => judgeQuestionOfficially(set, question, official) : null,
    domains,
    watch: makeWatch({
      ...defaultWatch,
      pace: { limit: config.agentCallsPerSecond, windowMs: 1000, burst: config.agentCallsPerSecond * 2 },
    }),
    vault,
    outbound,
    live,
    bell,
    unproved,
    unsettled,
    tags: {
      get issuer() {
        return origins.agents;
      },
      key: () => tokenKeys.signing,
    },
    parking: sealedWith(keys.derive('parked-call')),
    pageSeal: sealedWith(keys.derive('page-token')),
    receipt: (tenant, entry) => receiptHeader(ground, checkpoints, tenant, entry),
    receiptOf: (placed) => receiptOfPlaced(checkpoints, placed),
    complain,
    runOf: async (tenant, task) => (await findTask(ground, tenant, task))?.root ?? null,
    settings: {
      ownTasks: taskLimits,
      approvals: askLimits,
      elevations: {
        ttlSecondsMax: config.elevationTtlSecondsMax,
        approvals: askLimits,
        actions: async (tenant) => (await catalog.current(tenant)).actions,
      },
      bodyBytesMax: config.bodyBytesMax,
      answerBytesMax: config.answerBytesMax,
      answerCopyBytesMax: config.answerCopyBytesMax,
      upstreamMsMax: config.upstreamTimeoutSeconds * 1000,
      bodyDigestRequired: config.bodyDigestRequired === 'yes',
      waitMsMax: config.waitSecondsMax * 1000,
    },
  };
  const views = openViews(ground, {
    isStanding: nodes.isStanding,
    complain,
    catalog: (tenant) => catalog.current(tenant),
  });
  const parkedRuns = createParkedRuns(rooms);
  const suspendUnused = createUnusedSweep(ground);
  const forgetWindows = createWindowSweep(ground);
  // Agents are not told where people are.
  const health = (to: 'agents' | 'people') =>
    route({
      method: 'GET',
      path: '/health',
      load: 'urgent',
      who: 'public',
      says: 'Says that the plane answers, where it is found, how long its log is, and by which key that is signed.',
      run: async () => ({
        status: 200,
        body: {
          status: 'ok' as const,
          agents: origins.agents,
          ...(to === 'people' && { people: origins.people }),
          entries: (await ground.database.log.head()).size,
          logKey: keys.described.find(({ kind }) => kind === 'log')!.id,
        },
      }),
    });
  const signIn = openSignIn(sealedWith(keys.derive('sign-in')), outbound, ground.clock);
  const signals = openSignals({
    ground,
    issuer,
    outbound,
    seal: sealedWith(keys.derive('signals')),
    node: nodes.name,
    gone: nodes.gone,
    ends: {
      person: (by, one) => endPerson(reach, by, one),
      agent: (by, agent, reason) => endAgent(reach, by, agent, reason),
    },
    waitMsMax: Math.min(30, config.waitSecondsMax) * 1000,
    failed: unproved.fault,
  });
  const channels = openChannels({
    ground,
    outbound,
    seal: sealedWith(keys.derive('channels')),
    node: nodes.name,
    gone: nodes.gone,
    people: () => origins.people,
    plainHttpAllowed: config.outboundPlainHttpAllowed,
    mail: mailOf(config),
    failed: unproved.fault,
  });
  const agentRoutes: readonly Route[] = [
    health('agents'),
    ...tokensRoutes(ground, issuer, endsToken),
    ...agentEnrolmentRoutes(ground, issuer),
    ...agentTasksRoutes(ground, taskLimits),
    ...gatewayRoutes(rooms),
    ...endingsRoutes.agents(ground, live, bell),
    ...decisionDoors(rooms, issuer),
    ...transmitterRoutes(signals.transmitter),
    ...receiverRoutes(signals.receiver),
  ];
  const proposals = { ground, seal: sealedWith(keys.derive('proposals')), rows: () => peopleRoutes };
  const peopleRoutes: readonly Route[] = [
    health('people'),
    ...identityRoutes(
      ground,
      door,
      {
        agent: (caller, stopped) => endAgentTasks(reach, caller, stopped),
        person: (caller, stopped) => endPerson(reach, caller, stopped),
      },
      ways.identities,
      async (tenant, name) => (await domains.current(tenant, name)) !== undefined,
    ),
    ...proposalsRoutes(proposals),
    ...trustRoutes(ground, outbound.fetchText),
    ...signInRoutes({ ground, door, ...signIn }),
    ...operatorTokensRoutes(ground, endsToken),
    ...catalogRoutes({ ground, catalog, fetchText: outbound.fetchText }),
    ...tasksRoutes(ground, { ...taskLimits, actions: async (tenant) => (await catalog.current(tenant)).actions }),
    ...policyRoutes(ground, rules, domains),
    ...limitsRoutes(ground),
    ...approvalsRoutes(ground, {
      runSeconds: config.approvalRunSeconds,
      onAnswer: (tenant, all) => parkedRuns.answered(tenant, all),
    }),
    ...channelsRoutes(channels.changing),
    ...elevationsRoutes(ground),
    ...vaultRoutes(ground, vault),
    ...endingsRoutes.people(ground, live, bell),
    ...signalsOperatorRoutes(signals.transmitter),
    ...viewsRoutes(views),
    ...peopleGatewayRoutes(rooms),
    ...auditRoutes(ground, checkpoints, plane, {
      names: (tenant, ids) => namesOf(ground, tenant, ids),
      actions: async (tenant) => (await catalog.current(tenant)).actions,
      taskOf: async (tenant, id) => {
        const task = await findTask(ground, tenant, id);
        return task === undefined
          ? null
          : { state: task.state, purpose: { type: task.purposeType, text: task.purposeText } };
      },
      questionOf: (caller, id) => questionOf(ground, caller, id),
      handsOut: async ({ tenant, person }) => {
        const delegable = (await findPerson(ground, tenant, person))?.delegable ?? [];
        return new Set(delegable.flatMap(({ actions }) => actions));
      },
    }),
  ];
  const idleMsMax = config.callerTimeoutSeconds * 1000;
  const load = createLoad(config.callsAtOnceMax);
  const record = async (refusal: Refusal, request: RawRequest, caller: Caller | null) =>
    // What a room has recorded itself, with more than is known here, is not recorded twice.
    parseId('entry', refusal.headers['ambit-entry']) ??
    unproved.record(refusal, {
      source: caller !== null && caller.kind !== 'public' ? caller.who.initiator : request.remoteAddress,
      channel: 'api',
      // What is turned away unread is counted at no cost: a signature is not looked at either.
      token: unread.has(refusal.code) ? null : shownToken(issuer, request),
      request: `${request.method} ${request.url}`.slice(0, 2000),
    });
  const authenticate = authenticator(ground, issuer, door, nodes);
  const trust = keepBundles(ground, outbound.fetchText, complain);
  const refreshTls = tls && keepFresh(tls, (says) => console.error(says));
  const ofAgents = {
    routes: agentRoutes,
    authenticate,
    record,
    load,
    idleMsMax,
    before: createGatewayDoor(rooms, issuer, load),
    held: createHeldBytes(heldBytesMax),
  };
  return {
    agents: createApi(ofAgents),
    /** The same over TLS; what may be worked on and held at once is for both together. */
    secured: tls === null ? null : createApi({ ...ofAgents, tls }),
    people: createApi({
      routes: peopleRoutes.map((row) => holdBack(proposals, row)),
      authenticate,
      record,
      idleMsMax,
      bodyBytesMax: config.peopleBodyBytesMax,
      ...(config.consoleFiles !== null && { before: openPages(config.consoleFiles).take }),
    }),
    /** Before anything is lent: what older vault keys sealed is sealed under the newest, tenant by tenant. */
    async resealVault(): Promise<void> {
      for await (const { id: tenant } of everyTenant(ground)) {
        await reseal(ground, keyring, { tenant, who: planeItself }).catch((error: unknown) =>
          unproved.fault(tenant, 'sealing credentials under the newest vault key', error),
        );
      }
    },
    async stop(): Promise<void> {
      deaf();
      views.stop();
      await trust.stop();
      await signals.stop();
      await channels.stop();
      await unproved.flush().catch((error: unknown) => complain('what was counted', error));
    },
    async upkeepOf(tenant: TenantId): Promise<void> {
      await recoverSent(rooms, tenant);
      await sweepApprovals(ground, tenant, {
        run: (one) => parkedRuns.run(tenant, one),
        isRunning: (one) => parkedRuns.isRunning(one.id),
        expired: (one) => parkedRuns.expired(tenant, one),
        // What this node claimed and does not run any more is as good as left behind.
        gone: async (process) => (process === nodes.name() ? [] : nodes.gone(process)),
      });
      await suspendUnused(tenant);
      await sweepTasks(ground, live, tenant);
      await expireElevations(ground, tenant);
      await expireRemembered(ground, tenant);
      await purgeUsedProofs(ground, tenant);
      await forgetTokens(ground, tenant);
      await forgetWindows(tenant);
      trust.refresh(tenant);
      await signals.tick(tenant);
      await channels.tick(tenant);
    },
    async upkeep(): Promise<void> {
      refreshTls?.();
      load.keepRoom(await hasLittleRoom(config));
      await unsettled.write();
      await unproved.sweep();
      await checkpoints.current();
    },
  };
}

function mailOf({ smtpUrl, mailFrom: from, mailsPerHourMax: perHourMax }: Config) {
  const server = smtpUrl === null ? 'none' : readSmtpUrl(smtpUrl.unwrap());
  return typeof server === 'string' ? null : { server: { ...server, from }, perHourMax };
}

const unread: ReadonlySet<string> = new Set(['plane.too_busy', 'plane.too_many_connections', 'store.nearly_full']);

/** THREATS: log-flood. What is left on the disk of the embedded store is kept for whoever ends what agents do. */
async function hasLittleRoom({ store, dataDirectory, diskReserveMebibytes }: Config): Promise<boolean> {
  if (store !== null) return false;
  const { bavail, bsize } = await statfs(dataDirectory);
  return bavail * bsize < diskReserveMebibytes * 1_048_576;
}
