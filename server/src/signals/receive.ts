import { parseId, type TenantId } from '@ambit/protocol';
import { entry, planeItself, type RawRequest, Refusal, refuse, span } from '../foundation/index.ts';
import { readJws, tenantOfSubject } from '../identity/index.ts';
import { applySignal } from './apply-signal.ts';
import { setMediaType } from './names.ts';
import type { PublishedKeys } from './published-keys.ts';
import type { Receiving } from './receiving.ts';
import { addReceived, findMapped, findTransmitter } from './store.ts';
import type { Received, Transmitter } from './stream.ts';
import { type VerifiedSet, verifySet } from './verify-set.ts';

export type Receiver = Receiving & { readonly keys: PublishedKeys };

/**
 * RFC 8935 §2: takes a SET from whoever brings it to the address of a registered transmitter. What does not verify is
 * refused with the error code of §2.4; who brings it is a stranger, and is counted like one.
 */
export function receivePushed(receiver: Receiver, id: string | undefined, raw: RawRequest): Promise<void> {
  return span('signals/receive', async () => {
    const type = (raw.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
    if (type !== setMediaType) throw refuse('signal.set_invalid', `the body is ${type}`, `Send ${setMediaType}.`);
    const named = parseId('transmitter', id);
    const tenant = named && (await tenantOfSubject(receiver.ground, named));
    const transmitter = named && tenant && (await findTransmitter(receiver.ground, tenant, named));
    if (!tenant || transmitter?.state !== 'active')
      throw refuse('signal.transmitter_unknown', `no active transmitter ${id?.slice(0, 40)}`);
    await receiveSet(receiver, tenant, transmitter, Buffer.from(raw.body).toString('latin1'));
  });
}

/** One SET, however it came. It is durable before it takes effect, so that a crash in between loses nothing. */
export async function receiveSet(
  receiver: Receiver,
  tenant: TenantId,
  transmitter: Transmitter,
  text: string,
): Promise<void> {
  const { ground } = receiver;
  const now = ground.clock();
  const { header } = readJws(text, 'signal.set_invalid');
  const kid = typeof header.kid === 'string' ? header.kid : undefined;
  const set = await verifySet(text, transmitter, await receiver.keys(tenant, transmitter, { kid, now }), now);
  const received = await believed(receiver, tenant, transmitter, set);
  await applySignal(receiver, tenant, transmitter, received);
}

async function believed(
  { ground }: Receiver,
  tenant: TenantId,
  transmitter: Transmitter,
  { jti, type, subject, issuedAt }: VerifiedSet,
): Promise<Received> {
  const rule = subject && (await findMapped(ground, tenant, { transmitter: transmitter.id, ...subject }));
  const person = rule?.person ?? null;
  const one: Received = { transmitter: transmitter.id, jti, type, person, state: 'received', at: ground.clock() };
  const told = (kind: `signal.${string}`, detail: object) =>
    entry({
      id: ground.newId('entry'),
      kind,
      who: { ...planeItself, initiator: transmitter.id, channel: 'signals', proof: 'signature' },
      ...(person !== null && { keys: [`ambit:person/${person}`] }),
      detail: { transmitter: transmitter.id, jti, type, subject, person, issuedAt, ...detail },
    });
  try {
    await ground.database.commit({ tenant, changes: [addReceived(one)], entries: [told('signal.received', {})] });
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'signal.replayed') throw error;
    // It is signed: whose it is, is known, and it is told where they look.
    const refused = told('signal.refused', { code: error.code });
    await ground.database.commit({ tenant, entries: [refused] });
    throw refuse('signal.replayed', error.because, undefined, { 'ambit-entry': refused.id });
  }
  return one;
}
