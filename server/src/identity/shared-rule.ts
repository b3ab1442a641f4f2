import type { Agent, WhenShared } from './agent.ts';

/** What a tenant wants at the least where a credential of one of its agents turns up in two places at once. One row a tenant. */
export type SharedRule = {
  readonly name: 'default';
  readonly whenShared: WhenShared;
  readonly reason: string;
  readonly setAt: number;
  readonly setBy: string;
};

/**
 * What happens with this agent: what its owner said, or more where the tenant wants more. INVARIANT (stricter only): an
 * agent's own word never lets pass what the tenant's would stop.
 */
export function whenSharedOf({ whenShared }: Pick<Agent, 'whenShared'>, rule: SharedRule | undefined): WhenShared {
  return whenShared === 'suspend' || rule?.whenShared === 'suspend' ? 'suspend' : 'record';
}
