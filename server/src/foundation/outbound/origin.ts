/** Scheme, host and port in the one spelling that comparisons use; undefined for anything that is not an http(s) origin. */
export function canonicalOrigin(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '' || url.pathname !== '/') {
    return undefined;
  }
  // A trailing dot names the same host to DNS and another one to string comparison and certificates.
  return url.hostname.endsWith('.') ? undefined : url.origin;
}
