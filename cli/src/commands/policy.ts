import type { PolicyProblem, RuleChanges } from '@ambit/sdk/operator';
import { answer, type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { readText } from '../files.ts';
import { count, file, may, whether, words } from '../kinds.ts';
import { line, quote, quoteLines, table } from '../line.ts';
import { nothing } from '../program.ts';
import { showTime } from '../show/times.ts';
import { askPerson, isInteractive, type World } from '../world.ts';

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
        ...showChanges(checked.changes),
        ...checked.warnings.map(showProblem),
      );
    },
  }),
  command({
    name: 'policy publish',
    says: 'Publishes rules, in place of all that are in force; says which are new, changed or gone. Rules that go want a yes.',
    example: 'ambit policy publish rules.cedar --note "refunds over 500 ask two"',
    args: { file },
    flags: {
      note: may(words, 'what changed; it is kept with the version'),
      yes: whether('rules in force that the file does not hold shall go'),
    },
    async run({ world, operator, args, flags }) {
      const text = await readText(world, args.file);
      const { policies } = await operator();
      const { changes } = await policies.check(text);
      if (!flags.yes) await requireYes(world, changes);
      const published = await policies.publish(text, flags.note);
      return answer(
        { ...published, changes },
        line`Version ${published.number} is in force, ${published.digest}.`,
        ...showChanges(changes),
      );
    },
  }),
];

function showChanges(changes: RuleChanges | null) {
  if (changes === null) return [line`The rules in force do not fit the catalog any more: nobody can say what changes.`];
  const { added, changed, removed } = changes;
  if (added.length + changed.length + removed.length === 0) return [line`No rule in force changes.`];
  return [
    ...added.map((id) => line`new      ${id}`),
    ...changed.map((id) => line`changed  ${id}`),
    ...removed.map((id) => line`gone     ${id}`),
  ];
}

/** A file that holds one new rule replaces all the others: whoever meant to add it would open what they closed. */
async function requireYes(world: World, changes: RuleChanges | null): Promise<void> {
  if (changes !== null && changes.removed.length === 0) return;
  const what =
    changes === null
      ? 'What this changes cannot be compared with the rules in force.'
      : `These rules in force are not in the file, and would go: ${changes.removed.join(', ')}.`;
  if (!isInteractive(world))
    throw new CliFault(
      'usage',
      what,
      'Put them into the file (ambit policy show), or add --yes. Nothing was published',
    );
  const typed = await askPerson(world, `${what} Type yes to publish all the same: `);
  if (typed !== 'yes') throw new CliFault('usage', what, 'Nothing was published');
}

export const showProblem = ({ policy, line: at, says }: PolicyProblem) =>
  line`warning  ${policy ?? 'the whole text'}${at === null ? '' : `, line ${at}`}: ${says}`;
