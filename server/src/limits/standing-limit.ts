import {
  list,
  nullable,
  object,
  oneOf,
  optional,
  parse,
  parseId,
  ShapeFault,
  type ShapeOf,
  text,
} from '@ambit/protocol';
import type { StandingLimit } from '@ambit/protocol/wire';
import { limitShape } from '../authority/index.ts';
import { refuse } from '../foundation/index.ts';

export type { StandingLimit };

/** Whose use is counted: the tenant's as a whole, or that of each agent, requester, action or purpose type. */
export const subjects = ['tenant', 'agent', 'requester', 'action', 'purpose'] as const;
export type Subject = (typeof subjects)[number];

/** What a person writes of it; the plane adds when and by whom. */
export const standingLimitBody = object({
  name: text({ max: 64, pattern: /^[a-z0-9][a-z0-9-]*$/, must: 'must be a name of small letters, digits and dashes' }),
  subject: oneOf(...subjects),
  whom: optional(nullable(text({ max: 256 }))),
  actions: optional(nullable(list(text({ max: 256 }), { min: 1, max: 1000 }))),
  limit: limitShape,
  reason: text({ max: 500 }),
});

export type StandingLimitBody = ShapeOf<typeof standingLimitBody>;

/** Reads what a person wrote. Refuses with the part and what is wrong with it. */
export function parseStandingLimit(value: unknown): Omit<StandingLimit, 'setAt' | 'setBy'> {
  try {
    return read(parse(standingLimitBody, value));
  } catch (fault) {
    if (!(fault instanceof ShapeFault)) throw fault;
    throw refuse('limits.malformed', fault.message, fault.message);
  }
}

function read({
  whom = null,
  actions = null,
  limit,
  ...body
}: StandingLimitBody): Omit<StandingLimit, 'setAt' | 'setBy'> {
  const { seconds } = limit;
  if (seconds === undefined)
    throw new ShapeFault('limit.seconds', 'is missing: a limit that outlives tasks needs a window');
  if (whom !== null && !isOneOf[body.subject](whom)) throw new ShapeFault('whom', `does not name one ${body.subject}`);
  if (actions !== null && body.subject === 'action') throw new ShapeFault('actions', 'is for other subjects: use whom');
  const strange = actions?.find((action) => !isAction(action));
  if (strange !== undefined) throw new ShapeFault('actions', 'must hold action ids such as shop:refunds.create');
  return { ...body, whom, actions, limit: { ...limit, seconds } };
}

const isAction = (action: string) => /^[a-z0-9][a-z0-9_-]*:[!-)+-~]+$/.test(action);

const isOneOf: { readonly [S in Subject]: (whom: string) => boolean } = {
  tenant: () => false,
  agent: (whom) => parseId('agent', whom) !== undefined,
  // A task that an agent opened alone has the agent as its requester.
  requester: (whom) => parseId('person', whom) !== undefined || parseId('agent', whom) !== undefined,
  action: isAction,
  purpose: (whom) => whom.trim() !== '',
};

/** Who is behind a call, for the limits that outlive tasks. */
export type Behind = {
  readonly agent: string;
  /** Null where the agent opened the task itself: then it counts as the requester. */
  readonly requester: string | null;
  readonly purpose: string;
};

export type MatchedLimit = {
  readonly standing: StandingLimit /** Whose counter it is, e.g. `agent:agt_…`. */;
  readonly owner: string;
};

/** The limits that bind this call, each with whose counter it charges. */
export function matchStandingLimits(
  all: readonly StandingLimit[],
  action: string,
  behind: Behind,
): readonly MatchedLimit[] {
  const who: { readonly [S in Subject]: string } = {
    tenant: '',
    agent: behind.agent,
    requester: behind.requester ?? behind.agent,
    action,
    purpose: behind.purpose,
  };
  return all.flatMap((standing) => {
    const one = who[standing.subject];
    const binds = standing.whom === null || standing.whom === one;
    const counts = standing.actions === null || standing.actions.includes(action);
    return binds && counts ? [{ standing, owner: `${standing.subject}:${one}` }] : [];
  });
}
