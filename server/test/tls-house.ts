import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentId, Authority } from '@ambit/protocol';
import { Agent, fetch as undiciFetch } from 'undici';
import {
  type TestAuthority,
  type TestCertificate,
  testAuthority,
} from '../src/foundation/http/testing-certificates.ts';
import { type House, type HouseOptions, openHouse, type Player, wholeShop } from './house.ts';

/** A house whose agents come over TLS too. `corp` signs certificates of agents, and so does `partner`; `stranger` does not. */
export type TlsHouse = House & {
  /** Origin of the TLS listener. */
  readonly tls: string;
  readonly corp: TestAuthority;
  readonly partner: TestAuthority;
  readonly stranger: TestAuthority;
  /** `fetch` over connections of its own, with that certificate or without one. */
  readonly over: (certificate?: Pick<TestCertificate, 'cert' | 'key'> | null) => typeof fetch;
  /** Replaces the files of the listener. */
  readonly replace: (files: { readonly certificate?: TestCertificate; readonly corp?: TestAuthority }) => void;
  /** What the plane's own certificate is signed by. */
  readonly roots: TestAuthority;
};

export async function openTlsHouse(options: HouseOptions = {}): Promise<TlsHouse> {
  const directory = mkdtempSync(join(tmpdir(), 'ambit-tls-'));
  const file = (name: string) => join(directory, name);
  const [roots, corp, partner, stranger] = await Promise.all(
    ['Roots', 'Corp', 'Partner', 'Stranger'].map((name) => testAuthority(name)),
  );
  const write = ({ cert, key }: TestCertificate) => {
    writeFileSync(file('plane.pem'), cert);
    writeFileSync(file('plane.key'), key);
  };
  write(await roots!.sign({ dns: ['127.0.0.1'] }));
  writeFileSync(file('corp.pem'), corp!.cert);
  writeFileSync(file('partner.pem'), partner!.cert);
  const env = {
    AMBIT_TLS_CERTIFICATE: file('plane.pem'),
    AMBIT_TLS_KEY: file('plane.key'),
    AMBIT_TLS_CLIENT_CAS: `corp=${file('corp.pem')},partner=${file('partner.pem')}`,
    AMBIT_TLS_PORT: '0',
    ...options.env,
  };
  const house = await openHouse({ ...options, env });
  const opened: Agent[] = [];
  return Object.assign(house, {
    tls: house.plane.tls ?? '',
    roots: roots!,
    corp: corp!,
    partner: partner!,
    stranger: stranger!,
    over(certificate: Pick<TestCertificate, 'cert' | 'key'> | null = null) {
      const dispatcher = new Agent({ connect: { ca: roots!.cert, ...certificate } });
      opened.push(dispatcher);
      return ((input: string, init: object) => undiciFetch(input, { ...init, dispatcher })) as unknown as typeof fetch;
    },
    replace({ certificate, corp: next }: { certificate?: TestCertificate; corp?: TestAuthority }) {
      if (certificate !== undefined) write(certificate);
      if (next !== undefined) writeFileSync(file('corp.pem'), next.cert);
    },
    close: closing(house, async () => {
      await Promise.all(opened.map((one) => one.destroy()));
      rmSync(directory, { recursive: true, force: true });
    }),
  });
}

function closing({ close }: House, last: () => Promise<void>): () => Promise<void> {
  return async () => {
    await close();
    await last();
  };
}

/** An agent without a key of its own: a name in certificates is all it has. */
export async function registerNamed(
  owner: Player,
  name: string,
  subject: string,
  issuer = 'corp',
  ceiling: Authority = wholeShop,
): Promise<AgentId> {
  const { agents } = owner.operator;
  const { id } = await agents.register({
    name,
    team: 'support',
    purpose: 'Settles complaints.',
    environment: 'test',
    zone: 'default',
    expiresAt: Date.now() + 86_400_000,
    liveTasksMax: 50,
    ceiling,
  });
  await agents.addIdentity(id, { method: 'tls_client_auth', issuer, subject });
  await agents.activate(id);
  return id;
}
