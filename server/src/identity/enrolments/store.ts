import type { AgentId, EnrolmentId, TenantId } from '@ambit/protocol';
import { type Change, type Ground, insert, table, update } from '../../foundation/index.ts';
import type { AgentEnrolment } from './agent-enrolment.ts';

const agentEnrolments = table<AgentEnrolment>('agent_enrolments', {
  columns: {
    id: 'text',
    agent: 'text',
    codeHash: 'text',
    state: 'text',
    keySeconds: 'integer',
    issuedBy: 'text',
    issuedAt: 'integer',
    expiresAt: 'integer',
  },
  key: ['id'],
  unique: [['codeHash']],
  indexes: [['agent']],
  governed: true,
});

type Store = Pick<Ground, 'database'>;
/** One code of an agent is open at a time; what is more than these was there before. */
const openMax = 200;

export async function findAgentEnrolmentByCode({ database }: Store, tenant: TenantId, codeHash: string) {
  return (await database.list(agentEnrolments, tenant, { where: { codeHash }, limit: 1 }))[0];
}

export const listOpenAgentEnrolments = ({ database }: Store, tenant: TenantId, agent: AgentId) =>
  database.list(agentEnrolments, tenant, { where: { agent, state: 'open' }, limit: openMax });

export const addAgentEnrolment = (enrolment: AgentEnrolment): Change => insert(agentEnrolments, enrolment);

/** As with those of persons: the second of two who bring the same code finds it used. */
export const useAgentEnrolment = (id: EnrolmentId): Change =>
  update(agentEnrolments, { id }, { state: 'used' }, { where: { state: 'open' }, otherwise: 'enrolment.refused' });

export const withdrawAgentEnrolment = (id: EnrolmentId): Change =>
  update(agentEnrolments, { id }, { state: 'withdrawn' }, { where: { state: 'open' } });
