import type { Limit } from '@ambit/protocol';
import { answer, type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { count, decimal, duration, many, may, need, oneOf, words } from '../kinds.ts';
import { line, table } from '../line.ts';
import { nothing } from '../program.ts';
import { showLimit } from '../show/authority.ts';

export const limitCommands: readonly Command[] = [
  command({
    name: 'limit set',
    says: 'Sets a limit over a window, whatever number of tasks it is used up in.',
    example:
      'ambit limit set refunds-a-day --subject agent --sum 1000.00 --currency USD --in 1d --action shop:refunds.create --reason "daily cap"',
    args: { name: words },
    flags: {
      subject: need(oneOf('tenant', 'agent', 'requester', 'action', 'purpose'), 'what it is counted for'),
      whom: may(words, 'only this one; each of them with a counter of its own unless given'),
      action: many(words, 'an action that counts; all unless given'),
      calls: may(count, 'at most so many calls'),
      sum: may(decimal, 'at most so much money'),
      currency: may(words, 'of which currency'),
      cost: may(decimal, 'at most so many cost units'),
      in: need(duration, 'in any window of this length'),
      reason: need(words, 'what a refused caller is told'),
    },
    async run({ operator, args, flags: { subject, whom, action, reason, in: seconds, ...bounds } }) {
      const bound = boundOf(bounds);
      const set = await (await operator()).limits.set({
        name: args.name,
        subject,
        reason,
        limit: { ...bound, seconds },
        ...(whom !== undefined && { whom }),
        ...(action.length > 0 && { actions: action }),
      });
      return answer(
        set,
        line`${set.name}: at most ${showLimit(set.limit)} for ${set.subject} ${set.whom ?? '(each)'}.`,
      );
    },
  }),
  command({
    name: 'limit list',
    says: 'Lists limits over windows.',
    example: 'ambit limit list',
    async run({ operator }) {
      const limits = await (await operator()).limits.list();
      const rows = limits.map((one) => [
        one.name,
        one.subject,
        one.whom ?? 'each',
        showLimit(one.limit),
        one.actions?.join(' ') ?? 'all',
      ]);
      return answer(
        limits,
        ...(rows.length === 0 ? [nothing] : table(['name', 'for', 'whom', 'at most', 'actions'], rows)),
      );
    },
  }),
  command({
    name: 'limit remove',
    says: 'Removes a limit.',
    example: 'ambit limit remove refunds-a-day',
    args: { name: words },
    async run({ operator, args: { name } }) {
      await (await operator()).limits.remove(name);
      return answer({ name, state: 'removed' }, line`${name} is removed.`);
    },
  }),
];

type Bounds = {
  readonly calls: number | undefined;
  readonly sum: string | undefined;
  readonly currency: string | undefined;
  readonly cost: string | undefined;
};

function boundOf({ calls, sum, currency, cost }: Bounds): Limit {
  const given = [calls, sum, cost].filter((one) => one !== undefined);
  if (given.length === 1 && (sum === undefined) === (currency === undefined)) {
    if (calls !== undefined) return { calls };
    if (cost !== undefined) return { cost };
    if (sum !== undefined && currency !== undefined) return { sum: { max: sum, currency } };
  }
  const sentence = 'A limit is one of --calls, --cost, or --sum with --currency.';
  throw new CliFault('usage', sentence, 'See the example: ambit limit set --help');
}
