import { type EntryDraft, entry, type Ground, planeItself } from '../../foundation/index.ts';
import type { Channel } from './channel.ts';

/** What the plane itself says of a channel. */
export const toldOfChannel = (
  ground: Ground,
  { id, kind: of, name }: Channel,
  kind: `channel.${string}`,
  detail: object,
): EntryDraft =>
  entry({
    id: ground.newId('entry'),
    kind,
    who: { ...planeItself, channel: 'channels' },
    keys: [`ambit:channel/${id}`],
    detail: { channel: id, kind: of, name, ...detail },
  });
