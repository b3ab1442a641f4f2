/** `sha-256:9f2c…` as the console spells it, four hexadecimal digits at a time; null for what is spelled otherwise. */
export function spellDigest(digest: string): string | null {
  const [, value] = /^sha-256:([\w-]{43})$/.exec(digest) ?? [];
  if (value === undefined) return null;
  return (Buffer.from(value, 'base64url').toString('hex').match(/.{4}/g) ?? []).join(' ');
}
