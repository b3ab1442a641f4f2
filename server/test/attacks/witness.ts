import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import type { Authority, RefusalCode, TaskId } from '@ambit/protocol';
import { refusalRow } from '@ambit/protocol';
import { type House, order } from '../house.ts';
import type { CallParts, RawAgent } from '../raw-agent.ts';

type Run = Awaited<ReturnType<House['carol']['operator']['runs']['show']>>;
type RunTask = Run['tasks'][number];
export type Step = RunTask['steps'][number];

/** What a refused caller reads. */
export type Told = {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly entry?: string;
};

/** Asserts that the answer is the plane's own refusal with that code and its status, and answers what it says. */
export async function refused(response: Response, code: RefusalCode): Promise<Told> {
  const text = await response.text();
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/, `${response.status} ${text}`);
  const told = JSON.parse(text) as Told;
  assert.equal(told.code, code, text);
  assert.equal(response.status, refusalRow(code).status, text);
  assert.equal(told.status, response.status);
  assert.match(told.detail, /^[^\n]{12,600}$/, 'the refusal says nothing that a caller could use');
  return told;
}

/** Everything that the log tells of a task's run, in order, as the auditor reads it. */
export async function stepsOf(house: House, task: TaskId): Promise<Step[]> {
  const all = (tasks: readonly RunTask[]): Step[] => tasks.flatMap((one) => [...one.steps, ...all(one.tasks)]);
  const { tasks } = await house.carol.operator.runs.show(task);
  return all(tasks).toSorted((a, b) => a.index - b.index);
}

/** Steps that decided on a call of that action; null is for calls of which no action could be read. */
export async function callsOf(
  house: House,
  task: TaskId,
  action: string | null = 'shop:refunds.create',
): Promise<Step[]> {
  return (await stepsOf(house, task)).filter((step) => step.action === action && step.decided !== null);
}

/** Waits until a condition holds, and fails with the sentence where it does not within ten seconds. */
export async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return assert.fail(`${what} did not come about within thirty seconds`);
}

/** The log's last word on the newest call of that action, once its outcome is written. */
export function outcomeOf(house: House, task: TaskId, action = 'shop:refunds.create'): Promise<Step> {
  return until('the outcome of the call', async () => {
    const step = (await callsOf(house, task, action)).at(-1);
    return step?.outcome == null ? undefined : step;
  });
}

export const refundsPath = `/api/shop/orders/${order}/refunds`;

export function refund(agent: RawAgent, token: string, amount: unknown, more: CallParts & { currency?: string } = {}) {
  const { currency = 'USD', ...parts } = more;
  return agent.call(token, 'POST', refundsPath, { body: { amount, currency }, ...parts });
}

/** One of several that are sent at the same moment: equal ones would be taken for one that is sent again. */
export const oneOfMany = (agent: RawAgent, token: string, amount: string, which: string) =>
  agent.call(token, 'POST', refundsPath, { body: { amount, currency: 'USD', reason: `The ${which}.` } });

/** Refunds on the order up to a sum, without a person's threshold. */
export const refundsUpTo = (max: string): Authority => [
  {
    type: 'ambit_grant',
    actions: ['shop:refunds.create'],
    where: {
      'path.orderId': { all: [{ equals: order }] },
      'body.amount': { all: [{ range: { min: '0.01', max: '100.00' } }] },
      'body.currency': { all: [{ equals: 'USD' }] },
      'body.reason': { all: [{ maxLength: 200 }], optional: true },
    },
    limits: [{ sum: { max, currency: 'USD' } }],
  },
];

export type Heard = {
  readonly line: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly socket: Socket;
};

export type Upstream = {
  readonly url: string;
  /** Every request that arrived whole, in order. */
  readonly heard: readonly Heard[];
  /** Those that would change something. */
  writes(): readonly Heard[];
  close(): Promise<void>;
};

/** An upstream written out by hand, which may answer a request in any way at all, or not. */
export async function handmadeUpstream(behave: (request: Heard, number: number) => void): Promise<Upstream> {
  const heard: Heard[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let text = '';
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let cut = readRequest(text, socket); cut !== undefined; cut = readRequest(text, socket)) {
        text = cut.rest;
        heard.push(cut.request);
        behave(cut.request, heard.length);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    writes: () => heard.filter(({ line }) => !line.startsWith('GET ')),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function readRequest(text: string, socket: Socket): { request: Heard; rest: string } | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [line = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = new Map<string, string>();
  for (const one of lines) {
    const colon = one.indexOf(':');
    const [name, value] = [one.slice(0, colon).toLowerCase(), one.slice(colon + 1).trim()];
    // RFC 9110 §5.3: what comes twice is a list.
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  const length = Number(headers.get('content-length') ?? 0);
  if (text.length < end + 4 + length) return undefined;
  const body = text.slice(end + 4, end + 4 + length);
  return { request: { line, headers, body, socket }, rest: text.slice(end + 4 + length) };
}

export function answer(socket: Socket, status: number, body: unknown, headers: readonly string[] = []): void {
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status} Any`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  socket.write(`${[...head, ...headers].join('\r\n')}\r\n\r\n${text}`);
}
