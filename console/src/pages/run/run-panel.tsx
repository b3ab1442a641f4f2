import type { Run, RunLine } from '@ambit/sdk/operator';
import { Tabs } from 'radix-ui';
import { Foreign } from '../../kit/foreign.tsx';
import { ChainPanel } from './chain-panel.tsx';
import { LinePanel } from './line-panel.tsx';
import { TouchedPanel } from './touched-panel.tsx';

export const panels = ['touched', 'line', 'chain', 'raw'] as const;
export type Panel = (typeof panels)[number];

const titles: Readonly<Record<Panel, string>> = { touched: 'Touched', line: 'This line', chain: 'Chain', raw: 'Raw' };

type RunPanelProps = {
  readonly run: Run;
  readonly panel: Panel;
  readonly line: RunLine | undefined;
  readonly onChoose: (panel: Panel) => void;
  readonly onUndo: (line: RunLine) => void;
  readonly onLine: (index: number) => void;
};

/** What there is to know about the run as a whole, and about the line that is chosen. */
export function RunPanel({ run, panel, line, onChoose, onUndo, onLine }: RunPanelProps) {
  return (
    <Tabs.Root
      value={panel}
      onValueChange={(to) => onChoose(to as Panel)}
      activationMode="manual"
      className="flex min-h-0 flex-1 flex-col"
    >
      <Tabs.List aria-label="About this run" className="flex gap-5 border-line border-b px-5">
        {panels.map((one) => (
          <Tabs.Trigger
            key={one}
            value={one}
            disabled={one === 'line' && line === undefined}
            className="-mb-px min-h-12 border-transparent border-b-2 font-medium text-interface text-text-2 disabled:text-text-3 data-[state=active]:border-text data-[state=active]:text-text"
          >
            {titles[one]}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">
        <Tabs.Content value="touched" className="outline-none">
          <TouchedPanel run={run} />
        </Tabs.Content>
        <Tabs.Content value="line" className="outline-none">
          {line !== undefined && <LinePanel line={line} onUndo={onUndo} onLine={onLine} />}
        </Tabs.Content>
        <Tabs.Content value="chain" className="outline-none">
          <ChainPanel run={run} />
        </Tabs.Content>
        <Tabs.Content value="raw" className="outline-none">
          <Foreign by="The run as the API tells it" text={JSON.stringify(run, null, 2)} folds="never" />
        </Tabs.Content>
      </div>
    </Tabs.Root>
  );
}
