import type { GivenArguments } from './call-arguments.ts';

/** A request as far as it is judged; each framework makes one of its own. */
export type Incoming = {
  readonly method: string;
  /** Path and query as they came, beginning with a slash; the origin is that of the resource. */
  readonly url: string;
  /** All values of `Authorization`, of which there must be one. */
  readonly authorization: readonly string[];
  /** All values of `DPoP`. */
  readonly proofs: readonly string[];
  /** The certificate by which the caller proved itself in TLS, as DER, where this very connection had one. */
  readonly certificate: Uint8Array | undefined;
  /** Read only where a grant of the action looks at arguments. */
  readonly given: () => Promise<GivenArguments>;
};

/** The values of one header, each as it came: Node itself would join or drop all but the first. */
export function headerValues(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
}

/** The certificate of the other end of a socket of Node; undefined where it is no TLS or none was shown. */
export function certificateOf(socket: unknown): Uint8Array | undefined {
  if (typeof socket !== 'object' || socket === null || !('getPeerCertificate' in socket)) return undefined;
  const { getPeerCertificate } = socket;
  if (typeof getPeerCertificate !== 'function') return undefined;
  const shown: unknown = getPeerCertificate.call(socket);
  if (typeof shown !== 'object' || shown === null || !('raw' in shown)) return undefined;
  return shown.raw instanceof Uint8Array ? shown.raw : undefined;
}
