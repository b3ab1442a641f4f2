import type { PolicyProblem } from '@ambit/sdk/operator';
import { answer, type Command, command } from '../command.ts';
import { readText } from '../files.ts';
import { count, file, may, words } from '../kinds.ts';
import { line, quote, quoteLines, table } from '../line.ts';
import { nothing } from '../program.ts';
import { showTime } from '../show/times.ts';

export const policyCommands: readonly Command[] = [
  command({
    name: 'policy list',
    says: 'Lists versions of the organisation’s rules, newest first.',
    example: 'ambit policy list',
    async run({ operator }) {
      const policies = await (await operator()).policies.list();
      const rows = policies.map((one) => [one.number, showTime(one.publishedAt), one.publishedBy, quote(one.note)]);
      return answer(policies, ...(rows.length === 0 ? [nothing] : table(['version', 'published', 'by', 'note'], rows)));
    },
  }),
  command({
    name: 'policy show',
    says: 'Shows one version with its text (Cedar).',
    example: 'ambit policy show 3',
    args: { number: count },
    async run({ operator, args }) {
      const policy = await (await operator()).policies.show(args.number);
      const head = line`version ${policy.number}, by ${policy.publishedBy}, ${showTime(policy.publishedAt)}, ${policy.digest}`;
      return answer(policy, head, ...quoteLines(policy.text));
    },
  }),
  command({
    name: 'policy check',
    says: 'Checks rules against the catalog without publishing them.',
    example: 'ambit policy check rules.cedar',
    args: { file },
    async run({ world, operator, args }) {
      const text = await readText(world, args.file);
      const checked = await (await operator()).policies.check(text);
      return answer(
        checked,
        line`${checked.policies.length} rules can be published.`,
        ...checked.warnings.map(showProblem),
      );
    },
  }),
  command({
    name: 'policy publish',
    says: 'Publishes rules; they count from the next decision on.',
    example: 'ambit policy publish rules.cedar --note "refunds over 500 ask two"',
    args: { file },
    flags: { note: may(words, 'what changed; it is kept with the version') },
    async run({ world, operator, args, flags }) {
      const text = await readText(world, args.file);
      const published = await (await operator()).policies.publish(text, flags.note);
      return answer(published, line`Version ${published.number} is in force, ${published.digest}.`);
    },
  }),
];

export const showProblem = ({ policy, line: at, says }: PolicyProblem) =>
  line`warning  ${policy ?? 'the whole text'}${at === null ? '' : `, line ${at}`}: ${says}`;
