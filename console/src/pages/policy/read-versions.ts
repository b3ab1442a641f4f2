/** `3` is a version, `2..3` what lies between two. Anything else is none. */
export function readVersions(text: string): { readonly from: number | null; readonly to: number } | null {
  const found = /^(?:(\d{1,9})\.\.)?(\d{1,9})$/.exec(text);
  if (found === null) return null;
  return { from: found[1] === undefined ? null : Number(found[1]), to: Number(found[2]) };
}
