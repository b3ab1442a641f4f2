import assert from 'node:assert/strict';
import { type AgentId, canonicalJson } from '@ambit/protocol';
import { bearer, type Claims, ciService, rule } from './ci-service.ts';
import { openHouse, registerBot } from './house.ts';
import { askForToken, prover, type Told } from './spiffe-domain.ts';

/** A plane that knows two CI services, with an agent that logs in by what the first of them says of a job. */
export async function openCiHouse() {
  const trueNow = Date.now;
  let ahead = 0;
  Date.now = () => trueNow() + ahead;
  const [ci, other] = [await ciService(), await ciService()];
  const house = await openHouse({ env: { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.1/32' } });
  for (const { issuer } of [ci, other]) await house.ada.operator.tokenIssuers.set({ issuer });

  const ruleText = (claims: object, audience = house.plane.agents) => canonicalJson({ audience, claims } as never);
  const bind = (to: AgentId, claims: object, issuer = ci.issuer) =>
    house.alice.operator.agents.addIdentity(to, { method: 'workload_token', issuer, subject: ruleText(claims) });
  const agent = (await registerBot(house.alice, 'ci-bot')).id;
  await bind(agent, rule);

  return {
    house,
    ci,
    other,
    agent,
    ruleText,
    bind,
    honest: (claims: Claims = {}, header: object = {}) => ci.token(house.plane.agents, claims, header),
    async logIn(assertion: string, client_id: string = agent): Promise<Told> {
      const form = { client_assertion_type: bearer, client_assertion: assertion, ...(client_id && { client_id }) };
      return askForToken(house, form, await (await prover(house))());
    },
    async isRefused(asking: Promise<Told>, code = 'workload_token.refused'): Promise<void> {
      const told = await asking;
      assert.deepEqual([told.status, told.error, told.code], [401, 'invalid_client', code]);
      assert.ok((told.error_description ?? '').length > 20, 'it says what to do');
    },
    /** For this process, and the plane in it. */
    passing(seconds: number): void {
      ahead += seconds * 1000;
    },
    async close(): Promise<void> {
      Date.now = trueNow;
      await house.close();
      await ci.web.close();
      await other.web.close();
    },
  };
}
