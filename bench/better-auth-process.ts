/**
 * better-auth with its agent-auth plugin, doing what is comparable: an agent proves itself by a token signed for this
 * call, its grant's constraint is checked against the arguments, and the call goes to the same upstream by the same way
 * out. It keeps its rows in SQLite as durably as the plane does; it writes no entry about the call.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { newKey, type PrivateJwk } from '@ambit/sdk';
import Sqlite from 'better-sqlite3';
import { createOutbound, type Outbound } from '../server/src/foundation/index.ts';
import { answerAsks } from './parts/answering.ts';
import { importPeer } from './parts/peers.ts';
import { type AgentJwt, signJwt } from './parts/proofs.ts';

type Auth = { readonly handler: (request: Request) => Promise<Response>; readonly options: object };
type BetterAuth = { betterAuth(options: object): Auth };
type Migration = { getMigrations(options: object): Promise<{ runMigrations(): Promise<void> }> };
type NodeHandler = { toNodeHandler(auth: Auth): Parameters<typeof createServer>[1] };
type AgentAuth = { agentAuth(options: object): object };

const capability = 'orders.get';
const agentsCount = 16;

answerAsks({
  async start({ folder, upstream }: { readonly folder: string; readonly upstream: string }) {
    const { betterAuth } = await importPeer<BetterAuth>('better-auth');
    const { getMigrations } = await importPeer<Migration>('better-auth/db/migration');
    const { toNodeHandler } = await importPeer<NodeHandler>('better-auth/node');
    const { agentAuth } = await importPeer<AgentAuth>('@better-auth/agent-auth');
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const outbound = createOutbound({ allowPrivate: [upstream], ownAddresses: () => [] });
    const database = new Sqlite(join(folder, 'better-auth.db'));
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    const options = {
      database,
      baseURL: `http://127.0.0.1:${port}`,
      secret: 'measured on loopback only, with nobody else there',
      emailAndPassword: { enabled: true },
      rateLimit: { enabled: false },
      telemetry: { enabled: false },
      logger: { level: 'error' },
      plugins: [
        agentAuth({
          providerName: 'shop',
          capabilities: [{ name: capability, description: 'Reads an order.', input: orderInput }],
          maxAgentsPerUser: 100,
          onExecute: ({ arguments: args }: { arguments: { orderId: string } }) =>
            readOrder(outbound, upstream, args.orderId),
        }),
      ],
    };
    await (await getMigrations(options)).runMigrations();
    const auth = betterAuth(options);
    const handle = toNodeHandler(auth)!;
    server.on('request', handle);
    return { port, agents: await enrol(auth, `http://127.0.0.1:${port}`) };
  },
});

const orderInput = { type: 'object', required: ['orderId'], properties: { orderId: { type: 'string' } } };

function readOrder(outbound: Outbound, upstream: string, orderId: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    const path = `/orders/${encodeURIComponent(orderId)}`;
    const request = { origin: upstream, method: 'GET', path, headers: [], body: null };
    outbound.request({ tenant: 'acme', credential: null }, request, {
      answered: () => undefined,
      data: (chunk) => void chunks.push(chunk),
      ended: () => resolve(JSON.parse(Buffer.concat(chunks).toString())),
      broke: reject,
    });
  });
}

/** A person, the host that runs the agents, and agents with a grant for one order each. */
async function enrol(auth: Auth, origin: string): Promise<AgentJwt[]> {
  const ask = async <T>(path: string, body: object, headers: Record<string, string> = {}) => {
    const response = await auth.handler(
      new Request(`${origin}/api/auth${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin, ...headers },
        body: JSON.stringify(body),
      }),
    );
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return { body: (await response.json()) as T, cookie: response.headers.get('set-cookie') ?? '' };
  };
  const password = 'damaged order 1042';
  const { cookie } = await ask('/sign-up/email', { name: 'Alice', email: 'alice@example.com', password });
  const session = { cookie: cookie.split(';')[0] ?? '' };
  const hostKey = await newKey('EdDSA');
  const host = { name: 'shop', public_key: publicHalf(hostKey), default_capabilities: [capability] };
  const { hostId } = (await ask<{ hostId: string }>('/host/create', host, session)).body;
  const agents: AgentJwt[] = [];
  for (let i = 0; i < agentsCount; i++) {
    const key = await newKey('EdDSA');
    const claims = { iss: hostId, aud: origin, agent_public_key: publicHalf(key) };
    const token = signJwt(hostKey, { typ: 'host+jwt', alg: 'EdDSA' }, claims);
    const capabilities = [{ name: capability, constraints: { orderId: { eq: '1042' } } }];
    const asked = { name: `agent-${i}`, mode: 'delegated', capabilities };
    const { body } = await ask<Registered>('/agent/register', asked, { authorization: `Bearer ${token}` });
    if (body.status !== 'active') throw new Error(`agent ${i} is ${body.status}`);
    agents.push({ agent: body.agent_id, host: hostId, audience: origin, key });
  }
  return agents;
}

type Registered = { readonly agent_id: string; readonly status: string };

const publicHalf = ({ d: _secret, ...shown }: PrivateJwk) => shown;
