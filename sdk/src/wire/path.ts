/** `at('/v1/tasks/', id, '/revoke')`: every second part is a value and is percent-encoded. */
export function at(...parts: readonly string[]): string {
  return parts.map((part, i) => (i % 2 === 0 ? part : value(part))).join('');
}

/** `/v1/tasks/:task/revoke` with the values in their places, percent-encoded. */
export const filled = (path: string, values: Readonly<Record<string, string>>): string =>
  path.replaceAll(/:(\w+)/g, (_, name: string) => value(values[name] ?? ''));

// Dots alone would be read as a step up or nowhere (RFC 3986 §5.2.4), encoded or not.
function value(part: string): string {
  if (/^\.{0,2}$/.test(part)) throw new TypeError(`${JSON.stringify(part)} cannot stand in a path`);
  return encodeURIComponent(part);
}
