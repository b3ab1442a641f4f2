import type { Agent, Me } from '@ambit/sdk/operator';

/** What people do with an agent, and who may. */
export type Deed =
  | 'suspend'
  | 'resume'
  | 'retire'
  | 'activate'
  | 'rotate'
  | 'enrol'
  | 'link'
  | 'reassign'
  | 'sign'
  | 'share';

const whoMay: Readonly<Record<Deed, 'owner' | 'owner or administrator' | 'administrator'>> = {
  suspend: 'owner or administrator',
  retire: 'owner or administrator',
  enrol: 'owner or administrator',
  link: 'owner or administrator',
  activate: 'owner',
  resume: 'owner',
  rotate: 'owner',
  sign: 'owner',
  share: 'owner or administrator',
  reassign: 'administrator',
};
const says: Readonly<Record<Deed, string>> = {
  suspend: 'suspend it',
  resume: 'let it act again',
  retire: 'retire it',
  activate: 'activate it',
  rotate: 'rotate its keys',
  enrol: 'change its keys',
  link: 'change its agent users',
  reassign: 'give it another owner',
  sign: 'sign what it may do unasked',
  share: 'say what happens then',
};

/** Why it is not theirs to do, or null. The plane looks again. */
export function whyNotDo(deed: Deed, agent: Pick<Agent, 'owner'>, me: Me, ownerName: string): string | null {
  const isAdministrator = me.roles.some((role) => role === 'administrator');
  const who = whoMay[deed];
  if (who !== 'administrator' && agent.owner === me.id) return null;
  if (who !== 'owner' && isAdministrator) return null;
  const only = {
    owner: 'its owner',
    'owner or administrator': 'its owner or an administrator',
    administrator: 'an administrator',
  }[who];
  return `Only ${only} can ${says[deed]}. Its owner is ${ownerName}.`;
}
