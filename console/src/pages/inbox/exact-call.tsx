import type { Approval } from '@ambit/sdk/operator';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { Collapsible } from 'radix-ui';
import { Foreign } from '../../kit/foreign.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import { useShortcut } from '../../kit/keys.ts';
import { readDigest } from '../../kit/read-digest.ts';

type ExactCallProps = { readonly approval: Approval; readonly isOpen: boolean; readonly onToggle: () => void };

/** The call as it will be sent, and what a yes signs. */
export function ExactCall({ approval, isOpen, onToggle }: ExactCallProps) {
  const { call, values, headers } = approval.card;
  const { groups } = readDigest(approval.digest);
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <Collapsible.Root open={isOpen} onOpenChange={onToggle} className="border-line border-y">
      <Collapsible.Trigger
        aria-keyshortcuts={useShortcut('e')}
        className="flex min-h-9 w-full flex-wrap items-center gap-x-2 py-1.5 text-left text-interface hover:bg-hover"
      >
        <Chevron aria-hidden="true" className="size-4 shrink-0" />
        <span className="font-medium">The exact call</span>
        <span className="code min-w-0 flex-1 text-text-2 wrap-anywhere max-sm:order-1 max-sm:basis-full max-sm:pl-6">
          {call.method} <Foreign inline text={pathOf(call.url)} />
        </span>
        <span className="code ml-auto text-text-2">
          {groups.slice(0, 2).join(' ')} … {groups.at(-1)}
        </span>
        <KeyCap keys="e" />
      </Collapsible.Trigger>
      <Collapsible.Content className="pb-3">
        <dl className="code m-0 grid grid-cols-[auto_1fr] gap-x-4 rounded-control bg-sunken px-4 py-3 wrap-anywhere max-sm:grid-cols-1">
          <Line name={call.method}>
            <Foreign inline text={call.url} />
          </Line>
          <Line name="action">
            <Foreign inline text={call.action} />
          </Line>
          {[...values, ...headers].map(({ name, value }) => (
            <Line key={name} name={name}>
              <Foreign inline text={value.value} />
            </Line>
          ))}
          <Line name="call">sha-256 {readDigest(call.digest).groups.join(' ')}</Line>
          <Line name="you sign">sha-256 {groups.join(' ')}</Line>
        </dl>
      </Collapsible.Content>
    </Collapsible.Root>
  );
}

const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : url);

function Line({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-text-2">
        <Foreign inline text={name} />
      </dt>
      <dd className="m-0 min-w-0 max-sm:mb-1.5">{children}</dd>
    </div>
  );
}
