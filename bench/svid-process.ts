/** The check of a JWT-SVID, with what is read of its agent, beside the bare check of its signature, in one process. */
import { generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto';
import { openTestStore } from '../server/src/foundation/database/testing.ts';
import {
  activateAgent,
  addAgentIdentity,
  jwtSpiffe,
  registerAgent,
  spiffeMethod,
  spiffeNames,
} from '../server/src/identity/index.ts';
import { foundTenant } from '../server/src/identity/testing.ts';
import { setTrustDomain } from '../server/src/identity/trust/set-trust-domain.ts';
import { answerAsks } from './parts/answering.ts';

type Measuring = { readonly rounds: number; readonly milliseconds: number };

const trustDomain = 'acme.example';
const subject = `spiffe://${trustDomain}/refund-bot`;
const issuer = 'https://ambit.example';
/** Of each the plane looks whether it came before, so one alone would say little. */
const svidsMade = 2000;

answerAsks({
  async measure({ rounds, milliseconds }: Measuring) {
    const store = await openTestStore();
    const { ground } = store;
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const kid = 'measured';
    const acme = await foundTenant(ground, 'Acme');
    const alice = await acme.join('Alice');
    const bundle = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'jwt-svid', kid }] });
    const unused = () => Promise.reject(new Error('nothing is fetched'));
    await setTrustDomain(ground, alice.caller, unused, { name: trustDomain, source: { bundle } });
    const { agent } = await registerAgent(ground, alice.caller, {
      name: 'refund-bot',
      team: 'support',
      purpose: 'Settles complaints.',
      environment: 'test',
      zone: 'default',
      expiresAt: ground.clock() + 86_400_000,
      ceiling: [],
      liveTasksMax: 5,
    });
    const named = { agent: agent.id, method: spiffeMethod, issuer: trustDomain, subject };
    await addAgentIdentity(ground, alice.caller, { [spiffeMethod]: spiffeNames }, named);
    await activateAgent(ground, alice.caller, agent.id);
    const iat = Math.floor(ground.clock() / 1000);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const svids = Array.from({ length: svidsMade }, () => {
      const claims = { sub: subject, aud: [issuer], iat, exp: iat + 3000, jti: randomUUID() };
      const signed = Buffer.from(`${part({ alg: 'ES256', typ: 'JWT', kid })}.${part(claims)}`);
      const signature = sign('sha256', signed, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return { signed, signature, text: `${signed}.${signature.toString('base64url')}` };
    });
    const method = jwtSpiffe({ keptMsMax: 86_400_000 });
    const sides: Readonly<Record<string, (i: number) => unknown>> = {
      ours: (i) =>
        method.prove(
          ground,
          {
            parameters: { client_assertion: svids[i % svidsMade]!.text },
            authorization: undefined,
            certificate: null,
            holder: { jkt: 'measured', x5t: null },
          },
          { issuer, now: ground.clock() },
        ),
      'bare-signature': (i) => {
        const { signed, signature } = svids[i % svidsMade]!;
        if (verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)) return true;
        throw new Error('the signature does not hold');
      },
    };
    const rates: Record<string, number[]> = { ours: [], 'bare-signature': [] };
    for (let round = -1; round < rounds; round++) {
      for (const [name, side] of Object.entries(sides)) {
        const rate = await perSecond(side, milliseconds);
        if (round >= 0) rates[name]!.push(rate);
      }
    }
    await store.close();
    return rates;
  },
});

async function perSecond(side: (i: number) => unknown, milliseconds: number): Promise<number> {
  const began = performance.now();
  let done = 0;
  while (performance.now() - began < milliseconds) {
    for (let i = 0; i < 50; i++) await side(done++);
  }
  return (done * 1000) / (performance.now() - began);
}
