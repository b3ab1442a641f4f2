import type { AgentSvids } from '../../tokens/index.ts';
import type { Credential } from '../credential.ts';
import type { Lent, LoanFor } from '../loan.ts';
import { staticLender } from './static.ts';

/**
 * What the plane says itself of the agent that calls, to APIs that know its trust domain: an X.509-SVID that the connection
 * shows, or a JWT-SVID as bearer for the one audience that a person named. Nothing of it is stored.
 * INVARIANT (one agent, one SVID): what is lent names the calling agent, and its connections serve no other.
 */
export async function svidLender(
  svids: AgentSvids,
  { version, kind, place }: Pick<Credential, 'version' | 'place'> & { readonly kind: 'x509-svid' | 'jwt-svid' },
  call: LoanFor,
): Promise<Lent> {
  if (kind === 'x509-svid') {
    // The key is not in the request, so it could not come back; the certificate is no secret.
    const identity = await svids.certificate(call);
    return { version, watched: [], place: (carrier) => carrier, identity, speaksFor: call.agent };
  }
  const { svid, before } = await svids.token(call, place ?? '');
  return {
    version,
    watched: before === null ? [svid] : [svid, before],
    place: staticLender({ kind: 'bearer', place: null }, svid),
    speaksFor: call.agent,
  };
}
