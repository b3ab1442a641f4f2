import type { Agent, Me } from '@ambit/sdk/operator';

// Who may begin something, as far as can be told here; the plane looks again.

/** Why this person registers no agent, or null. */
export function whyNotRegister({ roles }: Pick<Me, 'roles'>): string | null {
  if (roles.some((role) => role === 'owner' || role === 'administrator')) return null;
  return 'Only a person with the role owner or administrator registers agents. An administrator gives roles.';
}

/** Why this person opens no task, for that agent or for any, or null. */
export function whyNotOpenTask(
  { id, delegable }: Pick<Me, 'id' | 'delegable'>,
  agent?: Pick<Agent, 'kind' | 'owner'>,
): string | null {
  if (agent?.kind === 'service') return 'A service acts on nobody’s behalf: it opens tasks of its own.';
  if (agent?.kind === 'client' && agent.owner !== id) return 'It acts for the person who owns it, and for nobody else.';
  if (delegable.length > 0) return null;
  return 'You may hand nothing to agents, so that no task can be opened in your name. An administrator says what you may.';
}
