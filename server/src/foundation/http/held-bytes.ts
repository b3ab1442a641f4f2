import type { IncomingMessage } from 'node:http';

/** Bytes of request bodies that are being read or worked on, all callers together. */
export type HeldBytes = {
  /** Takes room for so many bytes; answers how to give it back (once counts), or undefined where there is none left. */
  take(bytes: number): (() => void) | undefined;
};

/** What the bodies of all requests to a listener may take, where none of them may be large. */
export const heldBytesMax = 67_108_864;

/** Up to so many bytes there is always room, so that nobody who sends much keeps a short request, e.g. a revocation, out. */
const alwaysRoomFor = 16_384;

export function createHeldBytes(bytesMax: number): HeldBytes {
  let held = 0;
  return {
    take(bytes) {
      if (bytes > alwaysRoomFor && held + bytes > bytesMax) return undefined;
      held += bytes;
      let isHeld = true;
      return () => {
        if (isHeld) held -= bytes;
        isHeld = false;
      };
    },
  };
}

/** The bytes that the request will bring: as many as are allowed where it does not say. RFC 9112 §6.3. */
export function bytesAwaited({ headers }: IncomingMessage, bytesMax: number): number {
  if (headers['transfer-encoding'] !== undefined) return bytesMax;
  return Math.min(Number(headers['content-length'] ?? 0), bytesMax);
}
