import { randomFillSync } from 'node:crypto';

const pageBytes = 8192;
const page = Buffer.alloc(pageBytes);
let left = 0;

/**
 * So many random bytes of the system's generator, at most a page. They are drawn a page at a time, since each draw
 * costs as much as a whole page; what was handed out is wiped from the page.
 */
export function randomPart(bytes: number): Buffer {
  if (bytes > pageBytes) throw new Error(`at most ${pageBytes} random bytes at once, not ${bytes}`);
  if (left < bytes) {
    randomFillSync(page);
    left = pageBytes;
  }
  const at = pageBytes - left;
  left -= bytes;
  const part = Buffer.from(page.subarray(at, at + bytes));
  page.fill(0, at, at + bytes);
  return part;
}
