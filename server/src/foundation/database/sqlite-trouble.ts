/** What helps, by the result code of SQLite (https://sqlite.org/rescode.html): the first that fits. */
const help: readonly (readonly [code: RegExp, says: string])[] = [
  [/^SQLITE_FULL/, 'the disk is full: make room on it'],
  [
    /^SQLITE_(READONLY|CANTOPEN|PERM)/,
    'it cannot be written: give this user the right to, on a disk that is mounted for writing',
  ],
  [/^SQLITE_(BUSY|LOCKED)/, 'another program holds it: end that program'],
  [
    /^SQLITE_(CORRUPT|NOTADB|FORMAT|SCHEMA)/,
    'it is damaged: keep a copy of the folder as it is, and bring back your backup',
  ],
  [/^SQLITE_IOERR/, 'the disk failed, or is full: look at it'],
];

/** What failed about the store in that folder, and what the operator can do; undefined where SQLite did not say so. */
export function sqliteTrouble(error: unknown, directory: string): string | undefined {
  const code = String((error as { code?: unknown }).code);
  const says = help.find(([known]) => known.test(code))?.[1];
  const message = error instanceof Error ? error.message : String(error);
  return says === undefined ? undefined : `the store in ${directory} (${code}: ${message}): ${says}`;
}
