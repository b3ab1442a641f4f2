import assert from 'node:assert/strict';
import { atWork, type Working } from '../attacks/questions.ts';
import { answer, type Heard, handmadeUpstream, refund, refundsUpTo, type Upstream } from '../attacks/witness.ts';
import { type House, only, openHouse, order, registerBot } from '../house.ts';
import { inAProcess, type PlaneProcess, type Starting } from './in-a-process.ts';
import { type LoggedEntry, verifiedLog } from './log-read.ts';

/** A plane in a process of its own, an upstream that tells what it saw, and an agent that pays. */
export type Stage = {
  readonly house: House;
  readonly upstream: Upstream;
  readonly plane: PlaneProcess;
  readonly working: Working;
  /** A refund of 1.00 under a name that occurs once. */
  pay(): Promise<{ readonly name: string; readonly response: Response }>;
  /** The verified log, in which everything that the upstream saw was permitted, once. */
  holds(): Promise<LoggedEntry[]>;
  close(): Promise<void>;
};

export type Staging = {
  readonly env?: Readonly<Record<string, string>>;
  readonly starting?: Starting;
  readonly behave?: (request: Heard, number: number) => void;
};

export async function openStage({ env = {}, starting = {}, behave = obliging }: Staging = {}): Promise<Stage> {
  const upstream = await handmadeUpstream(behave);
  // Whoever is refused again and again rests; how long that takes is no part of these tests.
  const settings = { AMBIT_AGENT_CALLS_PER_SECOND: '10000', ...env };
  const house = await openHouse({ upstream: upstream.url, env: settings });
  const authority = [only('shop:orders.get', 'path.orderId', order), ...refundsUpTo('1000000.00')];
  const working = await atWork(house, { authority }, await registerBot(house.alice, 'pays-bot'));
  const plane = await inAProcess(house, { ...starting, env: { ...settings, ...starting.env } });
  let number = 0;
  return {
    house,
    upstream,
    plane,
    working,
    async pay() {
      const name = `paid-${number++}`;
      const rawBody = JSON.stringify({ amount: '1.00', currency: 'USD', reason: name });
      return { name, response: await refund(working.agent, working.token, '1.00', { rawBody }) };
    },
    async holds() {
      const log = await verifiedLog(house);
      const permitted = log.filter(({ header }) => header.kind === 'call.decided' && header.decision === 'permit');
      const allowed = permitted.map(nameIn).filter((name) => name !== undefined);
      assert.equal(new Set(allowed).size, allowed.length, 'a call was permitted twice');
      const heard = namesHeard(upstream);
      assert.equal(new Set(heard).size, heard.length, 'a call reached the upstream twice');
      for (const name of heard) assert.ok(allowed.includes(name), `${name} reached the upstream undecided`);
      return log;
    },
    async close() {
      try {
        await house.close();
      } finally {
        await plane.kill();
        await upstream.close();
      }
    },
  };
}

export function obliging({ line, socket }: Heard): void {
  answer(socket, line.startsWith('GET') ? 200 : 201, { id: 'any' });
}

export const namesHeard = (upstream: Upstream): string[] =>
  upstream.writes().map(({ body }) => (JSON.parse(body) as { reason: string }).reason);

const nameIn = ({ detail }: LoggedEntry): string | undefined =>
  (detail.arguments as Readonly<Record<string, string>> | undefined)?.['body.reason'];
