import type { ActingTask, Ending } from '@ambit/sdk/operator';
import { Fragment } from 'react';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { counted } from '../../kit/say-ending.ts';
import { Time } from '../../kit/when.tsx';

type EndActingProps = {
  readonly task: ActingTask;
  readonly under: readonly ActingTask[];
  readonly isStillThere: boolean;
  readonly onClose: () => void;
  readonly onEnded: (what: Ending) => void;
};

/** Lists what ends before it asks. */
export function EndActing({ task, under, isStillThere, onClose, onEnded }: EndActingProps) {
  const all = [task, ...under];
  const questions = all.reduce((sum, one) => sum + one.questions, 0);
  const elevations = all.reduce((sum, one) => sum + one.elevations, 0);
  const remembered = all.reduce((sum, one) => sum + one.remembered, 0);
  return (
    <EndConfirm
      title={
        <>
          End what <Foreign inline text={task.agentName ?? task.agent} /> does for you?
        </>
      }
      ends={[
        ...all.map((one) => (
          <Fragment key={one.task}>
            the task of <Foreign inline text={one.agentName ?? one.agent} />, which would end by itself at{' '}
            <Time at={one.expiresAt} />
            <span className="code block text-text-2">{one.task}</span>
          </Fragment>
        )),
        `every token that was issued for ${under.length === 0 ? 'it' : 'them'}`,
        ...(questions > 0 ? [`${counted(questions, 'question')}: nothing that was asked is sent`] : []),
        ...(elevations > 0 ? [counted(elevations, 'elevation')] : []),
        ...(remembered > 0 ? [counted(remembered, 'remembered yes', 'remembered yeses')] : []),
      ]}
      confirm="End it now"
      reason={{ usual: 'The person it acted for ended it.' }}
      foot="It can’t be opened again."
      isOver={!isStillThere}
      onClose={onClose}
      run={async ({ operator }, reason) => onEnded(await operator.tasks.revoke(task.task, reason))}
    >
      <p className="text-text-2">These end at once, and no call of theirs is sent any more:</p>
    </EndConfirm>
  );
}
