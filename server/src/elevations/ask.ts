import type { Authority, EntryId, Part, Shown, ShownLink, TenantId } from '@ambit/protocol';
import { planeHeader, renderParts } from '@ambit/protocol';
import { type Approval, type AskLimits, ask } from '../approvals/index.ts';
import { describeGrant, parseAuthority } from '../authority/index.ts';
import { type AgentCaller, entry, type Ground, Refusal, refuse, span } from '../foundation/index.ts';
import {
  type Chain,
  type Elevation,
  elevationsMax,
  findChain,
  isStanding,
  isWithin,
  standingElevations,
  type Task,
  unknownPart,
} from '../tasks/index.ts';
import { type Around, requireWithin } from './require-within.ts';
import {
  type Actions,
  askingAgain,
  elevationAction,
  requireElevatable,
  valuesOf,
  type Wish,
  wishDigest,
} from './wish.ts';

export { elevationAction } from './wish.ts';

export type AskElevation = {
  readonly authority: unknown;
  /** The agent's own words; quoted to the person as its claim. */
  readonly reason: string;
  /** From the yes on; what is longer than the plane or the task allows is cut, before anybody is asked. */
  readonly ttlSeconds: number;
};

export type ElevationLimits = {
  readonly ttlSecondsMax: number;
  readonly approvals: AskLimits;
  /** The catalog as it is now. */
  readonly actions: (tenant: TenantId) => Promise<Actions>;
};

/**
 * An agent asks for more than its task gives, and a person is asked. Nothing changes by asking: what is beyond a bound is
 * refused at once and recorded, everything else is a question like any other.
 */
export function askForElevation(
  ground: Ground,
  caller: AgentCaller,
  input: AskElevation,
  limits: ElevationLimits,
): Promise<{ readonly approval: Approval; readonly entry: EntryId }> {
  return span('elevations/ask', async () => {
    const chain = await requireOwnChain(ground, caller);
    try {
      return await askOnce(ground, caller, chain, input, limits);
    } catch (error) {
      throw await recordRefused(ground, caller, chain, input, error);
    }
  });
}

async function askOnce(
  ground: Ground,
  caller: AgentCaller,
  chain: Chain,
  input: AskElevation,
  { ttlSecondsMax, approvals, actions }: ElevationLimits,
) {
  const { tenant } = caller;
  const [task] = chain;
  const wish = await wishOf(ground, caller, chain, input, { ttlSecondsMax, actions: await actions(tenant) });
  const around = await requireWithin(ground, tenant, chain, wish.authority);
  const id = ground.newId('entry');
  const approval = await ask(
    ground,
    {
      tenant,
      task: task.id,
      run: task.root,
      agent: task.agent,
      owner: around.agent.owner,
      requester: task.requester,
      jkt: caller.jkt,
      action: elevationAction,
      // Whoever decides about one of these actions decides about having it, too.
      ruledBy: actionsOf(wish),
      callDigest: wishDigest(tenant, task.id, wish, input.reason),
      asks: [{ ask: `task:${task.id}:elevation`, reason: 'The agent asks for more than its task gives.' }],
      shown: shownOf(chain, around, wish, input.reason),
      sealed: null,
      lookAgainDigest: null,
      who: caller.who,
      changes: [],
      entry: entry({
        id,
        kind: 'elevation.asked',
        who: { ...caller.who, requester: task.requester },
        task: task.id,
        run: task.root,
        action: elevationAction,
        decision: 'ask',
        code: 'approval.needed',
        detail: { ...wish, claim: { reason: input.reason }, because: wish.authority.map(describeGrant) },
      }),
    },
    approvals,
  );
  return { approval, entry: id };
}

// A grant names at least one action, and a wish has at least one grant.
const actionsOf = ({ authority }: Wish) =>
  [...new Set(authority.flatMap((grant) => grant.actions))] as [string, ...string[]];

async function requireOwnChain(ground: Ground, caller: AgentCaller): Promise<Chain> {
  if (caller.task === null) throw refuse('task.needed', 'the token is for no task');
  const chain = await findChain(ground, caller.tenant, caller.task);
  if (chain === undefined) throw refuse('task.ended', `task ${caller.task}, or one above it, is not there`);
  if (chain[0].agent === caller.agent && chain[0].acceptedJkt === caller.jkt) return chain;
  throw refuse('token.other_key', `task ${chain[0].id} was not accepted by ${caller.jkt} of ${caller.agent}`);
}

