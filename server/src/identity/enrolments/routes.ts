import { object, optional, text } from '@ambit/protocol';
import { type Ground, type RawRequest, type Route, route } from '../../foundation/index.ts';
import type { AgentKey } from '../agent.ts';
import { proofOf } from '../authenticate-person.ts';
import { onlyHeader } from '../proof.ts';
import type { ProvingGround } from '../prove-agent.ts';
import { enrolAgentKey } from './enrol-agent-key.ts';
import { redeemAgentEnrolment } from './redeem-agent-enrolment.ts';

/** How agents bring keys that they made themselves, on their own listeners. */
export function agentEnrolmentRoutes(
  ground: Ground,
  issuer: ProvingGround & { readonly tls: { readonly url: string } | null },
): readonly Route[] {
  const proofIn = (raw: RawRequest) =>
    proofOf({ origin: raw.tls === null ? issuer.url : (issuer.tls?.url ?? issuer.url) }, raw, ground.clock());
  return [
    route({
      method: 'POST',
      path: '/v1/agent/enrolments/redeem',
      who: 'public',
      says: 'Enrols the key that signed the DPoP proof for the agent whom the one-time code was issued for.',
      body: object({ code: text({ max: 128 }) }),
      run: async ({ body, raw }) => {
        const { key, entry } = await redeemAgentEnrolment(ground, { code: body.code, proof: proofIn(raw) });
        return { status: 201, body: shown(key), entry };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/agent/keys',
      who: 'public',
      says: 'Enrols the key that signed the DPoP proof for the agent that a workload proves to be, where its owner allowed that.',
      body: object({
        client_id: optional(text({ max: 2048 })),
        client_assertion_type: optional(text({ max: 200 })),
        client_assertion: optional(text({ max: 16_384 })),
      }),
      run: async ({ body, raw }) => {
        const credentials = {
          parameters: body,
          authorization: onlyHeader(raw.rawHeaders, 'authorization'),
          certificate: raw.tls?.certificate ?? null,
        };
        const { key, entry } = await enrolAgentKey(ground, issuer, credentials, proofIn(raw));
        return entry === null ? { status: 200, body: shown(key) } : { status: 201, body: shown(key), entry };
      },
    }),
  ];
}

/** An agent hears of its key, and not which person stands behind it. */
const shown = ({ id, agent, thumbprint, notBefore, notAfter }: AgentKey) => ({
  id,
  agent,
  thumbprint,
  notBefore,
  notAfter,
});
