import { openBox, sealBox } from './foundation/index.ts';
import type { Rooms } from './gateway/index.ts';

/** Texts in boxes that this plane alone opens, each for what it was sealed with. */
export function sealedWith(key: Uint8Array): Rooms['parking'] {
  return {
    seal: (plain, additional) => Buffer.from(sealBox(key, Buffer.from(plain), additional)).toString('base64url'),
    open: (box, additional) => Buffer.from(openBox(key, Buffer.from(box, 'base64url'), additional)).toString('utf8'),
  };
}
