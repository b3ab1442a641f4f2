import { type Ground, type Outbound, type Posted, post, readEndpoint, refuse } from '../../foundation/index.ts';
import type { Channel, ChannelKind, Delivery, Outcome } from './channel.ts';
import { liveSecrets, type Seal } from './secrets.ts';
import { headersOf } from './standard-webhooks.ts';

export type WebhookParts = {
  readonly ground: Ground;
  readonly outbound: Outbound;
  readonly seal: Seal;
  /** Origin of the people's listener. */
  readonly people: () => string;
  /** Origins that may be posted to without TLS, besides those on loopback. */
  readonly plainHttpAllowed: readonly string[];
};

/** Posts each notice to one endpoint, as Standard Webhooks has it. */
export function webhookKind(parts: WebhookParts): ChannelKind {
  return {
    isPersonal: false,
    begin({ url = '', signing = 'hmac' }) {
      requireEndpoint(url, parts.plainHttpAllowed);
      return { url, signing };
    },
    receivers: async () => [null],
    parcels: async (tenant, _channel, waiting) =>
      waiting.map((delivery) => ({
        deliveries: [delivery],
        send: (channel) => send(parts, tenant, channel, delivery),
      })),
  };
}

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

function requireEndpoint(url: string, plainHttpAllowed: readonly string[]): void {
  const read = readEndpoint(url);
  if (typeof read === 'string') throw refuse('channel.endpoint_invalid', read);
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || loopback.has(hostname) || plainHttpAllowed.includes(read.origin)) return;
  throw refuse('channel.endpoint_invalid', `${read.origin} is plain HTTP, and no setting allows that`);
}

async function send(parts: WebhookParts, tenant: string, channel: Channel, delivery: Delivery): Promise<Outcome> {
  const { ground, outbound, seal, people } = parts;
  const endpoint = readEndpoint(channel.url ?? '');
  if (typeof endpoint === 'string') return { kind: 'gone', said: endpoint };
  const now = ground.clock();
  const payload = payloadOf(tenant, channel, delivery, people());
  const message = { id: delivery.id, timestamp: Math.floor(now / 1000), payload };
  const headers = [
    ['content-type', 'application/json'],
    ['user-agent', 'ambit'],
    ...headersOf(message, liveSecrets(channel, seal, now)),
  ] as const;
  const answer = await post(outbound, { tenant, credential: channel.id }, endpoint, headers, payload);
  return outcomeOf(answer, delivery.attempts + 1 >= refusalsMax);
}

/** The same at every attempt: what differs stands in the headers. */
function payloadOf(tenant: string, { id: channel }: Channel, { notice }: Delivery, people: string): string {
  const { type, at, expiresAt, approval, answer, answeredBy, ...rest } = notice;
  const data = {
    tenant,
    channel,
    ...(approval !== null && {
      approval,
      ...rest,
      expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      link: `${people}/inbox/${approval}`,
    }),
    ...(answer !== null && { answer, answeredBy }),
  };
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
}

/** About this message itself. It may be a fault that is mended there, so it is tried some times; then the next one follows. */
const notTaken: ReadonlySet<number> = new Set([400, 413, 415, 422]);
const refusalsMax = 3;

function outcomeOf(answer: Posted, isLast: boolean): Outcome {
  if (answer.kind === 'failed') return { kind: answer.forbidden ? 'gone' : 'later', said: answer.because };
  const said = `it answered ${answer.status}`;
  if (answer.status >= 200 && answer.status < 300) return { kind: 'delivered', said };
  // Standard Webhooks: 410 says that nothing shall come any more.
  if (answer.status === 410) return { kind: 'gone', said };
  const { status, retryAfterSeconds } = answer;
  return isLast && notTaken.has(status) ? { kind: 'refused', said } : { kind: 'later', said, retryAfterSeconds };
}
