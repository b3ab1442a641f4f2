/** What one of several is called, where a plain ending tells: `note` for `notes`, `entry` for `entries`, and `status` for itself. */
export function singular(word: string): string {
  if (/[^aeiou]ies$/.test(word)) return `${word.slice(0, -3)}y`;
  if (/(sh|ch|ss|x)es$/.test(word)) return word.slice(0, -2);
  return /[^suiy]s$/.test(word) ? word.slice(0, -1) : word;
}

/** The unit behind an amount: `1 call`, `2 calls`. A currency is the same behind any. */
export const unitBehind = (amount: string, unit: string): string => (amount === '1' ? singular(unit) : unit);
