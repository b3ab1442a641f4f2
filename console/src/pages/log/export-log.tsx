import { FileDown } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { saveFile } from '../../kit/save-file.ts';
import { sayError } from '../../kit/states.tsx';
import { usePlane } from '../../plane/session-provider.tsx';

/** The whole log as a file that anybody can verify without Ambit. That it was taken is an entry itself. */
export function ExportLog({ mayExport }: { readonly mayExport: boolean }) {
  const { operator } = usePlane();
  const [lines, setLines] = useState<number | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const save = async () => {
    setFault(null);
    setLines(0);
    try {
      const taken: string[] = [];
      for await (const line of await operator.log.export({ details: true, rows: true })) {
        taken.push(`${line}\n`);
        if (taken.length % 500 === 0) setLines(taken.length);
      }
      saveFile('ambit-log.jsonl', 'application/jsonl', taken);
    } catch (error) {
      // Half of an export would look like a log that was cut: nothing is saved.
      setFault(`Nothing was saved. ${sayError(error).says}`);
    }
    setLines(null);
  };
  return (
    <div className="grid justify-items-end gap-1 max-sm:justify-items-start">
      <Button disabled={!mayExport || lines !== null} aria-describedby="why-no-export" onClick={() => void save()}>
        <FileDown aria-hidden="true" className="size-4" />
        {lines === null ? 'Export the log' : `${lines.toLocaleString()} lines so far…`}
      </Button>
      <p id="why-no-export" role={fault === null ? undefined : 'alert'} className="text-caption text-text-2">
        {fault ?? (mayExport ? 'Check it with ambit audit verify.' : 'For a person with the role auditor.')}
      </p>
    </div>
  );
}
