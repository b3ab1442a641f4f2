import { boolean, integer, nullable, object, oneOf, optional, type ProposalId, parseId, text } from '@ambit/protocol';
import { type PersonCaller, type Route, refuse, route } from '../foundation/index.ts';
import { holdsRole, signatureShape } from '../identity/index.ts';
import { answerProposal } from './answer-proposal.ts';
import type { Proposal } from './proposal.ts';
import type { ProposalParts } from './put-up.ts';
import { setTwoPersons } from './set-two-persons.ts';
import { findProposal, findTwoPersons, listProposals } from './store.ts';

const answering = object({
  answer: oneOf('yes', 'no'),
  reason: nullable(text({ max: 500 })),
  at: integer({ min: 0, max: 8_640_000_000_000_000 }),
  signature: signatureShape,
});
const shownMax = 500;

export function proposalsRoutes(parts: ProposalParts): readonly Route[] {
  const { ground } = parts;
  return [
    route({
      method: 'GET',
      path: '/v1/proposals',
      who: 'person',
      query: object({ state: optional(oneOf('open', 'done', 'refused', 'failed')) }),
      says: 'Lists changes that wait for a second person: those one may answer or put up, and all of them for an auditor.',
      run: async ({ caller, query }) => {
        const rows = await listProposals(ground, caller.tenant, query.state ?? 'open', shownMax);
        const isThere = ({ state, expiresAt }: Proposal) => state !== 'open' || ground.clock() < expiresAt;
        const own = rows.filter((row) => mayRead(row, caller) && isThere(row));
        return { status: 200, body: { proposals: own.map(shown) } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/proposals/:proposal',
      who: 'person',
      says: 'Shows one, with everything that it would change.',
      run: async ({ caller, params }) => {
        const found = await findProposal(ground, caller.tenant, proposalId(params.proposal));
        if (found === undefined || !mayRead(found, caller))
          throw refuse('thing.not_found', `no proposal ${params.proposal} for ${caller.person}`);
        return { status: 200, body: shown(found) };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/proposals/:proposal/answer',
      who: 'person',
      body: answering,
      says: 'Confirms a proposal, or ends it, by a signature over its digest; a yes is another person’s with the same right. Answers what the change itself answers.',
      run: async ({ caller, params, body, raw, gone }) => {
        const given = { caller, raw, gone };
        const { proposal, reply } = await answerProposal(parts, given, proposalId(params.proposal), body);
        return { status: 200, body: { proposal: shown(proposal), answer: reply?.body ?? null } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/two-persons',
      who: 'person',
      says: 'Whether lowering a gate takes two persons here.',
      run: async ({ caller }) => {
        const row = await findTwoPersons(ground, caller.tenant);
        return { status: 200, body: { required: row?.required === 'yes' } };
      },
    }),
    route({
      method: 'PUT',
      path: '/v1/two-persons',
      who: 'administrator',
      body: object({ required: boolean() }),
      says: 'Sets whether lowering a gate takes two persons; there have to be two administrators.',
      lowers: async ({ body }) =>
        body.required
          ? null
          : { says: 'One person alone could lower gates.', changes: { twoPersons: { from: true, to: false } } },
      run: async ({ caller, body }) => {
        const { required, setBy, setAt } = await setTwoPersons(ground, caller, body.required);
        return { status: 200, body: { required: required === 'yes', setBy, setAt } };
      },
    }),
  ];
}

function proposalId(given: string | undefined): ProposalId {
  const found = parseId('proposal', given);
  if (found === undefined) throw refuse('thing.not_found', `${given} is not a proposal id`);
  return found;
}

const mayRead = ({ role, proposedBy }: Proposal, { roles, person }: PersonCaller): boolean =>
  holdsRole(roles, role) || roles.includes('auditor') || proposedBy === person;

const shown = ({ sealed: _sealed, ...proposal }: Proposal) => proposal;
