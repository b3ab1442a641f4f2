import type { Me } from '@ambit/sdk/operator';

/** Whether this person may read a run: whoever asked for it, and who reviews or audits. The plane looks again. */
export const mayReadRun = (requester: string | null, me: Me): boolean =>
  requester === me.id || me.roles.some((role) => role === 'reviewer' || role === 'auditor');

/** Whether this person may open a task: whoever asked for it, who reviews, and who administers. The plane looks again. */
export const mayReadTask = (requester: string | null, me: Me): boolean =>
  requester === me.id || me.roles.some((role) => role === 'reviewer' || role === 'auditor' || role === 'administrator');
