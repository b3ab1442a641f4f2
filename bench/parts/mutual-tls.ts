import { createPrivateKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertionType, detailsType, grantType, mediaType } from '@ambit/protocol';
import type { PrivateJwk } from '@ambit/sdk';
import { signAssertion } from '../../sdk/src/wire/assertion.ts';
import { openCertificate } from '../../sdk/src/wire/certificate.ts';
import { openKey } from '../../sdk/src/wire/key.ts';
import { readAnswer } from '../../sdk/src/wire/read-answer.ts';
import {
  selfSigned,
  type TestCertificate,
  testAuthority,
} from '../../server/src/foundation/http/testing-certificates.ts';
import type { Certified } from '../client-process.ts';
import { freePort, startChild } from './children.ts';
import { connections, warmingFor } from './gateway.ts';
import { type Measure, pairs } from './measure.ts';
import { scratchFolder } from './places.ts';
import { explained } from './profile-sides.ts';
import { rowOf } from './row.ts';
import { inTurn, medianOf, type Side, usageOf } from './side.ts';
import { type Caller, measuredPath, openStand, type Stand } from './stand.ts';
import { rounded } from './statistics.ts';

const aim = { of: 'ratio', side: 'at least', bound: 0.4, asks: '≥ 40 %' } as const;

/**
 * The whole gateway by tokens that are bound to certificates (RFC 8705), with no signature per call, beside a process of
 * Node that asks for a certificate over the same TLS and forwards by undici whatever comes.
 */
export const mutualTls: Measure = {
  rows: ['mutual-tls'],
  async run(setting) {
    const [folder, port, roots] = [scratchFolder(), await freePort(), await testAuthority()];
    const own = await roots.sign({ dns: ['127.0.0.1'] });
    const stand = await openStand({ env: settingsFor(folder, port, own) });
    const client = await startChild('client');
    const plain = await startChild('plain');
    try {
      const request = await requestsOf(stand, `https://127.0.0.1:${port}`, roots.cert);
      const tls = { cert: own.cert, key: own.key, ca: [], minVersion: 'TLSv1.2' };
      const plainPort = await plain.ask<number>('start', { upstream: stand.upstream, tls });
      const sides: readonly Side[] = [
        { name: 'ambit', server: stand.plane, usage: usageOf(stand.plane), port, request },
        { name: 'plain', server: plain, usage: usageOf(plain), port: plainPort, request },
      ];
      const seconds = setting.quick ? 0.6 : 4;
      const rounds = { connections, seconds, times: pairs, say: setting.say, ...warmingFor(setting) };
      const [ours = [], theirs = []] = await inTurn(client, sides, rounds);
      const measured = rowOf({
        name: 'mutual-tls',
        unit: 'calls/s',
        ours: medianOf('perSecond', ours),
        beside: { 'plain-forwarding': medianOf('perSecond', theirs) },
        aim,
        leftOut: setting.quick ? [`rounds of ${seconds} s instead of 4 s`] : [],
        detail: {
          connections,
          rounds: ours.length,
          cpuUsPerCall: { ours: rounded(medianOf('cpuUs', ours)), plain: rounded(medianOf('cpuUs', theirs)) },
          mainThreadUsPerCall: {
            ours: rounded(medianOf('mainCpuUs', ours)),
            plain: rounded(medianOf('mainCpuUs', theirs)),
          },
          ratioByMainThread: rounded(medianOf('mainCpuUs', theirs) / medianOf('mainCpuUs', ours)),
        },
      });
      return [await explained(setting, measured, { client, sides, connections })];
    } finally {
      await client.stop();
      await plain.stop();
      await stand.close();
    }
  },
};

function settingsFor(folder: string, port: number, { cert, key }: TestCertificate): Record<string, string> {
  const [certificateFile, keyFile] = [join(folder, 'plane.pem'), join(folder, 'plane-key.pem')];
  writeFileSync(certificateFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  return { AMBIT_TLS_CERTIFICATE: certificateFile, AMBIT_TLS_KEY: keyFile, AMBIT_TLS_PORT: String(port) };
}

async function requestsOf({ callers, agents }: Stand, origin: string, ca: string): Promise<Certified> {
  const certified = await Promise.all(callers.map((caller) => certify(caller, agents, origin, ca)));
  return { method: 'GET', path: measuredPath, ca, certified };
}

/** A certificate for the key that accepted the task, and a token that is bound to it. */
async function certify({ agent, key, proofKey, task }: Caller, issuer: string, origin: string, ca: string) {
  const pair = await selfSigned({}, { key: pemOf(proofKey) });
  const { fetch, thumbprint } = await openCertificate({ ...pair, ca });
  const about = { subject: agent, audience: issuer, now: Date.now(), lifeSeconds: 60 };
  const confirmation = { 'x5t#S256': thumbprint };
  const form = {
    grant_type: grantType.clientCredentials,
    client_assertion_type: assertionType.jwtBearer,
    client_assertion: await signAssertion(await openKey(key), { ...about, confirmation }),
    authorization_details: JSON.stringify([{ type: detailsType.task, identifier: task }]),
  };
  const answer = await fetch(`${origin}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': mediaType.form },
    body: new TextEncoder().encode(new URLSearchParams(form).toString()),
  });
  const { access_token: token } = await readAnswer<{ readonly access_token: string }>(answer);
  return { cert: pair.cert, key: pair.key, token };
}

const pemOf = (key: PrivateJwk): string =>
  createPrivateKey({ key: { ...key }, format: 'jwk' }).export({ format: 'pem', type: 'pkcs8' }) as string;
