import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Program, startChild, startProgram } from './children.ts';
import { connections, warmingFor } from './gateway.ts';
import { type Measure, pairs, type Setting } from './measure.ts';
import { installPeers, peerFile } from './peers.ts';
import { scratchFolder } from './places.ts';
import { explained } from './profile-sides.ts';
import { type Row, rowOf } from './row.ts';
import { ruleKind, rulePermits } from './rules.ts';
import { inTurn, medianOf, type Side, usageOf, usageOfPrograms } from './side.ts';
import { openStand, type Stand } from './stand.ts';
import { rounded } from './statistics.ts';

const policies = 100;

/** One question of an enforcement point: the plane writes each down durably before it answers, Cerbos none. */
export const authzen: Measure = {
  rows: ['authzen'],
  async run(setting) {
    installPeers(setting.say);
    const stand = await openStand({ policies, callers: 1 });
    const client = await startChild('client');
    const cerbos = await startCerbos();
    try {
      const sides = [await planeSide(stand), cerbosSide(cerbos)];
      for (const side of sides) await requireEqual(side);
      return [await measure(setting, client, sides)];
    } finally {
      await client.stop();
      await cerbos.program.stop();
      await stand.close();
    }
  },
};

async function measure(setting: Setting, client: Awaited<ReturnType<typeof startChild>>, sides: Side[]): Promise<Row> {
  const seconds = setting.quick ? 0.7 : 4;
  const rounds = { connections, seconds, times: pairs, say: setting.say, ...warmingFor(setting) };
  const [ours = [], theirs = []] = await inTurn(client, sides, rounds);
  const measured = rowOf({
    name: 'authzen',
    unit: 'decisions/s',
    ours: medianOf('perSecond', ours),
    beside: { cerbos: medianOf('perSecond', theirs) },
    aim: { of: 'ratio', side: 'at least', bound: 5, asks: '≥ 5 ×' },
    leftOut: setting.quick ? [`rounds of ${seconds} s instead of 4 s`] : [],
    detail: {
      connections,
      policies,
      rounds: ours.length,
      cpuUsPerCall: { ours: rounded(medianOf('cpuUs', ours)), cerbos: rounded(medianOf('cpuUs', theirs)) },
      oursWritesAnEntryForEach: true,
    },
  });
  return explained(setting, measured, { client, sides, connections });
}

type PlainSide = Side & {
  readonly request: { readonly path: string; readonly headers: readonly string[]; readonly body: string };
};

async function planeSide({ operator, plane, agents, callers }: Stand): Promise<PlainSide> {
  const { secret } = await operator.points.register({ name: 'guard', kind: 'authzen' });
  const [caller] = callers;
  const body = JSON.stringify({
    subject: { type: 'agent', id: caller?.agent },
    action: { name: 'shop:orders.get', properties: { arguments: { 'path.orderId': '1042' } } },
    resource: { type: 'order', id: '1042' },
    context: { task: caller?.task },
  });
  const headers = [`authorization: Bearer ${secret}`];
  const request = { method: 'POST', path: '/access/v1/evaluation', headers, body };
  return { name: 'ambit', server: plane, usage: usageOf(plane), port: Number(new URL(agents).port), request };
}

function cerbosSide({ program, port }: Cerbos): PlainSide {
  const attributes = { 'cerbos.roles': ['agent'], team: 'support', zone: 'support', task: true, purpose: 'support' };
  const about = { orderId: '1042', effect: 'read', reach: 'internal', zone: 'support' };
  const body = JSON.stringify({
    subject: { type: 'agent', id: 'agt_1', properties: attributes },
    action: { name: 'orders.get' },
    resource: { type: 'order', id: '1042', properties: about },
  });
  const request = { method: 'POST', path: '/access/v1/evaluation', headers: [], body };
  return { name: 'cerbos', usage: usageOfPrograms(program.pid), port, request };
}

/** INVARIANT (equal rules): both say yes to what is measured, and no where a rule forbids. */
async function requireEqual({ name, port, request: { path, headers, body } }: PlainSide): Promise<void> {
  const ask = async (text: string) => {
    const lines = headers.map((line) => line.split(': ') as [string, string]);
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...Object.fromEntries(lines) },
      body: text,
    });
    return ((await response.json()) as { decision?: boolean }).decision;
  };
  if ((await ask(body)) !== true) throw new Error(`${name} does not permit the question that is measured`);
  if ((await ask(body.replaceAll('"1042"', '"held-4"'))) !== false)
    throw new Error(`${name} permits what rule 4 forbids`);
}

type Cerbos = { readonly program: Program; readonly port: number };

async function startCerbos(): Promise<Cerbos> {
  const folder = scratchFolder();
  const rules = join(folder, 'policies');
  mkdirSync(rules);
  writeFileSync(join(rules, 'order.json'), JSON.stringify(cerbosPolicy(policies)));
  const [port, grpcPort] = [await freePort(), await freePort()];
  const configuration = {
    server: { httpListenAddr: `127.0.0.1:${port}`, grpcListenAddr: `127.0.0.1:${grpcPort}` },
    telemetry: { disabled: true },
    storage: { driver: 'disk', disk: { directory: rules, watchForChanges: false } },
  };
  const file = join(folder, 'cerbos.json');
  writeFileSync(file, JSON.stringify(configuration));
  const command = peerFile('@cerbos/cerbos-linux-x64/cerbos-linux-x64');
  const args = ['server', `--config=${file}`, '--log-level=error', '--debug-listen-addr='];
  return { program: await startProgram(command, args, port), port };
}

/** The rules of `rulesText` in Cerbos' words. */
function cerbosPolicy(count: number) {
  const rules = Array.from({ length: count }, (_, i) => ({
    name: `rule-${i}`,
    actions: [!rulePermits(i) && ruleKind(i) !== 0 ? '*' : 'orders.get'],
    effect: rulePermits(i) ? 'EFFECT_ALLOW' : 'EFFECT_DENY',
    roles: ['agent'],
    condition: { match: { expr: rulePermits(i) ? 'P.attr.task == true' : forbids(i) } },
  }));
  return { apiVersion: 'api.cerbos.dev/v1', resourcePolicy: { version: 'default', resource: 'order', rules } };
}

function forbids(i: number): string {
  const conditions = [
    `R.attr.orderId == "held-${i}"`,
    `has(P.attr.team) && P.attr.team == "team-${i}"`,
    `P.attr.purpose == "purpose-${i}" && R.attr.effect == "read"`,
    'P.attr.zone != R.attr.zone && R.attr.reach == "external"',
  ];
  return conditions[ruleKind(i)]!;
}
