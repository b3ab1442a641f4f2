import type { RefusalRow } from './row.ts';

export const tasksRefusals = {
  'task.service_acts_alone': {
    status: 403,
    oauth: 'access_denied',
    title: 'A service acts on nobody’s behalf',
    says: 'Let it open its own tasks within a standing grant that its owner signs, or name an agent instead.',
  },
  'task.client_of_another': {
    status: 403,
    oauth: 'access_denied',
    title: 'That client acts for the person who owns it alone',
    says: 'Its owner has to ask for the task. Name a client of your own, or an agent.',
  },
  'task.ended': {
    status: 401,
    oauth: 'invalid_grant',
    title: 'The task has ended',
    says: 'The task is over, and everything made under it. Ask the person who asked for it to open another.',
  },
  'task.needed': {
    status: 403,
    oauth: 'invalid_grant',
    title: 'This needs a task',
    says: 'Accept a task and use its token.',
  },
  'task.not_open': {
    status: 409,
    oauth: 'invalid_grant',
    title: 'The task cannot be accepted',
    says: 'Only an approved task can be accepted; ask its requester.',
  },
  'task.not_yours': {
    status: 403,
    oauth: 'access_denied',
    title: 'Not this agent’s task',
    says: 'An agent opens and accepts tasks for itself only.',
  },
  'task.taken': {
    status: 409,
    oauth: 'invalid_grant',
    title: 'Another key has this task',
    says: 'A task belongs to the key that accepted it. Its owner can end it and open another.',
  },
  'task.agent_not_active': {
    status: 409,
    oauth: 'invalid_grant',
    title: 'The agent is not active',
    says: 'Ask the owner of the agent to activate it.',
  },
  'task.purpose_unknown': {
    status: 422,
    title: 'No such purpose',
    says: 'Use one of the purpose types that the organisation keeps: `ambit task purposes` lists them.',
  },
  'task.not_in_catalog': {
    status: 422,
    title: 'The catalog does not have this',
    says: 'Name actions and arguments as the catalog has them: `ambit catalog list` and `ambit catalog show`.',
  },
  'task.template_parameter': {
    status: 422,
    title: 'A parameter of the template does not fit',
    says: 'Give every parameter of the template, as plain text.',
  },
  'task.beyond_delegable': {
    status: 403,
    oauth: 'invalid_authorization_details',
    title: 'More than this person may delegate',
    says: 'Ask for less, or ask an administrator to widen what you may delegate.',
  },
  'task.beyond_ceiling': {
    status: 403,
    oauth: 'invalid_authorization_details',
    title: 'More than the agent may ever hold',
    says: 'Ask for less, or register another agent with a wider ceiling.',
  },
  'task.no_standing_grant': {
    status: 403,
    oauth: 'access_denied',
    title: 'Nothing allows this agent to open tasks',
    says: 'Ask a person to open the task, or the owner to sign a standing grant.',
  },
  'task.beyond_standing_grant': {
    status: 403,
    oauth: 'invalid_authorization_details',
    title: 'More than the standing grant allows',
    says: 'Ask for less, or ask a person to open the task.',
  },
  'task.too_many_live': {
    status: 429,
    title: 'Too many tasks at once',
    says: 'Complete a task of this standing grant before opening the next.',
  },
  'task.too_deep': {
    status: 400,
    oauth: 'invalid_request',
    title: 'The chain is too long',
    says: 'A chain has at most five delegations. Let an agent nearer to the person do this.',
  },
  'task.actor_not_named': {
    status: 400,
    oauth: 'invalid_request',
    title: 'That agent may not take over from this task',
    says: 'The task names who may act (RFC 8693 §4.4). Hand it to one of them, or do it yourself.',
  },
  'task.widened': {
    status: 403,
    oauth: 'invalid_authorization_details',
    title: 'More than the parent task has',
    says: 'A delegated task only ever narrows. Ask for a part of what you hold.',
  },
} as const satisfies Record<string, RefusalRow>;
