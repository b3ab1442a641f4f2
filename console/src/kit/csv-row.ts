/** What a spreadsheet would take for the beginning of a formula (OWASP, CSV injection). */
const beginsFormula = /^[=+\-@\t\r\n＝＋－＠]/;
const needsQuotes = /[",\r\n]/;

/**
 * One row of a table as RFC 4180 writes it, its end included. A cell that a spreadsheet would run has `'` before it: who opens
 * the table sees the text, and nothing in it is done.
 */
export function csvRow(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(text: string): string {
  const guarded = beginsFormula.test(text) ? `'${text}` : text;
  return needsQuotes.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
