import type { Limit } from '@ambit/protocol';
import type { AgeLimit } from '@ambit/sdk/operator';
import { answer, type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { count, decimal, duration, many, may, need, oneOf, told, words } from '../kinds.ts';
import { line, table } from '../line.ts';
import { nothing } from '../program.ts';
import { showLimit } from '../show/authority.ts';
import { showSeconds } from '../show/times.ts';

const aging = oneOf('key', 'template-key', 'token', 'task', 'agent', 'unused');

export const limitCommands: readonly Command[] = [
  command({
    name: 'limit set',
    says: 'Sets a limit over a window, whatever number of tasks it is used up in.',
    example:
      'ambit limit set refunds-a-day --subject agent --sum 1000.00 --currency USD --in 1d --action shop:refunds.create --reason "daily cap"',
    args: { name: told(words, 'the name of the limit') },
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
    args: { name: told(words, 'the name of the limit') },
    async run({ operator, args: { name } }) {
      await (await operator()).limits.remove(name);
      return answer({ name, state: 'removed' }, line`${name} is removed.`);
    },
  }),
  command({
    name: 'limit age set',
    says: 'Sets how old keys, tokens, tasks or agents may become; what is older ends at once. Unused agents are suspended.',
    example: 'ambit limit age set key --max 90d --reason "keys are replaced every quarter"',
    args: { of: aging },
    flags: {
      max: need(duration, 'the greatest age; for unused, how long an agent may take no token'),
      reason: need(words, 'why; it is kept in the log'),
    },
    async run({ operator, args: { of }, flags: { max, reason } }) {
      const set = await (await operator()).limits.setAge({ of, secondsMax: max, reason });
      return answer(set, sayAge(set));
    },
  }),
  command({
    name: 'limit age list',
    says: 'Lists how old keys, tokens, tasks and agents may become.',
    example: 'ambit limit age list',
    async run({ operator }) {
      const ages = await (await operator()).limits.ages();
      return answer(ages, ...(ages.length === 0 ? [nothing] : ages.map(sayAge)));
    },
  }),
  command({
    name: 'limit age remove',
    says: 'Removes a greatest age.',
    example: 'ambit limit age remove key',
    args: { of: aging },
    async run({ operator, args: { of } }) {
      await (await operator()).limits.removeAge(of);
      return answer({ of, state: 'removed' }, line`There is no greatest age of ${of} any more.`);
    },
  }),
];

const sayAge = ({ of, secondsMax }: AgeLimit) =>
  of === 'unused'
    ? line`An agent that takes no token for ${showSeconds(secondsMax)} is suspended.`
    : line`A ${of} ends at the latest when it is ${showSeconds(secondsMax)} old.`;

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
