import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../src/config.ts';
import { makeTestSchema } from '../../src/foundation/database/testing.ts';
import { openWire, type Wire } from '../../src/foundation/database/testing-wire.ts';
import { serve } from '../../src/main.ts';
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

/** A balancer that passes connections on to the node that a test chooses. */
export type Front = { readonly url: string; to(url: string): void; close(): Promise<void> };

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
  /** From now on people reach that node. */
  peopleAt(node: Node): void;
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
  const ending: (() => Promise<void>)[] = [];
  const settingsFor = (name: string) => ({
    ...shared,
    AMBIT_KEYS: house.config.keyFile,
    AMBIT_AGENT_PORT: '0',
    AMBIT_PEOPLE_PORT: '0',
    AMBIT_OUTBOUND_PRIVATE_ALLOWED: house.config.outboundPrivateAllowed.join(','),
    AMBIT_CHECKPOINT_FILE: join(house.directory, `second-place-of-${name}.txt`),
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
      const node = await launchNode(name, { PATH: process.env.PATH ?? '', ...settingsFor(name), ...more });
      others.push(node);
      return node;
    },
    agentAt: (node, bot) => rawAgent(house, bot, () => node.agents),
    peopleAt: (node) => fronts.people.to(node.people),
    async close() {
      for (const node of others) await node.stop();
      fronts.people.to(house.plane.listening.people);
      for (const end of ending) await end();
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
  let target: URL | undefined;
  const open = new Set<Socket>();
  const server: Server = createServer((near) => {
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
    to(url) {
      target = new URL(url);
      // Callers keep connections: those lead to the node that was chosen before.
      cut();
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
