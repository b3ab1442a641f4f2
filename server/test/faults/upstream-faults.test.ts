// The upstream hangs, resets, or answers with lengths that are not true.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { until } from '../attacks/witness.ts';
import { obliging, openStage, type Stage } from './stage.ts';

type Fault = {
  /** What it does with the connection once it has the whole request. */
  readonly does: (socket: Socket) => void;
  /** What the log says became of the call. */
  readonly outcome: 'done' | 'unknown';
};

const head = (...lines: readonly string[]) => `${['HTTP/1.1 201 Any', ...lines].join('\r\n')}\r\n\r\n`;

const faults: Readonly<Record<string, Fault>> = {
  'hangs before its answer': { does: () => undefined, outcome: 'unknown' },
  'hangs after half of the head': { does: (socket) => socket.write('HTTP/1.1 201 An'), outcome: 'unknown' },
  'hangs in the middle of the body': {
    does: (socket) => socket.write(`${head('content-length: 100')}{"id":`),
    outcome: 'unknown',
  },
  'resets before its answer': { does: (socket) => socket.resetAndDestroy(), outcome: 'unknown' },
  'closes before its answer': { does: (socket) => socket.destroy(), outcome: 'unknown' },
  'resets in the middle of the body': {
    does: (socket) => socket.write(`${head('content-length: 100')}{"id":`, () => socket.resetAndDestroy()),
    outcome: 'unknown',
  },
  'promises more than it sends': {
    does: (socket) => socket.end(`${head('content-length: 100')}{"id":"1"}`),
    outcome: 'unknown',
  },
  'sends more than it promised': {
    does: (socket) => socket.write(`${head('content-length: 2')}{}{"id":"of nobody"}`),
    outcome: 'done',
  },
  'gives two lengths': {
    does: (socket) => socket.write(`${head('content-length: 2', 'content-length: 20')}{}`),
    outcome: 'unknown',
  },
  'gives a length that is none': {
    does: (socket) => socket.write(`${head('content-length: -2')}{}`),
    outcome: 'unknown',
  },
  'cuts its chunks short': {
    does: (socket) => socket.end(`${head('transfer-encoding: chunked')}10\r\n{"id":\r\n`),
    outcome: 'unknown',
  },
};

let stage: Stage;
let fault: Fault | null = null;
before(async () => {
  stage = await openStage({
    env: { AMBIT_UPSTREAM_TIMEOUT_SECONDS: '1' },
    behave(request) {
      if (fault === null) obliging(request);
      else fault.does(request.socket);
    },
  });
});
after(() => stage.close());

for (const [name, one] of Object.entries(faults)) {
  test(`an upstream that ${name}: the call ends as ${one.outcome}, stays spent and is not sent again; the next one goes on`, async () => {
    const before = stage.upstream.writes().length;
    fault = one;
    const { response } = await stage.pay();
    const entry = response.headers.get('ambit-entry');
    // Where the head was passed on, what is missing of the body breaks off; nobody can take it for the whole.
    const body = await response.text().catch(() => null);
    fault = null;
    assert.notEqual(body, '', 'an answer that was cut looks whole');
    if (response.status !== 201) assert.match(body ?? '', /gateway\.(upstream_unknown|answer_withheld)/);
    assert.doesNotMatch(body ?? '', /of nobody/);
    const ended = await until('the outcome', async () => {
      const log = await stage.holds();
      return log.find(({ header }) => header.kind === 'call.outcome' && header.about === entry);
    });
    assert.equal(ended.header.code, one.outcome, JSON.stringify(ended.detail));
    assert.equal(stage.upstream.writes().length, before + 1, 'it was sent again');
    assert.equal((await stage.pay()).response.status, 201);
    // Every payment is of 1.00: what the last decision found on the counter is all that was let out before it.
    const permits = (await stage.holds()).filter(({ header }) => header.decision === 'permit');
    const charges = permits.at(-1)?.detail.charges as readonly { readonly counter: string; readonly used: string }[];
    const used = charges.find(({ counter }) => counter.startsWith('sum|USD|task:'))?.used;
    assert.equal(Number(used), permits.length - 1, 'what nobody can tell of was given back');
  });
}
