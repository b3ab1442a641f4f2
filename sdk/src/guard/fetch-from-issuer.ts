/** What is fetched from the plane ends: an answer that comes slowly, or is long, is none. */
export type Fetching = { readonly fetch: typeof fetch; readonly secondsMax: number };

/** The text at `url`, not longer than `bytesMax`. Throws an `Error` that says what was wrong; follows no redirect. */
export async function fetchFromIssuer(
  { fetch, secondsMax }: Fetching,
  url: string,
  { accept, bytesMax }: { readonly accept: string; readonly bytesMax: number },
): Promise<{ readonly text: string; readonly ageSeconds: number; readonly type: string }> {
  const signal = AbortSignal.timeout(secondsMax * 1000);
  const response = await fetch(url, { headers: { accept }, redirect: 'error', signal });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}`);
  }
  const bytes = await readAtMost(response.body, bytesMax);
  const age = Number(response.headers.get('age') ?? '0');
  return {
    text: new TextDecoder().decode(bytes),
    // RFC 9111 §5.1: how long a cache on the way has had it.
    ageSeconds: Number.isFinite(age) && age > 0 ? age : 0,
    type: (response.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '',
  };
}

/** All bytes of a stream; throws where it has more than `bytesMax`. */
export async function readAtMost(stream: ReadableStream<Uint8Array>, bytesMax: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stream) {
    length += part.length;
    // Leaving the loop cancels the stream.
    if (length > bytesMax) throw new Error(`there are more than ${bytesMax} bytes`);
    parts.push(part);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
