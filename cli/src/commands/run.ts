import { workloadKinds } from '@ambit/protocol';
import { answer, type Command, command } from '../command.ts';
import { count, idOf, may, oneOf } from '../kinds.ts';
import { line, table } from '../line.ts';
import { nothing } from '../program.ts';
import { showRun } from '../show/run.ts';
import { showTime } from '../show/times.ts';
import { undoCommand } from './run-undo.ts';

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
  undoCommand,
];
