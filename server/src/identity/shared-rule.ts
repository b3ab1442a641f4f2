import type { SharedRule as RuleTold } from '@ambit/protocol/wire';
import type { Agent, WhenShared } from './agent.ts';

/** One row a tenant. */
export type SharedRule = Required<RuleTold> & { readonly name: 'default' };

/**
 * What happens with this agent: what its owner said, or more where the tenant wants more. INVARIANT (stricter only): an
 * agent's own word never lets pass what the tenant's would stop.
 */
export function whenSharedOf({ whenShared }: Pick<Agent, 'whenShared'>, rule: SharedRule | undefined): WhenShared {
  return whenShared === 'suspend' || rule?.whenShared === 'suspend' ? 'suspend' : 'record';
}
