import type { PersonId, ProposalId, TenantId } from '@ambit/protocol';
import { type Change, type Ground, insert, table, update } from '../foundation/index.ts';
import type { Proposal } from './proposal.ts';

const proposals = table<Proposal>('proposals', {
  columns: {
    id: 'text',
    method: 'text',
    path: 'text',
    params: 'json',
    sealed: 'text',
    role: 'text',
    says: 'text',
    changes: 'json',
    gains: 'text',
    digest: 'text',
    proposedBy: 'text',
    proposedAt: 'integer',
    expiresAt: 'integer',
    state: 'text',
    answeredBy: 'text',
    signature: 'json',
    entry: 'text',
  },
  key: ['id'],
  indexes: [['state', 'proposedAt']],
  governed: true,
});

/** Whether the organisation wants two persons where a gate is lowered. At most one row a tenant. */
export type TwoPersons = {
  readonly gates: 'all';
  readonly required: 'yes' | 'no';
  readonly setBy: PersonId;
  readonly setAt: number;
};

const twoPersons = table<TwoPersons>('two_persons', {
  columns: { gates: 'text', required: 'text', setBy: 'text', setAt: 'integer' },
  key: ['gates'],
  governed: true,
});

type Store = Pick<Ground, 'database'>;

export const findProposal = ({ database }: Store, tenant: TenantId, id: ProposalId) =>
  database.find(proposals, tenant, { id });

/** Newest first. */
export const listProposals = ({ database }: Store, tenant: TenantId, state: Proposal['state'], limit: number) =>
  database.list(proposals, tenant, { where: { state }, order: ['proposedAt', 'desc'], limit });

export const findTwoPersons = ({ database }: Store, tenant: TenantId) =>
  database.find(twoPersons, tenant, { gates: 'all' });

export const addProposal = (proposal: Proposal): Change => insert(proposals, proposal);

/** Of two answers at once, one counts. */
export const moveProposal = (from: Proposal['state'], { id }: Pick<Proposal, 'id'>, set: Partial<Proposal>): Change =>
  update(proposals, { id }, set, { where: { state: from }, otherwise: 'proposal.over' });

export const addTwoPersons = (row: TwoPersons): Change => insert(twoPersons, row, 'state.changed');

export const changeTwoPersons = ({ setAt }: TwoPersons, set: TwoPersons): Change =>
  update(twoPersons, { gates: 'all' }, set, { where: { setAt } });
