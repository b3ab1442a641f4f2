import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** What one connection after the other sends: `next` is asked by the number of the connection, and answers undefined where nothing is left. */
export type Load = {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  readonly next: (connection: number) => string | undefined;
  /** How each connection is encrypted; none is, unless given. */
  readonly tls?: (connection: number) => ConnectionOptions;
  /** Requests per second, by the clock, whatever comes back; undefined: each connection as fast as it is answered. */
  readonly rate?: number;
};

export type Loaded = {
  readonly calls: number;
  readonly seconds: number;
  /** Milliseconds of each call; with a rate, from when it was due, not from when it was sent. */
  readonly latencies: Float64Array;
  /** Answers other than 2xx, by status line or fault. */
  readonly refused: Readonly<Record<string, number>>;
  /** When the last answer with 2xx was whole, epoch milliseconds with their fractions; null where none came. */
  readonly lastAcceptedAt: number | null;
};

const silentMsMax = 10_000;

type Lane = { readonly socket: Socket; readonly number: number; due: number; busy: boolean; heard: Buffer };

/** Sends requests over kept connections, one at a time on each, and reads the answers just far enough. */
export async function loadHttp({ port, connections, seconds, next, rate, tls }: Load): Promise<Loaded> {
  const refused: Record<string, number> = {};
  const latencies: number[] = [];
  const lanes = await Promise.all(Array.from({ length: connections }, (_, i) => openLane(port, i, tls)));
  const started = performance.now();
  const until = started + seconds * 1000;
  // INVARIANT (no coordinated omission): what is due while every connection waits is sent late, and its wait counts.
  const due: number[] = [];
  let last = started;
  let lastAccepted: number | undefined;
  let left = false;
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const isOver = () => (left || performance.now() >= until) && due.length === 0 && lanes.every((lane) => !lane.busy);

  function send(lane: Lane, at: number): void {
    const request = at < until ? next(lane.number) : undefined;
    if (request === undefined) {
      left ||= at < until;
      settle();
      return;
    }
    lane.due = at;
    lane.busy = true;
    lane.socket.write(request, 'latin1');
  }

  function settle(): void {
    if (isOver()) finish();
  }

  function answered(lane: Lane, status: string): void {
    last = performance.now();
    latencies.push(last - lane.due);
    if (status.startsWith('2')) lastAccepted = last;
    else refused[status] = (refused[status] ?? 0) + 1;
    lane.busy = false;
    const at = rate === undefined ? last : due.shift();
    if (at === undefined) settle();
    else send(lane, at);
  }

  for (const lane of lanes) {
    lane.socket.on('data', (chunk) => {
      lane.heard = lane.heard.length === 0 ? chunk : Buffer.concat([lane.heard, chunk]);
      const status = readAnswer(lane.heard);
      if (status === undefined) return;
      lane.heard = Buffer.alloc(0);
      answered(lane, status);
    });
    lane.socket.on('close', () => {
      if (!lane.busy) return;
      refused.closed = (refused.closed ?? 0) + 1;
      lane.busy = false;
      left ||= lanes.every(({ socket }) => socket.destroyed);
      settle();
    });
  }
  if (rate === undefined) for (const lane of lanes) send(lane, performance.now());
  else paceLanes(lanes, { rate, started, until, due }, send, settle);
  // Whatever is silent until then is not waited for: it counts as refused.
  const patience = setTimeout(() => finish(), seconds * 1000 + silentMsMax);
  await done;
  clearTimeout(patience);
  const silent = lanes.filter((lane) => lane.busy).length + due.length;
  if (silent > 0) refused.silent = silent;
  for (const lane of lanes) lane.socket.destroy();
  return {
    calls: latencies.length,
    seconds: (last - started) / 1000,
    latencies: Float64Array.from(latencies),
    refused,
    lastAcceptedAt: lastAccepted === undefined ? null : performance.timeOrigin + lastAccepted,
  };
}

type Pace = { readonly rate: number; readonly started: number; readonly until: number; readonly due: number[] };

function paceLanes(
  lanes: readonly Lane[],
  { rate, started, until, due }: Pace,
  send: (lane: Lane, at: number) => void,
  settle: () => void,
): void {
  let planned = 0;
  let turn = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    for (; dueAt(planned) <= now && dueAt(planned) < until; planned++) {
      const at = dueAt(planned);
      const free = freeLane();
      if (free === undefined) due.push(at);
      else send(free, at);
    }
    if (now < until) return;
    clearInterval(timer);
    settle();
  }, 1);
  const dueAt = (call: number) => started + (call * 1000) / rate;

  function freeLane(): Lane | undefined {
    for (let i = 0; i < lanes.length; i++) {
      const lane = lanes[(turn + i) % lanes.length]!;
      if (lane.busy) continue;
      turn = (turn + i + 1) % lanes.length;
      return lane;
    }
    return undefined;
  }
}

async function openLane(port: number, number: number, tls: Load['tls']): Promise<Lane> {
  const at = { port, host: '127.0.0.1', noDelay: true };
  const socket = tls === undefined ? connect(at) : connectTls({ ...at, ...tls(number) });
  await new Promise<void>((resolve, reject) => {
    socket.once(tls === undefined ? 'connect' : 'secureConnect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => socket.destroy());
  return { socket, number, due: 0, busy: false, heard: Buffer.alloc(0) };
}

const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');

/** The status code of a whole answer, or undefined while some of it is missing. */
export function readAnswer(heard: Buffer): string | undefined {
  const end = heard.indexOf(headEnd);
  if (end < 0) return undefined;
  const head = heard.subarray(0, end).toString('latin1').toLowerCase();
  const status = head.slice(9, 12);
  const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
  const from = end + headEnd.length;
  if (length !== undefined) return heard.length >= from + Number(length) ? status : undefined;
  if (!head.includes('\r\ntransfer-encoding: chunked')) return status;
  return heard.length > from && heard.subarray(-lastChunk.length).equals(lastChunk) ? status : undefined;
}