async function wishOf(
  ground: Ground,
  { tenant }: AgentCaller,
  [task]: Chain,
  { authority: wanted, ttlSeconds }: AskElevation,
  { ttlSecondsMax, actions }: { readonly ttlSecondsMax: number; readonly actions: Actions },
): Promise<Wish> {
  const wished = parseAuthority(wanted);
  if (wished.length === 0) throw refuse('authority.malformed', 'no grants', 'authority must hold at least one grant.');
  const says = unknownPart(wished, actions);
  if (says !== undefined) throw refuse('task.not_in_catalog', says, says);
  requireElevatable(wished, actions);
  const now = ground.clock();
  const standing = (await standingElevations(ground, tenant, [task.id])).filter((one) => isStanding(one, now));
  requireNeed(wished, task.authority, standing);
  if (standing.length >= elevationsMax)
    throw refuse('elevation.too_many', `task ${task.id} has ${standing.length} of ${elevationsMax}`);
  const left = Math.floor((task.expiresAt - now) / 1000);
  // Read again with what was added: what is shown is what will be given.
  return {
    authority: parseAuthority(askingAgain(wished, actions)),
    seconds: Math.max(1, Math.min(ttlSeconds, ttlSecondsMax, left)),
  };
}

/** What the task has without a limit is nothing to ask for; what it has with one may be used up. */
function requireNeed(wished: Authority, own: Authority, standing: readonly Elevation[]): void {
  const present = [...own, ...standing.flatMap((one) => one.authority)];
  const unlimited = present.filter((grant) => (grant.limits ?? []).length === 0);
  if (isWithin(wished, unlimited)) throw refuse('elevation.not_needed', 'all of it is within what the task has');
}

function shownOf(chain: Chain, { agent, requester }: Around, wish: Wish, reason: string): Shown {
  const [task] = chain;
  const parts: readonly Part[] = [
    { text: 'Let ' },
    { agent: agent.id, name: agent.name },
    { text: ' do more in ' },
    { value: task.id, kind: 'task', id: task.id, source: 'plane' },
    { text: ' than it was opened for, for ' },
    { value: `${wish.seconds}`, kind: 'number', source: 'agent' },
    { text: ' seconds from the last yes on' },
  ];
  return {
    sentence: renderParts(parts),
    parts,
    action: elevationAction,
    method: 'ELEVATE',
    url: task.id,
    values: valuesOf(wish),
    reversibility:
      'reversible: it ends by itself, with its task, or by "ambit task elevation end"; what was done under it stays',
    amount: null,
    left: [],
    requester: requester?.name ?? 'nobody: the agent opened the task itself',
    agent: agent.name,
    purpose: `${task.purposeType}: ${task.purposeText}`,
    chain: chain.map((one) => linkOf(one, agent)).toReversed(),
    taskUntil: task.expiresAt,
    remember: { never: 'elevation' },
    claim: reason,
    lookedAgain: null,
  };
}

/** Only the acting agent is read here; the others are named by their ids. */
const linkOf = ({ id, agent, origin }: Task, acting: Around['agent']): ShownLink => ({
  task: id,
  agent,
  name: agent === acting.id ? acting.name : agent,
  writtenBy: origin.by === 'person' ? 'person' : 'agent',
});

/** An agent that may not even ask is told why, and the log knows what it wanted. */
async function recordRefused(
  ground: Ground,
  caller: AgentCaller,
  [task]: Chain,
  input: AskElevation,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof Refusal) || error.code === 'store.unavailable') return error;
  const id = ground.newId('entry');
  await ground.database.commit({
    tenant: caller.tenant,
    entries: [
      entry({
        id,
        kind: 'elevation.refused',
        who: { ...caller.who, requester: task.requester },
        task: task.id,
        run: task.root,
        action: elevationAction,
        decision: 'deny',
        code: error.code,
        detail: {
          wanted: wantedOf(input),
          claim: { reason: input.reason },
          because: error.because,
          denied: error.parts,
          says: error.says,
        },
      }),
    ],
  });
  return error.with({ headers: { [planeHeader.entry]: id } });
}

const wantedCharactersMax = 20_000;

/** As it came, unless it is long: whoever asks writes no more into the log than that. */
function wantedOf({ authority, ttlSeconds }: AskElevation) {
  const text = JSON.stringify(authority) ?? '';
  return text.length > wantedCharactersMax
    ? { text: text.slice(0, wantedCharactersMax), ttlSeconds }
    : { authority, ttlSeconds };
}
