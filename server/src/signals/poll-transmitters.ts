import { type JsonValue, parseJson, plainJson, refusalRow, type TenantId } from '@ambit/protocol';
import { asRefusal, post } from '../foundation/index.ts';
import { requireEndpoint } from './endpoint.ts';
import { type Receiver, receiveSet } from './receive.ts';
import { listTransmitters } from './store.ts';
import type { Transmitter } from './stream.ts';

const everyMs = 5000;
const roundsMax = 10;
const errorsMax = 100;

/**
 * RFC 8936 from the other side: fetches what waits at the transmitters of a tenant, and acknowledges what was made durable
 * here. Several nodes may fetch the same; what was taken once takes no effect twice.
 */
export function createPolling(receiver: Receiver, failed: (tenant: TenantId, error: unknown) => Promise<void>) {
  const polledAt = new Map<string, number>();
  const running = new Map<string, Promise<void>>();
  return {
    async tick(tenant: TenantId): Promise<void> {
      for (const one of await listTransmitters(receiver.ground, tenant)) {
        const now = receiver.ground.clock();
        const isDue = now - (polledAt.get(one.id) ?? Number.NEGATIVE_INFINITY) >= everyMs;
        if (one.state !== 'active' || one.pollUrl === null || !isDue || running.has(one.id)) continue;
        polledAt.set(one.id, now);
        const done = pollOne(receiver, tenant, one)
          .catch((error: unknown) => failed(tenant, error))
          .finally(() => running.delete(one.id));
        running.set(one.id, done);
      }
    },
    stop: async (): Promise<void> => {
      await Promise.all(running.values());
    },
  };
}

type SetErrors = Record<string, { readonly err: string; readonly description: string }>;

async function pollOne(receiver: Receiver, tenant: TenantId, one: Transmitter): Promise<void> {
  let [ack, setErrs]: [string[], SetErrors] = [[], {}];
  for (let rounds = 0; rounds < roundsMax; rounds++) {
    const answer = await fetchSets(receiver, tenant, one, { ack, setErrs });
    [ack, setErrs] = [[], {}];
    for (const [jti, set] of Object.entries(answer.sets).slice(0, errorsMax)) {
      const error = await taken(receiver, tenant, one, set);
      if (error === undefined) ack.push(jti);
      else setErrs[jti] = error;
    }
    if (ack.length + Object.keys(setErrs).length === 0) return;
  }
}

/** Undefined where it is taken, now or before: then it is acknowledged. */
async function taken(receiver: Receiver, tenant: TenantId, one: Transmitter, set: unknown) {
  try {
    await receiveSet(receiver, tenant, one, typeof set === 'string' ? set : '');
    return undefined;
  } catch (error) {
    const refusal = asRefusal(error);
    if (refusal.code === 'signal.replayed') return undefined;
    // A fault of our own is no fault of the SET: it is fetched again.
    if (!refusal.code.startsWith('signal.')) throw error;
    return { err: refusalRow(refusal.code).secevent ?? 'invalid_request', description: refusal.says };
  }
}

async function fetchSets(
  { outbound, seal }: Receiver,
  tenant: TenantId,
  one: Transmitter,
  done: { readonly ack: readonly string[]; readonly setErrs: SetErrors },
): Promise<{ readonly sets: Readonly<Record<string, unknown>> }> {
  const headers = [
    ['content-type', 'application/json'],
    ['accept', 'application/json'],
    ...(one.authorization === null ? [] : [['authorization', seal.open(one.authorization, one.id)] as const]),
  ] as const;
  const body = JSON.stringify({ maxEvents: errorsMax, returnImmediately: true, ...done });
  const answer = await post(outbound, { tenant, credential: one.id }, requireEndpoint(one.pollUrl!), headers, body);
  if (answer.kind === 'failed') throw new Error(`${one.name} could not be polled: ${answer.because}`);
  if (answer.status !== 200) throw new Error(`${one.name} answered a poll with ${answer.status}`);
  const { sets } = plainJson(parseJson(answer.text) as JsonValue) as { readonly sets?: unknown };
  if (typeof sets !== 'object' || sets === null || Array.isArray(sets)) throw new Error(`${one.name} answered no sets`);
  return { sets: sets as Readonly<Record<string, unknown>> };
}
