import { workloadKinds } from '@ambit/protocol';
import type { UndoAnswer } from '@ambit/sdk/operator';
import { answer, type Command, command } from '../command.ts';
import { count, idOf, may, oneOf } from '../kinds.ts';
import { type Line, line, table } from '../line.ts';
import { nothing } from '../program.ts';
import { showRun } from '../show/run.ts';
import { showTime } from '../show/times.ts';

export const runCommands: readonly Command[] = [
  command({
    name: 'run list',
    says: 'Lists runs, newest first: yours, and all of them for an auditor.',
    example: 'ambit run list --limit 20',
    flags: {
      before: may(count, 'where the page before said to go on'),
      limit: may(count, '1 to 200; 50 unless given'),
      kind: may(oneOf(...workloadKinds), 'only runs of such workloads'),
    },
    async run({ operator, flags: { before, limit, kind } }) {
      const page = {
        ...(before !== undefined && { before }),
        ...(limit !== undefined && { limit }),
        ...(kind !== undefined && { kind }),
      };
      const { runs, next } = await (await operator()).runs.list(page);
      const rows = runs.map((one) => [one.run, showTime(one.at), one.requester ?? '-', one.kind, one.agent ?? '-']);
      const more =
        next === null
          ? []
          : [line`More: ambit run list --before ${next}${kind === undefined ? '' : ` --kind ${kind}`}`];
      return answer(
        { runs, next },
        ...(rows.length === 0 ? [nothing] : table(['run', 'opened', 'asked by', 'kind', 'agent'], rows)),
        ...more,
      );
    },
  }),
  command({
    name: 'run show',
    says: 'Tells one run as a trace: each call, what was decided and why, who answered, what came back, what came next.',
    example: 'ambit run show tsk_0123456789abcdefghjk',
    args: { task: idOf('task') },
    async run({ operator, args }) {
      const { runs, tasks } = await operator();
      // A delegated task is part of the run that began with its root.
      const { task } = await tasks.show(args.task);
      const run = await runs.show(task.root);
      return answer(run, ...showRun(run));
    },
  }),
  command({
    name: 'run undo',
    says: 'Takes back one call that was done, in your own name and once: decided like any call. Names the entry of its decision.',
    example: 'ambit run undo ent_0123456789abcdefghjk',
    args: { entry: idOf('entry') },
    async run({ operator, args: { entry } }) {
      const undone = await (await operator()).log.undoNow(entry);
      return answer(undone, sayUndone(undone), line`Its run: ambit run show ${undone.run}`);
    },
  }),
];

function sayUndone(undone: UndoAnswer): Line {
  switch (undone.kind) {
    case 'asked':
      return line`A person is asked first: question ${undone.approval}, task ${undone.task}.`;
    case 'denied':
      return line`Denied, and never sent: ${undone.says} [${undone.code}]`;
    default:
      return line`${undone.kind}${undone.status === null ? '' : `, status ${undone.status}`}: ${undone.because}`;
  }
}
