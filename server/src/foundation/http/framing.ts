import type { IncomingMessage } from 'node:http';

const headersMax = 200;
const chunked = /^chunked$/i;
// RFC 3986 §3.2.2 and §3.2.3, without a user.
const hostText = /^[A-Za-z0-9._~!$&'()*+,;=%:[\]-]*$/;
const digits = /^(0|[1-9]\d{0,15})$/;

/**
 * What makes two readers of one connection disagree on where this request ends, or for whom it is; null where nothing
 * does. THREATS: smuggled-request. Node's parser refuses most of it; what it tolerates, a proxy in front of this plane
 * may read in another way.
 */
export function framingDoubt(request: Pick<IncomingMessage, 'httpVersion' | 'rawHeaders'>): string | null {
  const { httpVersion } = request;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return `it calls itself HTTP/${httpVersion}`;
  if (request.rawHeaders.length > 2 * headersMax) return `it has more than ${headersMax} headers`;
  const lengths = valuesOf(request, 'content-length');
  const codings = valuesOf(request, 'transfer-encoding');
  // RFC 9112 §6.1 and §6.3.
  if (codings.length > 0 && httpVersion === '1.0') return 'HTTP/1.0 has no transfer codings';
  if (codings.length > 0 && lengths.length > 0) return 'it gives its length in two ways';
  if (codings.length > 1 || codings.some((coding) => !chunked.test(coding)))
    return 'its transfer coding is not exactly "chunked"';
  if (lengths.length > 1 || lengths.some((length) => !digits.test(length))) return 'its length is not one number';
  // RFC 9112 §3.2.
  const hosts = valuesOf(request, 'host');
  if (hosts.length > 1 || (hosts.length === 0 && httpVersion === '1.1')) return 'it does not name exactly one host';
  if (hosts.some((host) => !hostText.test(host))) return 'its host is no host';
  // RFC 9110 §10.1.1: nothing else may be expected.
  const expected = valuesOf(request, 'expect').find((value) => value.toLowerCase() !== '100-continue');
  return expected === undefined ? null : `it expects ${JSON.stringify(expected.slice(0, 60))}`;
}

function valuesOf({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>, wanted: string): string[] {
  return rawHeaders.filter((_value, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === wanted);
}
