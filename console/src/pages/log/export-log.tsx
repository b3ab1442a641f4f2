import type { ExportLine } from '@ambit/protocol';
import { FileDown } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { saveFile } from '../../kit/save-file.ts';
import { sayError } from '../../kit/states.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { csvHead, csvOf } from './csv-of.ts';

type As = 'jsonl' | 'csv';

/** The whole log as a file that anybody can verify without Ambit, or as a table. That it was taken is an entry itself. */
export function ExportLog({ mayExport }: { readonly mayExport: boolean }) {
  const { operator } = usePlane();
  const [lines, setLines] = useState<number | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const save = async (as: As) => {
    setFault(null);
    setLines(0);
    try {
      const taken = as === 'csv' ? [csvHead] : [];
      for await (const line of await operator.log.export({ details: true, rows: as === 'jsonl' })) {
        taken.push(as === 'csv' ? (csvOf(JSON.parse(line) as ExportLine) ?? '') : `${line}\n`);
        if (taken.length % 500 === 0) setLines(taken.length);
      }
      saveFile(`ambit-log.${as}`, as === 'csv' ? 'text/csv' : 'application/jsonl', taken);
    } catch (error) {
      // Half of an export would look like a log that was cut: nothing is saved.
      setFault(`Nothing was saved. ${sayError(error).says}`);
    }
    setLines(null);
  };
  const offBy = mayExport ? null : 'why-no-export';
  return (
    <div className="grid justify-items-end gap-1 max-sm:justify-items-start">
      <div className="flex flex-wrap gap-2">
        <Button
          offBy={offBy}
          disabled={lines !== null}
          aria-describedby="why-no-export"
          onClick={() => void save('jsonl')}
        >
          <FileDown aria-hidden="true" className="size-4" />
          {lines === null ? 'Export the log' : `${lines.toLocaleString()} lines so far…`}
        </Button>
        <Button
          offBy={offBy}
          disabled={lines !== null}
          aria-describedby="why-no-export"
          onClick={() => void save('csv')}
        >
          As a table (CSV)
        </Button>
      </div>
      <p id="why-no-export" role={fault === null ? undefined : 'alert'} className="text-caption text-text-2">
        {fault ??
          (mayExport
            ? 'Check the log with ambit audit verify. A table is for reading: it proves nothing.'
            : 'For a person with the role auditor.')}
      </p>
    </div>
  );
}
