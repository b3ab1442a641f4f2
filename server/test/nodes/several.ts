import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { anchorsIn, verifyExport } from '../../src/audit/index.ts';
import { readConfig } from '../../src/config.ts';
import { makeTestSchema } from '../../src/foundation/database/testing.ts';
import { openWire, type Wire } from '../../src/foundation/database/testing-wire.ts';
import { type Ground, loadKeys, openPostgres, randomId } from '../../src/foundation/index.ts';
import { serve } from '../../src/main.ts';
import { compiled } from '../compiled.ts';
import { freePort } from '../free-port.ts';
import { type Bot, type House, type HouseOptions, openHouse } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';

/** One of the planes that run on the same database. */
export type Node = {
  readonly name: string;
  /** Where it listens itself, behind the origin that everybody knows. */
  readonly agents: string;
  readonly people: string;
  /** As an operator stops it. */
  stop(): Promise<void>;
  /** As if the power went. Only of a node that has a process of its own. */
  kill(): Promise<void>;
  /** What it wrote to its streams. */
  written(): string;
};

/** A balancer that passes connections on to the nodes that a test chose, each in turn. */
export type Front = { readonly url: string; to(...urls: string[]): void; close(): Promise<void> };

/** A house whose plane is the first of several nodes on one database. */
export type Several = {
  readonly house: House;
  readonly store: string;
  readonly first: Node;
  readonly fronts: { readonly agents: Front; readonly people: Front };
  /** One more node in this process; `wire` is what lies between it and the database. */
  join(name: string, env?: Readonly<Record<string, string>>): Promise<Node & { readonly wire: Wire }>;
  /** One more node in a process of its own. */
  launch(name: string, env?: Readonly<Record<string, string>>): Promise<Node>;
  /** The agent, as it sends to that node. Each proves itself by a key of its own. */
  agentAt(node: Node, bot: Bot): Promise<RawAgent>;
  /** From now on people reach that node, or each of them in turn. */
  peopleAt(...nodes: Node[]): void;
  /** The store as one more node would write it, which then is no more: what it had made durable, and nothing else. */
  asANode<T>(work: (ground: Ground) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

export async function openSeveral(options: HouseOptions = {}): Promise<Several> {
  const { url: store, drop } = await makeTestSchema();
  const fronts = { agents: await openFront(), people: await openFront() };
  const [agentPort, peoplePort] = [await freePort(), await freePort()];
  fronts.agents.to(`http://127.0.0.1:${agentPort}`);
  fronts.people.to(`http://127.0.0.1:${peoplePort}`);
  const shared = {
    AMBIT_STORE: store,
    AMBIT_AGENT_ORIGIN: fronts.agents.url,
    AMBIT_PEOPLE_ORIGIN: fronts.people.url,
    AMBIT_AGENT_CALLS_PER_SECOND: '1000',
    ...options.env,
  };
  const env = { ...shared, AMBIT_AGENT_PORT: String(agentPort), AMBIT_PEOPLE_PORT: String(peoplePort) };
  const house = await openHouse({ ...options, env });
  const others: Node[] = [];
  const places: string[] = [];
  const placeOf = (name: string) => {
    const path = join(house.directory, `second-place-of-${name}.txt`);
    places.push(path);
    return path;
  };
  const settingsFor = (name: string) => ({
    ...shared,
    AMBIT_KEYS: house.config.keyFile,
    AMBIT_AGENT_PORT: '0',
    AMBIT_PEOPLE_PORT: '0',
    AMBIT_OUTBOUND_PRIVATE_ALLOWED: house.config.outboundPrivateAllowed.join(','),
    AMBIT_CHECKPOINT_FILE: placeOf(name),
  });
  const notAlone = async () => {
    throw new Error('this node has no process of its own');
  };

  return {
    house,
    store,
    fronts,
    first: {
      name: 'first',
      ...house.plane.listening,
      stop: () => house.plane.close(),
      kill: notAlone,
      written: () => '',
    },
    async join(name, more = {}) {
      const wire = await openWire(store);
      const plane = await serve(readConfig({ ...settingsFor(name), AMBIT_STORE: wire.url, ...more }));
      let isStopped = false;
      const node = {
        name,
        ...plane.listening,
        wire,
        async stop() {
          if (isStopped) return;
          isStopped = true;
          wire.release();
          await plane.close();
          await wire.close();
        },
        kill: notAlone,
        written: () => '',
      };
      others.push(node);
      return node;
    },
    async launch(name, more = {}) {
      const node = await launchNode(name, {
        ...compiled(),
        PATH: process.env.PATH ?? '',
        ...settingsFor(name),
        ...more,
      });
      others.push(node);
      return node;
    },
    agentAt: (node, bot) => rawAgent(house, bot, () => node.agents),
    peopleAt: (...nodes) => fronts.people.to(...nodes.map((node) => node.people)),
    async asANode(work) {
      const { keyFile, dataDirectory } = house.config;
      const detailKey = loadKeys({ file: keyFile, json: null, dataDirectory }).derive('log-detail');
      const database = await openPostgres({ url: store, detailKey, clock: Date.now, heardMsMax: 1000 });
      try {
        return await work({ database, clock: Date.now, newId: randomId });
      } finally {
        await database.close();
      }
    },
    async close() {
      for (const node of others) await node.stop();
      fronts.people.to(house.plane.listening.people);
      // Each node has a second place of its own, and all of them are of the one log.
      const anchors = places.flatMap((path) => (existsSync(path) ? anchorsIn(readFileSync(path, 'utf8'), path) : []));
      const verdict = await verifyExport(await house.carol.operator.log.export({ rows: true }), { anchors });
      assert.deepEqual(verdict.findings, [], 'the log is not the one that a node gave a checkpoint of');
      await house.close();
      await fronts.agents.close();
      await fronts.people.close();
      await drop();
    },
  };
}

async function launchNode(name: string, env: Readonly<Record<string, string>>): Promise<Node> {
  const script = fileURLToPath(new URL('./node-process.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, ['--conditions=ambit-source', script], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Where a test is ended from outside, nothing of it stays behind.
  process.once('exit', () => child.kill('SIGKILL'));
  let written = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    written += chunk.toString();
  });
  const lines = createInterface({ input: child.stdout! });
  const [said] = (await Promise.race([once(lines, 'line'), once(child, 'close')])) as [unknown];
  if (typeof said !== 'string') throw new Error(`node ${name} did not start: ${written}`);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  const listening = JSON.parse(said) as { agents: string; people: string };
  return { name, ...listening, stop: () => end('SIGTERM'), kill: () => end('SIGKILL'), written: () => written };
}

async function openFront(): Promise<Front> {
  let targets: readonly URL[] = [];
  let next = 0;
  const open = new Set<Socket>();
  const server: Server = createServer((near) => {
    const target = targets[next++ % targets.length];
    const far = connect(Number(target?.port), target?.hostname);
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from
        .on('error', () => into.destroy())
        .on('close', () => {
          open.delete(from);
          into.destroy();
        });
      from.pipe(into);
    }
  });
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    to(...urls) {
      targets = urls.map((url) => new URL(url));
      // Callers keep connections: those lead to the node that was chosen before.
      cut();
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
