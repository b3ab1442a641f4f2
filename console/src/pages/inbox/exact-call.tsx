import { digestGroups } from '@ambit/protocol';
import type { Approval } from '@ambit/sdk/operator';
import { ExactFold, ExactLine, type Fold } from '../../kit/exact-fold.tsx';
import { Foreign } from '../../kit/foreign.tsx';

type ExactCallProps = Fold & { readonly approval: Approval };

/** The call as it will be sent, and what a yes signs. */
export function ExactCall({ approval, ...fold }: ExactCallProps) {
  const { call, values, headers } = approval.card;
  const groups = digestGroups(approval.digest);
  const gist = (
    <>
      <span className="code min-w-0 flex-1 text-text-2 wrap-anywhere max-sm:order-1 max-sm:basis-full max-sm:pl-6">
        {call.method} <Foreign inline text={pathOf(call.url)} />
      </span>
      <span className="code ml-auto text-text-2">
        {groups.slice(0, 2).join(' ')} … {groups.at(-1)}
      </span>
    </>
  );
  return (
    <ExactFold title="The exact call" gist={gist} {...fold}>
      <ExactLine name={call.method}>
        <Foreign inline text={call.url} />
      </ExactLine>
      <ExactLine name="action">
        <Foreign inline text={call.action} />
      </ExactLine>
      {[...values, ...headers].map(({ name, value }) => (
        <ExactLine key={name} name={name}>
          <Foreign inline text={value.value} />
        </ExactLine>
      ))}
      <ExactLine name="call">sha-256 {digestGroups(call.digest).join(' ')}</ExactLine>
      <ExactLine name="you sign">sha-256 {groups.join(' ')}</ExactLine>
    </ExactFold>
  );
}

const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : url);
