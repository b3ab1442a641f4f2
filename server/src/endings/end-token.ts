import type { TenantId } from '@ambit/protocol';
import { entry, type Ground, span } from '../foundation/index.ts';
import { findTask, type Task, tasksOfRun } from '../tasks/index.ts';
import { findToken, type IssuedToken, type Revoking, revokeTokenRow, tokensFrom } from '../tokens/index.ts';
import { type Ending, endAll, type Reach } from './end.ts';
import { endedOf, isUnfinished } from './hanging.ts';
import { topsAmong } from './tops.ts';

/**
 * Ends a token in one unit with every token that came from it by exchange, the tasks that those exchanges made, and all
 * that hangs on these. The task that the token itself is for goes on. Who may is looked at before.
 */
export function endToken(reach: Reach, tenant: TenantId, { token, who, reason }: Revoking): Promise<Ending> {
  return span('endings/end-token', async () => {
    const { ground } = reach;
    const task = token.task === null ? undefined : await findTask(ground, tenant, token.task);
    const told = { ...who, requester: who.requester ?? task?.requester ?? null };
    const cause = { state: 'revoked', who: told, because: reason ?? 'the token it came from was given up' } as const;
    return endAll(
      reach,
      tenant,
      () => tasksMadeWith(ground, tenant, token),
      () => cause,
      {
        async beside() {
          const dying = (await lineOf(ground, tenant, token)).filter((one) => one.state === 'live');
          return {
            changes: dying.map(revokeTokenRow),
            ended: endedOf({ tasks: [], tokens: dying, approvals: [] }),
            left: [],
          };
        },
        tell: (sum) =>
          entry({
            id: ground.newId('entry'),
            kind: 'token.revoked',
            who: told,
            task: token.task,
            run: task?.root ?? null,
            detail: { token: token.id, agent: token.agent, reason, ...sum },
          }),
      },
    );
  });
}

const lineMax = 10_000;

/** The token as it stands now, and those that came from it, to any depth. */
async function lineOf(ground: Ground, tenant: TenantId, { id }: IssuedToken): Promise<readonly IssuedToken[]> {
  const now = await findToken(ground, tenant, id);
  const line = now === undefined ? [] : [now];
  for (const one of line) {
    if (line.length < lineMax) line.push(...(await tokensFrom(ground, tenant, one.id)));
  }
  return line;
}

/** A task that was delegated names the token it was delegated with; its own first token, the one it came from. */
async function tasksMadeWith(ground: Ground, tenant: TenantId, token: IssuedToken): Promise<readonly Task[]> {
  const task = token.task === null ? undefined : await findTask(ground, tenant, token.task);
  if (task === undefined) return [];
  const line = new Set((await lineOf(ground, tenant, token)).slice(1).map((one) => one.task));
  const run = await tasksOfRun(ground, tenant, task.root);
  const made = run.filter(
    ({ id, origin }) => (origin.by === 'delegation' && origin.token === token.id) || (id !== task.id && line.has(id)),
  );
  return topsAmong(ground, tenant, made.filter(isUnfinished));
}
