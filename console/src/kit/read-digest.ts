/** `sha-256:9f2c…` in base64url, as people compare it: hexadecimal, four digits at a time. */
export function readDigest(digest: string): { readonly algorithm: string; readonly groups: readonly string[] } {
  const [algorithm = '', value = ''] = digest.split(':');
  const bytes = Uint8Array.from(atob(value.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
  const hexadecimal = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { algorithm, groups: hexadecimal.match(/.{4}/g) ?? [] };
}
