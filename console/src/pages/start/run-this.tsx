import { useState } from 'react';
import { TabBar } from '../../kit/tab-bar.tsx';
import { CodeBlock } from './code-block.tsx';
import { asCommand } from './snippets.ts';

/** Code of an agent, as a file or as a command. */
export function RunThis({ file, code }: { readonly file: string; readonly code: string }) {
  const [as, setAs] = useState<'typescript' | 'terminal'>('typescript');
  return (
    <div className="grid min-w-0 gap-2.5">
      <TabBar
        label="How to run it"
        value={as}
        onChange={setAs}
        tabs={[
          { value: 'typescript', says: 'TypeScript' },
          { value: 'terminal', says: 'Terminal' },
        ]}
      />
      <CodeBlock
        label={`${file}, to be run where the agent runs`}
        code={as === 'terminal' ? asCommand(file, code) : code}
      />
    </div>
  );
}
