import { detailsType, parseId, type TaskId } from '@ambit/protocol';
import { type Ground, planeItself, refuse, span } from '../../foundation/index.ts';
import { keyStandsFor, type ProvedAgent, seeInstance } from '../../identity/index.ts';
import { findTask, type Task } from '../../tasks/index.ts';
import { requireStanding } from '../alive.ts';
import { type Applicant, type ClientRequest, proveApplicant } from '../authenticate-client.ts';
import { issueToken } from '../issue.ts';
import { type Issuer, planeAudience, taskAudience } from '../issuer.ts';
import { recordRefused } from '../refused.ts';
import { resourceFor } from '../resource.ts';
import { otherResource, readDetails, requireTarget, type TokenAnswer, tokenAnswer } from './parameters.ts';

/**
 * RFC 6749 §4.4: without `authorization_details` a token that speaks to the plane alone, with one `ambit_task` a token of
 * that task, for the agent and the two keys that accepted it. Such a token is for the gateway, or with `resource` for one
 * API that verifies tokens itself. Each is bound to the key of the DPoP proof, or to the certificate of the connection
 * where no proof came.
 */
export function clientCredentials(ground: Ground, issuer: Issuer, request: ClientRequest): Promise<TokenAnswer> {
  return span('tokens/client-credentials', async () => {
    const applicant = await proveApplicant(ground, issuer, request);
    const { client, holder } = applicant;
    let task: Task | null = null;
    try {
      const id = wantedTask(request);
      if (id === null) requireTarget(request.parameters, planeAudience(issuer));
      const url = id === null ? null : otherResource(request.parameters, taskAudience(issuer));
      task = id === null ? null : await requireOwnTask(ground, client, id);
      if (task !== null) await requireSameKeys(ground, task, applicant);
      const { agent, agentKey } = client;
      const by = { agent: agent.id, agentKey, task: task?.id ?? null };
      const standing = await requireStanding(ground, client.tenant, by);
      const { chain } = standing;
      const resource = chain && url !== null ? await resourceFor(ground, client.tenant, url, chain) : null;
      const issued = await issueToken(ground, issuer, {
        tenant: client.tenant,
        standing,
        resource,
        holder,
        agentKey,
        from: null,
        method: client.method,
        spend: [...client.spend, ...holder.spend],
      });
      await seeInstance(ground, client.tenant, { agent: agent.id, jkt: holder.jkt, agentKey });
      const details = task === null ? [] : (resource?.authority ?? [{ type: detailsType.task, identifier: task.id }]);
      return tokenAnswer(issued, details, task?.expiresAt ?? null);
    } catch (error) {
      throw await recordRefused(ground, error, refusedBy(applicant, task));
    }
  });
}

function refusedBy({ client, holder }: Applicant, task: Task | null) {
  const { tenant, agent, agentKey, method } = client;
  return {
    tenant,
    kind: 'token.refused',
    who: {
      ...planeItself,
      requester: task?.requester ?? null,
      agent: agent.id,
      initiator: agent.id,
      instance: holder.jkt,
      environment: agent.environment,
      zone: agent.zone,
      channel: 'oauth',
      proof: method,
    },
    task,
    login: client.spend,
    spend: holder.spend,
    detail: { agentKey, jkt: holder.jkt, x5t: holder.x5t },
  } as const;
}

function wantedTask({ parameters }: ClientRequest): TaskId | null {
  const details = readDetails(parameters);
  if (details === undefined) return null;
  const [only] = details;
  const { type, identifier, ...more } = only ?? {};
  if (details.length !== 1 || type !== detailsType.task || Object.keys(more).length > 0) {
    throw refuse('grant.details', `expected one ${detailsType.task}, got ${details.length} of ${String(type)}`);
  }
  const id = parseId('task', identifier);
  if (id === undefined)
    throw refuse('grant.details', 'identifier is no id of a task', 'identifier must be the id of a task.');
  return id;
}

/** Tasks of others, of other tenants, and those that do not exist are refused in the same words. */
async function requireOwnTask(ground: Ground, client: ProvedAgent, id: TaskId): Promise<Task> {
  const task = await findTask(ground, client.tenant, id);
  if (task?.agent === client.agent.id) return task;
  throw refuse('grant.task_unknown', `no task ${id} for ${client.agent.id}`);
}

/**
 * INVARIANT (stolen key): a task belongs to the one instance that accepted it, registered key and proof key alike; a key that
 * replaced the registered one goes on with it where the owner said so.
 */
async function requireSameKeys(ground: Ground, task: Task, { client, holder: { jkt } }: Applicant): Promise<void> {
  const { tenant, agent, agentKey } = client;
  if (task.state === 'requested' || task.state === 'approved') {
    throw refuse('grant.task_not_accepted', `task ${task.id} is ${task.state}`);
  }
  const isItsKey = () => keyStandsFor(ground, tenant, agent.id, { accepted: task.acceptedKey, shown: agentKey });
  if (task.state === 'active' && (task.acceptedJkt !== jkt || !(await isItsKey()))) {
    throw refuse('task.taken', `task ${task.id} was accepted with ${task.acceptedKey} and ${task.acceptedJkt}`);
  }
}
