import type { TenantId } from '@ambit/protocol';
import {
  entry,
  type Ground,
  type Lowering,
  type PersonCaller,
  Refusal,
  type Reply,
  type Route,
  type RouteRequest,
  refuse,
  span,
} from '../foundation/index.ts';
import { type Role, roles } from '../identity/index.ts';
import { digestOf, type Proposal, plain, proposalSeconds } from './proposal.ts';
import { addProposal, findTwoPersons } from './store.ts';

/** Boxes that this plane alone opens, each for what it was sealed for. */
export type Seal = {
  readonly seal: (plain: string, bound: string) => string;
  readonly open: (box: string, bound: string) => string;
};

export type ProposalParts = {
  readonly ground: Ground;
  readonly seal: Seal;
  /** The rows of the people's listener, by which a proposal is done. */
  readonly rows: () => readonly Route[];
};

/** A request of a person, as rows that lower something see it. */
export type PersonRequest = RouteRequest<unknown, unknown, PersonCaller>;
type Lowers = (request: PersonRequest) => Promise<Lowering | null>;
type Run = (request: PersonRequest) => Promise<Reply>;

export const lowersOf = (row: Route): Lowers | undefined => row.lowers as Lowers | undefined;
export const runOf = (row: Route): Run => row.run as unknown as Run;

export const boundTo = (tenant: TenantId, id: string): string => `${tenant} ${id}`;

/**
 * THREATS: gates-fall-slowly. The row as it is, or, where its organisation wants two persons, one that puts up what would
 * lower a gate instead of doing it.
 */
export function holdBack(parts: Pick<ProposalParts, 'ground' | 'seal'>, row: Route): Route {
  const lowers = lowersOf(row);
  if (lowers === undefined) return row;
  const run: Run = async (request) => {
    const required = (await findTwoPersons(parts.ground, request.caller.tenant))?.required === 'yes';
    const lowering = required ? await lowers(request) : null;
    if (lowering?.instead !== undefined) throw refuse('proposal.alone', lowering.says, lowering.instead);
    if (lowering !== null) throw await putUp(parts, row, request, lowering);
    return runOf(row)(request);
  };
  return { ...row, run: run as unknown as Route['run'] };
}

/** Where everybody may ask, nobody holds the right to confirm: such a row says what to do instead. */
function roleOf(who: Route['who']): Role {
  const role = roles.find((one) => one === who);
  if (role !== undefined) return role;
  throw new Error(`no role confirms what ${who} may ask for`);
}

/** Keeps what was asked for, and answers the refusal that says so: nothing is changed yet. */
function putUp(
  { ground, seal }: Pick<ProposalParts, 'ground' | 'seal'>,
  { method, path, who }: Route,
  { caller, params, body }: PersonRequest,
  lowering: Lowering,
): Promise<Refusal> {
  return span('proposals/put-up', async () => {
    const id = ground.newId('proposal');
    const entryId = ground.newId('entry');
    const proposedAt = ground.clock();
    const asked = { method, path, params: { ...params }, proposedBy: caller.person };
    const proposal: Proposal = {
      id,
      ...asked,
      sealed: seal.seal(JSON.stringify(body ?? null), boundTo(caller.tenant, id)),
      role: roleOf(who),
      says: lowering.says,
      changes: plain(lowering.changes),
      gains: lowering.gains ?? null,
      digest: digestOf({ ...asked, body }, lowering),
      proposedAt,
      expiresAt: proposedAt + proposalSeconds * 1000,
      state: 'open',
      answeredBy: null,
      signature: null,
      entry: entryId,
    };
    const { sealed: _sealed, ...told } = proposal;
    await ground.database.commit({
      tenant: caller.tenant,
      changes: [addProposal(proposal)],
      entries: [entry({ id: entryId, kind: 'proposal.made', who: caller.who, detail: told })],
    });
    const says = `${lowering.says} This lowers a gate, and your organisation wants two persons for that: it is put up as ${id}. Another person with the role ${proposal.role} confirms it: ambit proposal show ${id}.`;
    const members = { proposal: id, digest: proposal.digest, expiresAt: proposal.expiresAt };
    return new Refusal('proposal.waits', `${id} waits for a second person`, says, { 'ambit-entry': entryId }, members);
  });
}
