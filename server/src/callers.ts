import { type Caller, type Ground, type Nodes, type RawRequest, refuse, type WhoMay } from './foundation/index.ts';
import { authenticateEnforcementPoint, authenticatePerson, holdsRole } from './identity/index.ts';
import { asAgent, type Issuer } from './tokens/index.ts';

/** How each kind of caller proves itself. No route trusts an address. */
export function authenticator(ground: Ground, issuer: Issuer, door: { readonly origin: string }, nodes: Nodes) {
  return async (who: WhoMay, request: RawRequest): Promise<Caller> => {
    nodes.requireStanding();
    if (who === 'public') return { kind: 'public', who: unknownCaller };
    if (who === 'agent' || who === 'agent-task') return asAgent(ground, issuer, who, request);
    if (who === 'enforcement-point') return authenticateEnforcementPoint(ground, issuer.url, request);
    const caller = await authenticatePerson(ground, door, request);
    if (who === 'person' || holdsRole(caller.roles, who)) return caller;
    throw refuse('caller.not_allowed', `${caller.person} does not hold ${who}`, `This needs the role ${who}.`);
  };
}

const unknownCaller = {
  requester: null,
  agent: null,
  agentUser: null,
  initiator: 'unknown',
  instance: null,
  environment: null,
  zone: null,
  channel: 'api',
  proof: 'none',
};
