import type { ChannelId } from '@ambit/protocol';
import type { Channel, ChannelSecret, Signing } from './channel.ts';
import { newSecret, type SigningSecret } from './standard-webhooks.ts';

/** Seals secrets of channels. `bound` says whose; a box opens for nothing else. */
export type Seal = {
  readonly seal: (plain: string, bound: string) => string;
  readonly open: (box: string, bound: string) => string;
};

/** A fresh secret: what is kept, and what is shown once. */
export function freshSecret(
  seal: Seal,
  channel: ChannelId,
  signing: Signing,
): { readonly kept: ChannelSecret; readonly made: SigningSecret } {
  const made = newSecret(signing);
  return { kept: { sealed: seal.seal(made.secret, channel), shown: made.shown, until: null }, made };
}

/** The newest, and those whose overlap lasts. */
export const liveSecrets = ({ id, secrets }: Channel, seal: Seal, now: number): string[] =>
  secrets.filter(({ until }) => until === null || now < until).map(({ sealed }) => seal.open(sealed, id));
