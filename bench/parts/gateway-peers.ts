import { startChild } from './children.ts';
import { callsOf, connections, planeSide, warmingFor } from './gateway.ts';
import { type Measure, pairs, type Setting } from './measure.ts';
import { startNginx } from './nginx.ts';
import { installPeers } from './peers.ts';
import { scratchFolder } from './places.ts';
import { explained } from './profile-sides.ts';
import type { AgentJwt } from './proofs.ts';
import { type Aim, type Row, rowOf } from './row.ts';
import { inTurn, medianOf, type Side, usageOf, usageOfPrograms } from './side.ts';
import { openStand, type Stand } from './stand.ts';
import { rounded } from './statistics.ts';

type Peer = { readonly side: Side; readonly stop: () => Promise<void> };

/** The whole gateway beside others that forward, decide, or do both. */
export const gatewayPeers: Measure = {
  rows: ['gateway-nginx', 'gateway-official-cedar', 'gateway-better-auth'],
  async run(setting) {
    const rows: Row[] = [];
    if (setting.wants('gateway-nginx')) rows.push(await beside(setting, 'nginx', nginxPeer));
    if (setting.wants('gateway-official-cedar')) {
      const aim = { of: 'ratio', side: 'at least', bound: 4, asks: '≥ 4 ×' } as const;
      rows.push(await beside(setting, 'official-cedar', officialPeer, aim));
    }
    if (setting.wants('gateway-better-auth')) {
      const aim = { of: 'ratio', side: 'at least', bound: 8, asks: '≥ 8 ×' } as const;
      rows.push(await beside(setting, 'better-auth', betterAuthPeer, aim));
    }
    return rows;
  },
};

async function beside(
  setting: Setting,
  name: string,
  start: (stand: Stand, setting: Setting) => Promise<Peer | undefined>,
  aim?: Aim,
): Promise<Row> {
  const stand = await openStand();
  const client = await startChild('client');
  const peer = await start(stand, setting);
  const row = { name: `gateway-${name}`, unit: 'calls/s', ...(aim && { aim }) };
  const seconds = setting.quick ? 0.6 : 4;
  try {
    if (peer === undefined) return rowOf({ ...row, ours: Number.NaN, leftOut: [`there is no ${name} here`] });
    const rounds = { connections, seconds, times: pairs, say: setting.say, ...warmingFor(setting) };
    const sides = [planeSide(stand), peer.side];
    const [ours = [], theirs = []] = await inTurn(client, sides, rounds);
    const measured = rowOf({
      ...row,
      ours: medianOf('perSecond', ours),
      beside: { [name]: medianOf('perSecond', theirs) },
      leftOut: setting.quick ? [`rounds of ${seconds} s instead of 4 s`] : [],
      detail: {
        connections,
        rounds: ours.length,
        cpuUsPerCall: { ours: rounded(medianOf('cpuUs', ours)), [name]: rounded(medianOf('cpuUs', theirs)) },
      },
    });
    return await explained(setting, measured, { client, sides, connections });
  } finally {
    await client.stop();
    await peer?.stop();
    await stand.close();
  }
}

async function nginxPeer({ upstream, agents, holders }: Stand, { say }: Setting): Promise<Peer | undefined> {
  const nginx = await startNginx('location / { proxy_pass http://api; }', { api: upstream }, { say });
  if (nginx === undefined) return undefined;
  const { port, program } = nginx;
  const usage = usageOfPrograms(program.pid);
  return { side: { name: 'nginx', usage, port, request: callsOf({ agents, holders }) }, stop: program.stop };
}

/** The same plane with one setting changed: the official build decides. */
async function officialPeer(): Promise<Peer> {
  const stand = await openStand({ env: { AMBIT_POLICY_ENGINE: 'official' } });
  return { side: { ...planeSide(stand), name: 'official-cedar' }, stop: stand.close };
}

async function betterAuthPeer({ upstream }: Stand, { say }: Setting): Promise<Peer> {
  installPeers(say);
  const child = await startChild('better-auth');
  const started = { folder: scratchFolder(), upstream };
  const { port, agents } = await child.ask<{ port: number; agents: AgentJwt[] }>('start', started);
  const request = {
    method: 'POST',
    path: '/api/auth/capability/execute',
    body: JSON.stringify({ capability: 'orders.get', arguments: { orderId: '1042' } }),
    callers: { by: 'agent-jwt', agents },
  } as const;
  return { side: { name: 'better-auth', server: child, usage: usageOf(child), port, request }, stop: child.stop };
}
