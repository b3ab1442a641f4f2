import type { ExportLine } from '@ambit/protocol';
import { csvRow } from '../../kit/csv-row.ts';

type EntryLine = Extract<ExportLine, { readonly type: 'entry' }>;

/** What the table tells of an entry, column by column. What an entry does not say is empty. */
const columns: Readonly<Record<string, (line: EntryLine) => string | null>> = {
  index: ({ index }) => String(index),
  at: ({ header }) => new Date(header.at).toISOString(),
  entry: ({ header }) => header.id,
  kind: ({ header }) => header.kind,
  decision: ({ header }) => header.decision,
  code: ({ header }) => header.code,
  initiator: ({ header }) => header.who.initiator,
  requester: ({ header }) => header.who.requester,
  agent: ({ header }) => header.who.agent,
  task: ({ header }) => header.task,
  run: ({ header }) => header.run,
  about: ({ header }) => header.about,
  action: ({ header }) => header.action,
  resources: ({ header }) => header.keys.join(' '),
  detail: ({ detail }) => (typeof detail === 'string' ? detail : JSON.stringify(detail.detail)),
};

export const csvHead = csvRow(Object.keys(columns));

/** A line of an export as a row for a spreadsheet; null for what is no entry. A table proves nothing: the export does. */
export function csvOf(line: ExportLine): string | null {
  return line.type === 'entry' ? csvRow(Object.values(columns).map((of) => of(line) ?? '')) : null;
}
