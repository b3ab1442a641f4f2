/** What an agent process tells of one thing it tried. */
export type Tried = {
  readonly kind: 'tried';
  readonly what: string;
  /** Names the call in the shop's own list of requests (W3C Trace Context). */
  readonly traceparent: string | null;
  readonly status: number | null;
  readonly says: string;
};

export function tell(line: Tried | { readonly kind: string; readonly [name: string]: unknown }): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** A trace parent of its own for every call. */
export function newTrace(): string {
  const hex = (bytes: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
  return `00-${hex(16)}-${hex(8)}-01`;
}
