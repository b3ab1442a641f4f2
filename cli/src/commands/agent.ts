import { type AgentId, type Authority, canonicalJson, type KeyId, workloadKinds } from '@ambit/protocol';
import { type Agent, type AgentShown, type Operator, type Orphans, openKey, type PublicJwk } from '@ambit/sdk/operator';
import { answer, type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { readJson } from '../files.ts';
import {
  count,
  duration,
  file,
  idOf,
  many,
  may,
  moment,
  need,
  oneOf,
  pair,
  seeExample,
  whether,
  words,
} from '../kinds.ts';
import { indent, type Line, line, named, quote, table } from '../line.ts';
import { makeKeyFile, requirePrivate } from '../profile.ts';
import { nothing } from '../program.ts';
import { showAuthority } from '../show/authority.ts';
import { countOf } from '../show/count.ts';
import { showEnding } from '../show/ending.ts';
import { showTime } from '../show/times.ts';
import type { World } from '../world.ts';

const agent = idOf('agent');
const reason = need(words, 'why; it is kept in the log');
const exampleId = 'agt_0123456789abcdefghjk';

function answerOrphans(orphans: Orphans) {
  const rows = [
    ...orphans.agents.map(({ id, name, because }) => ['agent', id, because, name]),
    ...orphans.agentUsers.map(({ id, api, externalId, because }) => [
      'agent user',
      id,
      because,
      `${externalId} in ${api}`,
    ]),
    ...orphans.tasks.map(({ id, agent: of, because }) => ['task', id, because, of]),
  ];
  return answer(orphans, ...(rows.length === 0 ? [nothing] : table(['kind', 'id', 'because', 'what'], rows)));
}

const state = (one: Agent) => line`${named(one.name, one.id)} is ${one.state}.`;

export const agentCommands: readonly Command[] = [
  command({
    name: 'agent register',
    says: 'Registers an agent as a draft, without any power until its owner activates it.',
    example:
      'ambit agent register --name refund-bot --team support --purpose "settles damaged orders" --zone internal \\\n' +
      '    --environment production --expires 90d --ceiling refund-bot.json',
    flags: {
      name: need(words, 'what it is called'),
      kind: may(oneOf(...workloadKinds), 'what it is, for good: agent unless given; client is a person’s own'),
      team: need(words, 'the team that runs it'),
      purpose: need(words, 'what it is for'),
      environment: need(words, 'e.g. production'),
      zone: need(words, 'the zone it lives in'),
      expires: need(moment, 'when it ends'),
      ceiling: need(file, 'JSON file: the most that any task may give it'),
      owner: may(idOf('person'), 'who answers for it; you unless given'),
      liveTasksMax: may(count, 'tasks it may have open at once; 20 unless given'),
    },
    async run({ world, operator, flags: { expires, ceiling, kind, owner, liveTasksMax, ...rest } }) {
      const authority = (await readJson(world, ceiling)) as Authority;
      const made = await (await operator()).agents.register({
        ...rest,
        expiresAt: expires,
        ceiling: authority,
        ...(kind !== undefined && { kind }),
        ...(owner !== undefined && { owner }),
        ...(liveTasksMax !== undefined && { liveTasksMax }),
      });
      return answer(
        made,
        state(made),
        line`Next: ambit agent key add ${made.id} --new key-file, then ambit agent activate ${made.id}`,
      );
    },
  }),
  command({
    name: 'agent list',
    says: 'Lists agents.',
    example: 'ambit agent list',
    flags: {
      after: may(agent, 'the last id of the page before'),
      limit: may(count, '1 to 500; 100 unless given'),
      orphans: whether('only what is left over: agents without an owner, their records elsewhere, their open tasks'),
    },
    async run({ operator, flags: { orphans, ...page } }) {
      if (orphans) return answerOrphans(await (await operator()).agents.orphans());
      const agents = await (await operator()).agents.list(page);
      const rows = agents.map((one) => [
        one.id,
        one.kind,
        one.state,
        one.environment,
        one.zone,
        one.owner,
        showTime(one.expiresAt),
        one.name,
      ]);
      const heads = ['id', 'kind', 'state', 'environment', 'zone', 'owner', 'expires', 'name'];
      return answer(agents, ...(rows.length === 0 ? [nothing] : table(heads, rows)));
    },
  }),
  command({
    name: 'agent show',
    says: 'Shows an agent with its keys, instances, linked users and standing grants.',
    example: `ambit agent show ${exampleId}`,
    args: { agent },
    async run({ operator, args }) {
      const shown = await (await operator()).agents.show(args.agent);
      return answer(shown, ...showAgent(shown));
    },
  }),
  command({
    name: 'agent activate',
    says: 'For its owner: from here on the agent may act.',
    example: `ambit agent activate ${exampleId}`,
    args: { agent },
    async run({ operator, args }) {
      const active = await (await operator()).agents.activate(args.agent);
      return answer(active, state(active));
    },
  }),
  command({
    name: 'agent suspend',
    says: 'For its owner or an administrator: it stops at once.',
    example: `ambit agent suspend ${exampleId} --reason "odd refunds"`,
    args: { agent },
    flags: { reason },
    async run({ operator, args, flags }) {
      const suspended = await (await operator()).agents.suspend(args.agent, flags.reason);
      return answer(suspended, state(suspended), ...showEnding(suspended.ending));
    },
  }),
  command({
    name: 'agent end-tasks',
    says: 'For its owner or an administrator: ends all its tasks with everything made under them; the agent stays active.',
    example: `ambit agent end-tasks ${exampleId} --reason "wrong instructions"`,
    args: { agent },
    flags: { reason },
    async run({ operator, args, flags }) {
      const ending = await (await operator()).agents.endTasks(args.agent, flags.reason);
      return answer(ending, line`The tasks of ${args.agent} have ended.`, ...showEnding(ending));
    },
  }),
  command({
    name: 'agent resume',
    says: 'For its owner: a suspended agent goes back to work.',
    example: `ambit agent resume ${exampleId} --reason "checked, was a drill"`,
    args: { agent },
    flags: { reason },
    async run({ operator, args, flags }) {
      const resumed = await (await operator()).agents.resume(args.agent, flags.reason);
      return answer(resumed, state(resumed));
    },
  }),
  command({
    name: 'agent retire',
    says: 'For its owner or an administrator: it ends for good.',
    example: `ambit agent retire ${exampleId} --reason "replaced"`,
    args: { agent },
    flags: { reason },
    async run({ operator, args, flags }) {
      const retired = await (await operator()).agents.retire(args.agent, flags.reason);
      return answer(retired, state(retired), ...showEnding(retired.ending));
    },
  }),
  command({
    name: 'agent when-shared',
    says: 'Sets what happens when a credential of the agent is used by two instances at once, or by two agents.',
    example: `ambit agent when-shared ${exampleId} --do suspend --reason "one machine, one key"`,
    args: { agent },
    flags: { do: need(oneOf('record', 'suspend'), 'record unless it was ever set'), reason },
    async run({ operator, args, flags }) {
      const set = await (await operator()).agents.whenShared(args.agent, flags.do, flags.reason);
      return answer(set, line`A shared credential of ${named(set.name, set.id)} leads to: ${flags.do}.`);
    },
  }),
  command({
    name: 'agent when-shared-default',
    says: 'For administrators: sets what that leads to for all agents; one agent can be held to more, never to less.',
    example: 'ambit agent when-shared-default --do suspend --reason "every agent runs on one machine"',
    flags: { do: need(oneOf('record', 'suspend'), 'record unless it was ever set'), reason },
    async run({ operator, flags }) {
      const set = await (await operator()).agents.setWhenSharedDefault(flags.do, flags.reason);
      return answer(set, line`A shared credential of any agent leads at the least to: ${set.whenShared}.`);
    },
  }),
  command({
    name: 'agent key add',
    says: 'Adds a key; those before it stay valid, so that keys are replaced without a gap. Only the public half is sent.',
    example: `ambit agent key add ${exampleId} --new refund-bot.key`,
    args: { agent },
    flags: {
      jwk: may(file, 'file with one JWK, public or private'),
      new: may(file, 'make a new key in this file, mode 600'),
      from: may(moment, 'when it begins to be valid; now unless given'),
      until: may(moment, 'when it stops; with the agent unless given'),
    },
    async run({ world, operator, args, flags }) {
      const operated = await operator();
      const jwk = await publicKey(world, flags.jwk, flags.new);
      const added = await operated.agents.addKey(args.agent, {
        jwk,
        ...(flags.from !== undefined && { notBefore: flags.from }),
        ...(flags.until !== undefined && { notAfter: flags.until }),
      });
      return answer(
        added,
        line`${added.id} is a key of ${added.agent} from ${showTime(added.notBefore)} until ${showTime(added.notAfter)}.`,
        ...whereItLies(flags.new),
      );
    },
  }),
  command({
    name: 'agent key rotate',
    says: 'For its owner: puts a new key beside an old one, which ends at the stated time. Until then both hold.',
    example: `ambit agent key rotate ${exampleId} --new refund-bot-2.key --ends 7d --move-tasks`,
    args: { agent },
    flags: {
      old: may(idOf('key'), 'the key that is replaced; the only one that holds unless given'),
      jwk: may(file, 'file with one JWK, public or private'),
      new: may(file, 'make a new key in this file, mode 600'),
      ends: need(moment, 'when the old one ends'),
      moveTasks: whether('tasks that the old key accepted go on with the new one'),
    },
    async run({ world, operator, args, flags }) {
      const operated = await operator();
      const old = flags.old ?? (await onlyKey(operated, args.agent));
      const jwk = await publicKey(world, flags.jwk, flags.new);
      const rotation = { old, jwk, endsAt: flags.ends, movesTasks: flags.moveTasks };
      const rotated = await operated.agents.rotateKey(args.agent, rotation);
      return answer(
        rotated,
        line`${rotated.key.id} is a key of ${args.agent} until ${showTime(rotated.key.notAfter)}.`,
        line`${rotated.old.id} ends at ${showTime(rotated.old.notAfter)}; its tasks ${flags.moveTasks ? 'go on with the new key' : 'end with it'}.`,
        ...whereItLies(flags.new),
      );
    },
  }),
  command({
    name: 'agent key revoke',
    says: 'Revokes a key of an agent at once.',
    example: `ambit agent key revoke ${exampleId} key_0123456789abcdefghjk`,
    args: { agent, key: idOf('key') },
    async run({ operator, args: { agent: of, key } }) {
      await (await operator()).agents.revokeKey(of, key);
      return answer({ agent: of, key, state: 'revoked' }, line`${key} of ${of} is revoked.`);
    },
  }),
  command({
    name: 'agent enrol-code',
    says: 'Makes a one-time code by which the agent enrols a key of its own; its private half never leaves the agent.',
    example: `ambit agent enrol-code ${exampleId} --ttl 15m --key-life 30d`,
    args: { agent },
    flags: {
      ttl: may(duration, 'how long the code works; 15 minutes unless given'),
      keyLife: may(duration, 'how long the key holds; as long as the agent unless given'),
    },
    async run({ operator, args, flags: { ttl, keyLife } }) {
      const made = await (await operator()).agents.enrolCode(args.agent, {
        ...(ttl !== undefined && { ttlSeconds: ttl }),
        ...(keyLife !== undefined && { keySeconds: keyLife }),
      });
      return answer(
        made,
        line`code         ${made.code}`,
        line`It enrols one key of ${made.agent}, once, until ${showTime(made.expiresAt)}: connect({ url, enrol: code, key }).`,
      );
    },
  }),
  command({
    name: 'agent withdraw-codes',
    says: 'Withdraws the one-time codes that are open for an agent.',
    example: `ambit agent withdraw-codes ${exampleId}`,
    args: { agent },
    async run({ operator, args }) {
      const done = await (await operator()).agents.withdrawCodes(args.agent);
      return answer(done, line`${countOf(done.withdrawn.length, 'code')} of ${args.agent} can no longer be used.`);
    },
  }),
  command({
    name: 'agent identity add',
    says: 'Registers a name that an authority outside gives to the agent, by which it proves itself instead of by a key.',
    example: `ambit agent identity add ${exampleId} --issuer corp --subject spiffe://acme.example/refund-bot`,
    args: { agent },
    flags: {
      method: may(words, 'how it is proved; tls_client_auth unless given'),
      issuer: need(words, 'who vouches for it: an authority that the plane knows by this name'),
      subject: need(words, 'the name; for tls_client_auth the URI in its certificate'),
    },
    async run({ operator, args, flags: { method = 'tls_client_auth', ...rest } }) {
      const added = await (await operator()).agents.addIdentity(args.agent, { method, ...rest });
      return answer(added, line`${added.id}: ${quote(added.subject)}, said by ${added.issuer}, is ${added.agent}.`);
    },
  }),
  command({
    name: 'agent bind',
    says: 'Registers what the workload of the agent proves itself with: its SPIFFE ID, or a rule about tokens of an issuer.',
    example:
      `ambit agent bind ${exampleId} --spiffe-id spiffe://acme.example/refund-bot\n` +
      `ambit agent bind ${exampleId} --issuer https://token.actions.githubusercontent.com --audience https://ambit.example \\\n` +
      '    --claim repository_id=1296269 --claim environment=production',
    args: { agent },
    flags: {
      spiffeId: may(words, 'its SPIFFE ID, in a trust domain that was added'),
      issuer: may(words, 'an issuer of workload tokens that was added'),
      audience: may(words, 'the one audience of the tokens'),
      claim: many(pair, 'a claim that must be in the token, letter by letter'),
      enrolsKeys: may(duration, 'lets the workload enrol keys of its own, which hold this long'),
    },
    async run({ operator, args, flags }) {
      const { enrolsKeys, ...binding } = flags;
      const keys = enrolsKeys === undefined ? {} : { keySeconds: enrolsKeys };
      const added = await (await operator()).agents.addIdentity(args.agent, { ...boundBy(binding), ...keys });
      return answer(added, line`${added.id}: ${quote(added.subject)}, said by ${added.issuer}, is ${added.agent}.`);
    },
  }),
  command({
    name: 'agent identity revoke',
    says: 'Revokes a name of an agent at once.',
    example: `ambit agent identity revoke ${exampleId} aid_0123456789abcdefghjk`,
    args: { agent, identity: idOf('agentIdentity') },
    async run({ operator, args: { agent: of, identity } }) {
      await (await operator()).agents.revokeIdentity(of, identity);
      return answer({ agent: of, identity, state: 'revoked' }, line`${identity} of ${of} is revoked.`);
    },
  }),
  command({
    name: 'agent user link',
    says: 'Links the user-shaped record that stands for the agent in another application.',
    example: `ambit agent user link ${exampleId} --api shop --external-id bot-7 --label "Refund bot"`,
    args: { agent },
    flags: {
      api: need(words, 'the API it is a user of'),
      externalId: need(words, 'its id there'),
      label: need(words, 'its name there'),
    },
    async run({ operator, args, flags }) {
      const linked = await (await operator()).agents.linkUser(args.agent, flags);
      return answer(
        linked,
        line`${linked.id} stands for ${linked.agent} in ${linked.api}, as ${quote(linked.externalId)}.`,
      );
    },
  }),
  command({
    name: 'agent user unlink',
    says: 'For its owner or an administrator: the record was removed in the other application.',
    example: `ambit agent user unlink ${exampleId} agu_0123456789abcdefghjk`,
    args: { agent, user: idOf('agentUser') },
    async run({ operator, args: { agent: of, user } }) {
      await (await operator()).agents.unlinkUser(of, user);
      return answer({ user, state: 'unlinked' }, line`${user} stands for ${of} no longer.`);
    },
  }),
  command({
    name: 'agent reassign',
    says: 'For administrators: somebody else answers for it from now on, and signs standing grants of their own.',
    example: `ambit agent reassign ${exampleId} --owner psn_0123456789abcdefghjk --reason "Alice left"`,
    args: { agent },
    flags: { owner: need(idOf('person'), 'who answers for it from now on'), reason },
    async run({ operator, args, flags }) {
      const moved = await (await operator()).agents.reassign(args.agent, flags.owner, flags.reason);
      return answer(moved, line`${named(moved.name, moved.id)} belongs to ${moved.owner}.`);
    },
  }),
  command({
    name: 'agent grant sign',
    says: 'For its owner: signs with your key what the agent may do unasked.',
    example: `ambit agent grant sign ${exampleId} --authority nightly.json --task 1h --live-tasks-max 1 --expires 30d`,
    args: { agent },
    flags: {
      authority: need(file, 'JSON file: a list of grants'),
      task: need(duration, 'longest life of a task under it'),
      liveTasksMax: need(count, 'tasks under it at once'),
      expires: need(moment, 'when it ends'),
    },
    async run({ world, operator, args, flags }) {
      const signed = await (await operator()).standingGrants.sign({
        agent: args.agent,
        authority: (await readJson(world, flags.authority)) as Authority,
        taskSecondsMax: flags.task,
        liveTasksMax: flags.liveTasksMax,
        expiresAt: flags.expires,
      });
      return answer(
        signed,
        line`${signed.id} is signed, until ${showTime(signed.expiresAt)}. Unasked, ${signed.agent} may:`,
        ...showAuthority(signed.document.authority).map((one) => indent(1, one)),
      );
    },
  }),
  command({
    name: 'agent grant revoke',
    says: 'For its owner or an administrator: revokes a standing grant.',
    example: 'ambit agent grant revoke stg_0123456789abcdefghjk',
    args: { grant: idOf('standingGrant') },
    async run({ operator, args: { grant } }) {
      await (await operator()).standingGrants.revoke(grant);
      return answer({ grant, state: 'revoked' }, line`${grant} is revoked.`);
    },
  }),
];

async function onlyKey({ agents }: Operator, of: AgentId): Promise<KeyId> {
  const holding = (await agents.show(of)).keys.filter(({ holds }) => holds);
  const [only] = holding;
  if (only !== undefined && holding.length === 1) return only.id;
  throw new CliFault('usage', `${holding.length} keys of the agent hold.`, 'Name the one that is replaced with --old.');
}

type Binding = {
  readonly spiffeId: string | undefined;
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  readonly claim: readonly (readonly [string, string])[];
};

function boundBy({ spiffeId, issuer, audience, claim }: Binding) {
  const hasRule = issuer !== undefined && audience !== undefined && claim.length > 0;
  const hasPart = issuer !== undefined || audience !== undefined || claim.length > 0;
  if (spiffeId !== undefined && !hasPart) {
    return { method: 'spiffe', issuer: spiffeId.split('/')[2] ?? '', subject: spiffeId };
  }
  if (spiffeId === undefined && hasRule) {
    const subject = canonicalJson({ audience, claims: Object.fromEntries(claim) });
    return { method: 'workload_token', issuer, subject };
  }
  const says = 'Name either --spiffe-id, or --issuer, --audience and each --claim.';
  throw new CliFault('usage', says, 'See the example: ambit agent bind --help');
}

function showAgent(shown: AgentShown): readonly Line[] {
  return [
    line`${named(shown.name, shown.id)}, ${shown.state}, until ${showTime(shown.expiresAt)}`,
    line`owner        ${shown.owner}`,
    line`team         ${shown.team}`,
    line`purpose      ${shown.purpose}`,
    line`lives in     ${shown.environment}, zone ${shown.zone}`,
    line`when shared  ${shown.doesWhenShared}`,
    ...shown.keys.map(
      ({ id, thumbprint, holds, state: of, notAfter }) =>
        line`key          ${id}, ${thumbprint}, ${holds ? 'holds' : `does not hold (${of})`}, until ${showTime(notAfter)}`,
    ),
    ...shown.identities.map(
      ({ id, method, issuer, subject }) => line`identity     ${id}, ${quote(subject)} by ${issuer}, ${method}`,
    ),
    ...shown.instances.map(({ jkt, lastSeenAt }) => line`instance     ${jkt}, last seen ${showTime(lastSeenAt)}`),
    ...shown.users.map(({ id, api, externalId }) => line`agent user   ${id}, in ${api} as ${quote(externalId)}`),
    ...shown.standingGrants.map(
      ({ id, state: of, expiresAt }) => line`standing     ${id}, ${of}, until ${showTime(expiresAt)}`,
    ),
    line`ceiling`,
    ...showAuthority(shown.ceiling).map((one) => indent(1, one)),
  ];
}

/** INVARIANT: a private half never leaves this process, even where the file that was named holds one. */
const whereItLies = (made: string | undefined): readonly Line[] =>
  made === undefined ? [] : [line`Its private half is in ${made}, mode 600, and nowhere else.`];

async function publicKey(world: World, existing: string | undefined, made: string | undefined): Promise<PublicJwk> {
  if ((existing === undefined) === (made === undefined)) {
    throw new CliFault('usage', 'Name either --jwk or --new.', seeExample);
  }
  if (made !== undefined) return (await openKey(await makeKeyFile(made))).jwk;
  const jwk = (await readJson(world, existing ?? '')) as PublicJwk & { readonly d?: string };
  if (jwk === null || typeof jwk !== 'object' || !('d' in jwk) || jwk.d === undefined) return jwk;
  if (existing !== undefined && existing !== '-') requirePrivate(existing);
  return (await openKey({ ...jwk, d: jwk.d })).jwk;
}
