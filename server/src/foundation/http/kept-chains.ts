/** What is in the cache: the certificates that came along after another one. */
type Chain = readonly { readonly raw: Uint8Array }[];

/**
 * Chains by the certificate that they came along with. Anybody may bring long ones, and many: a chain of more than
 * `chainBytesMax` is not kept, and the oldest go where all of them have more than `bytesMax`.
 */
export function createKeptChains<C extends Chain>(
  { chainBytesMax, bytesMax } = { chainBytesMax: 16_384, bytesMax: 32_000_000 },
) {
  const chains = new Map<string, { readonly chain: C; readonly bytes: number }>();
  let all = 0;

  function drop(name: string): void {
    all -= chains.get(name)?.bytes ?? 0;
    chains.delete(name);
  }

  return {
    get: (name: string): C | undefined => chains.get(name)?.chain,
    put(name: string, chain: C): void {
      // With what is kept about it beside the certificates themselves.
      const bytes = chain.reduce((sum, { raw }) => sum + raw.length, 1000);
      drop(name);
      if (bytes > chainBytesMax) return;
      for (const oldest of chains.keys()) {
        if (all + bytes <= bytesMax) break;
        drop(oldest);
      }
      chains.set(name, { chain, bytes });
      all += bytes;
    },
  };
}
