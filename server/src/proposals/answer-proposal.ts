import { type ProposalId, parse } from '@ambit/protocol';
import {
  entry,
  type Ground,
  type PersonCaller,
  planeItself,
  Refusal,
  type Reply,
  type Route,
  refuse,
  span,
} from '../foundation/index.ts';
import {
  countUse,
  type DocumentSignature,
  findPerson,
  holdsRole,
  listPersonKeys,
  type Person,
  type PersonKey,
  personKeyStands,
  personStands,
  readSignature,
  signerDetail,
} from '../identity/index.ts';
import { digestOf, type Proposal, type ProposalAnswer } from './proposal.ts';
import { boundTo, lowersOf, type PersonRequest, type ProposalParts, runOf } from './put-up.ts';
import { findProposal, moveProposal } from './store.ts';

export type Answering = {
  readonly answer: 'yes' | 'no';
  readonly reason: string | null;
  readonly at: number;
  readonly signature: DocumentSignature;
};

const answerSkewMilliseconds = 60_000;

/**
 * A second person's answer, by a signature over exactly what would change. After a yes it is done in the name of whoever
 * asked, once; a no, which whoever asked may give as well, ends it.
 */
export function answerProposal(
  parts: ProposalParts,
  request: Pick<PersonRequest, 'caller' | 'raw' | 'gone'>,
  id: ProposalId,
  given: Answering,
): Promise<{ readonly proposal: Proposal; readonly reply: Reply | null }> {
  return span('proposals/answer', async () => {
    const { ground } = parts;
    const { caller } = request;
    const proposal = await findProposal(ground, caller.tenant, id);
    if (proposal === undefined) throw refuse('thing.not_found', `no proposal ${id}`);
    requireOpen(proposal, ground.clock());
    const person = await requireRight(ground, caller, proposal, given.answer);
    const document = documentOf(caller, proposal, given);
    const used = readSignature(await listPersonKeys(ground, caller.tenant, person.id), document, given.signature);
    requireInTime(proposal, person, used.key);
    if (Math.abs(ground.clock() - given.at) > answerSkewMilliseconds)
      throw refuse('approval.stale_answer', `signed at ${given.at}`);
    const prepared = given.answer === 'yes' ? await prepare(parts, request, proposal) : null;
    const state = prepared === null ? 'refused' : 'done';
    const set = { state, answeredBy: person.id, signature: given.signature } as const;
    const answered = entry({
      id: ground.newId('entry'),
      kind: 'proposal.answered',
      who: caller.who,
      about: proposal.entry,
      code: given.answer,
      detail: { proposal: id, document, signature: given.signature, key: signerDetail(used.key) },
    });
    await ground.database.commit({
      tenant: caller.tenant,
      checks: [personStands(person), personKeyStands(used.key)],
      changes: [moveProposal('open', proposal, set), ...(await countUse(ground, caller, used))],
      entries: [answered],
    });
    const reply = prepared === null ? null : await done(parts, caller, proposal, prepared);
    return { proposal: { ...proposal, ...set }, reply };
  });
}

const documentOf = ({ tenant, person }: PersonCaller, { id, digest }: Proposal, given: Answering): ProposalAnswer => {
  const { answer, reason, at } = given;
  return { type: 'ambit_proposal_answer', tenant, proposal: id, digest, answer, reason, person, at };
};

function requireOpen({ id, state, expiresAt }: Proposal, now: number): void {
  if (state === 'open' && now < expiresAt) return;
  throw refuse('proposal.over', `${id} is ${state}, until ${expiresAt}`);
}

const notYours = (because: string, says: string) => refuse('proposal.not_yours', because, says);

async function requireRight(
  ground: Ground,
  caller: PersonCaller,
  { role, proposedBy, gains }: Proposal,
  answer: Answering['answer'],
): Promise<Person> {
  const person = await findPerson(ground, caller.tenant, caller.person);
  if (person?.state !== 'active') throw notYours(`${caller.person} is not active`, 'You are not active here.');
  if (!holdsRole(person.roles, role))
    throw notYours(`${person.id} does not hold ${role}`, `A person with the role ${role} answers this.`);
  if (answer === 'no') return person;
  if (person.id === proposedBy) throw notYours('they asked for it', 'You asked for it: another person confirms.');
  if (person.id === gains) throw notYours('they gain by it', 'You would gain by it: another person confirms.');
  return person;
}

/** THREATS: self-approval. A right or a key that came after the proposal confirms it not. */
function requireInTime({ proposedAt }: Proposal, { rolesSince }: Person, { addedAt }: PersonKey): void {
  if (rolesSince <= proposedAt && addedAt <= proposedAt) return;
  throw notYours(
    `asked ${proposedAt}, roles since ${rolesSince}, key since ${addedAt}`,
    'Your roles or this key came after it was put up: somebody else confirms, or with an older key.',
  );
}

type Prepared = { readonly row: Route; readonly request: PersonRequest };

/** The request as it was, of whoever asked as they are now. Refuses where it would change anything but what was signed. */
async function prepare(
  { ground, seal, rows }: ProposalParts,
  { caller: { tenant }, raw, gone }: Pick<PersonRequest, 'caller' | 'raw' | 'gone'>,
  proposal: Proposal,
): Promise<Prepared> {
  const { id, method, path, params, proposedBy, role } = proposal;
  const row = rows().find((one) => one.method === method && one.path === path);
  const lowers = row && lowersOf(row);
  const person = await findPerson(ground, tenant, proposedBy);
  const stands = person?.state === 'active' && holdsRole(person.roles, role);
  if (row === undefined || lowers === undefined || !stands) {
    throw refuse('proposal.moved', `${proposedBy} may not do ${method} ${path} any more`);
  }
  const kept: unknown = JSON.parse(seal.open(proposal.sealed, boundTo(tenant, id)));
  const body = row.body === undefined ? undefined : parse(row.body, kept);
  const who = { ...planeItself, requester: proposedBy, initiator: proposedBy, channel: 'proposal', proof: id };
  const caller: PersonCaller = { kind: 'person', tenant, person: proposedBy, roles: person.roles, who };
  const request: PersonRequest = { caller, params, query: {}, body, raw, gone };
  const now = await lowers(request);
  // INVARIANT (two persons): the body comes out of its box as it went in, and would change what was shown.
  if (now === null || digestOf({ method, path, params, proposedBy, body }, now) !== proposal.digest) {
    throw refuse('proposal.moved', `what ${id} would change is not what was shown`);
  }
  return { row, request };
}

async function done(
  { ground }: ProposalParts,
  caller: PersonCaller,
  proposal: Proposal,
  { row, request }: Prepared,
): Promise<Reply> {
  try {
    return await runOf(row)(request);
  } catch (error) {
    const because = error instanceof Refusal ? `${error.code}: ${error.because}` : 'it failed';
    await ground.database.commit({
      tenant: caller.tenant,
      changes: [moveProposal('done', proposal, { state: 'failed' })],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'proposal.failed',
          who: request.caller.who,
          about: proposal.entry,
          detail: { proposal: proposal.id, because },
        }),
      ],
    });
    throw error;
  }
}
