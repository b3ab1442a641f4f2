import { parseId } from '@ambit/protocol';
import { type Ground, refuse } from '../../../foundation/index.ts';
import { findTenant } from '../../../identity/index.ts';

export const endpoint = {
  metadata: '/.well-known/authzen-configuration',
  evaluation: '/access/v1/evaluation',
  evaluations: '/access/v1/evaluations',
  subjects: '/access/v1/search/subject',
  resources: '/access/v1/search/resource',
  actions: '/access/v1/search/action',
} as const;

/** AuthZEN 1.0 §9. `decisionPoint` is exactly what the document is fetched for; what we have none of is left out. */
export function decisionPointMetadata(decisionPoint: string): object {
  return {
    policy_decision_point: decisionPoint,
    access_evaluation_endpoint: decisionPoint + endpoint.evaluation,
    access_evaluations_endpoint: decisionPoint + endpoint.evaluations,
    search_subject_endpoint: decisionPoint + endpoint.subjects,
    search_resource_endpoint: decisionPoint + endpoint.resources,
    search_action_endpoint: decisionPoint + endpoint.actions,
  };
}

/** The decision point of one tenant: the same questions under a path of its own. */
export async function tenantMetadata(ground: Ground, origin: string, named: string | undefined): Promise<object> {
  const tenant = parseId('tenant', named);
  if (tenant === undefined || (await findTenant(ground, tenant)) === undefined)
    throw refuse('thing.not_found', `no tenant ${named}`);
  return decisionPointMetadata(`${origin}/${tenant}`);
}
