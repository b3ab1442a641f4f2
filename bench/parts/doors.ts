import { type Child, freePort, startChild } from './children.ts';
import { connections, warmingFor } from './gateway.ts';
import { type Measure, pairs, type Setting } from './measure.ts';
import { startNginx } from './nginx.ts';
import { explained } from './profile-sides.ts';
import { type Row, rowOf } from './row.ts';
import { inTurn, medianOf, type Side, usageOf } from './side.ts';
import { openStand, type Stand } from './stand.ts';
import { rounded } from './statistics.ts';

const aim = { of: 'ratio', side: 'at least', bound: 0.4, asks: '≥ 40 %' } as const;

/** Where another program sends. */
export const doors: Measure = {
  rows: ['auth-request'],
  run: async (setting) => [await authRequest(setting)],
};

/** The door of nginx beside one that says yes to everything, behind the same nginx. */
async function authRequest(setting: Setting): Promise<Row> {
  const row = { name: 'auth-request', unit: 'calls/s', aim };
  const port = await freePort();
  const front = `http://127.0.0.1:${port}`;
  const stand = await openStand({ front });
  const client = await startChild('client');
  const trivial = await startChild('trivial');
  const { secret } = await stand.operator.points.register({ name: 'nginx', kind: 'auth-request' });
  const nginx = await startNginx(
    locations(front, secret ?? ''),
    { api: stand.upstream, ambit: stand.agents, trivial: `http://127.0.0.1:${await trivial.ask<number>('port')}` },
    { ...setting, port },
  );
  try {
    if (nginx === undefined) return rowOf({ ...row, ours: Number.NaN, leftOut: ['there is no nginx here'] });
    const sides = [
      sideOf('ambit', stand, front, '/orders/1042', stand.plane),
      sideOf('trivial', stand, front, '/plain/1042', trivial),
    ];
    const seconds = setting.quick ? 0.6 : 4;
    const rounds = { connections, seconds, times: pairs, say: setting.say, ...warmingFor(setting) };
    const [ours = [], theirs = []] = await inTurn(client, sides, rounds);
    const measured = rowOf({
      ...row,
      ours: medianOf('perSecond', ours),
      beside: { 'trivial-door': medianOf('perSecond', theirs) },
      leftOut: setting.quick ? [`rounds of ${seconds} s instead of 4 s`] : [],
      detail: {
        connections,
        rounds: ours.length,
        doorCpuUsPerCall: { ours: rounded(medianOf('cpuUs', ours)), trivial: rounded(medianOf('cpuUs', theirs)) },
      },
    });
    return await explained(setting, measured, { client, sides, connections });
  } finally {
    await client.stop();
    await nginx?.program.stop();
    await trivial.stop();
    await stand.close();
  }
}

function sideOf(name: string, { holders }: Stand, front: string, path: string, server: Child): Side {
  const request = { method: 'GET', path, callers: { by: 'dpop', origin: front, holders } } as const;
  return { name, server, usage: usageOf(server), port: Number(new URL(front).port), request };
}

/** As docs/guides/nginx.md has it, with addresses in the place of its names. */
const locations = (front: string, secret: string) => `
    location / {
      auth_request /ambit;
      proxy_set_header DPoP "";
      proxy_set_header Authorization "Bearer of-nginx";
      proxy_pass http://api;
    }
    location /plain/ {
      auth_request /trivial;
      proxy_set_header DPoP "";
      proxy_set_header Authorization "Bearer of-nginx";
      proxy_pass http://api;
    }
    location = /ambit {
      internal;
      proxy_pass http://ambit/auth-request;
      proxy_method GET;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header Ambit-Point "${secret}";
      proxy_set_header Ambit-Api "front";
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Original-URL ${front}$request_uri;
    }
    location = /trivial {
      internal;
      proxy_pass http://trivial;
      proxy_method GET;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }`;
