import { Writable } from 'node:stream';
import type { Header } from '../foundation/outbound/index.ts';
import type { Reply } from './http-reply.ts';

export type Collected = {
  readonly status: number | null;
  readonly contentType: string | null;
  readonly bytes: Uint8Array;
  readonly truncated: boolean;
};

/** A reply that keeps the answer, up to a bound, for whoever asks for it later. */
export function collector(bytesMax: number): { readonly reply: Reply; collected(): Collected } {
  const chunks: Buffer[] = [];
  let kept = 0;
  let truncated = false;
  let status: number | null = null;
  let contentType: string | null = null;
  const body = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const part = chunk.subarray(0, Math.max(0, bytesMax - kept));
      chunks.push(Buffer.from(part));
      kept += part.length;
      truncated ||= part.length < chunk.length;
      done();
    },
  });
  body.on('error', () => {
    truncated = true;
  });
  return {
    reply: {
      head(given: number, headers: readonly Header[]) {
        status = given;
        contentType = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? null;
      },
      body,
    },
    collected: () => ({ status, contentType, bytes: Buffer.concat(chunks), truncated }),
  };
}
