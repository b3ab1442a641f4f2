import { answer, type Command, command } from '../command.ts';
import { readText } from '../files.ts';
import { file, may, need, told, words } from '../kinds.ts';
import { line, quoteLines, table } from '../line.ts';
import { showTime } from '../show/times.ts';
import type { World } from '../world.ts';
import { showProblem } from './policy.ts';

const parts = {
  schema: need(file, 'file with its schema (Cedar); what points may tell is marked @told'),
  rules: need(file, 'file with its rules (Cedar)'),
  entities: need(file, 'file with its directory: Cedar’s JSON list of entities'),
};

export const domainCommands: readonly Command[] = [
  command({
    name: 'domain show',
    says: 'Shows the newest version of a domain: its schema and rules, and the versions before it.',
    example: 'ambit domain show todo',
    args: { name: told(words, 'the name of the domain') },
    async run({ operator, args }) {
      const domain = await (await operator()).domains.show(args.name);
      const rows = domain.older.map((one) => [one.number, showTime(one.publishedAt), one.publishedBy]);
      return answer(
        domain,
        line`version ${domain.number}, by ${domain.publishedBy}, ${showTime(domain.publishedAt)}, ${domain.digest}`,
        ...quoteLines(domain.schema),
        ...quoteLines(domain.rules),
        ...(rows.length === 0 ? [] : table(['version', 'published', 'by'], rows)),
      );
    },
  }),
  command({
    name: 'domain check',
    says: 'Checks a domain without publishing it.',
    example: 'ambit domain check todo --schema todo.cedarschema --rules todo.cedar --entities todo.json',
    args: { name: told(words, 'the name of the domain') },
    flags: parts,
    async run({ world, operator, args, flags }) {
      const checked = await (await operator()).domains.check(args.name, await draftOf(world, flags));
      return answer(
        checked,
        line`${checked.policies.length} rules can be published.`,
        ...table(['type', 'in the directory'], Object.entries(checked.directory)),
        ...checked.warnings.map(showProblem),
      );
    },
  }),
  command({
    name: 'domain publish',
    says: 'Publishes a domain, whole; it counts from the next question of its enforcement points on.',
    example: 'ambit domain publish todo --schema todo.cedarschema --rules todo.cedar --entities todo.json',
    args: { name: told(words, 'the name of the domain') },
    flags: { ...parts, note: may(words, 'what changed; it is kept with the version') },
    async run({ world, operator, args, flags }) {
      const { note, ...files } = flags;
      const published = await (await operator()).domains.publish(args.name, await draftOf(world, files), note);
      return answer(published, line`Version ${published.number} of ${args.name} is in force, ${published.digest}.`);
    },
  }),
];

type Files = { readonly schema: string; readonly rules: string; readonly entities: string };

const draftOf = async (world: World, { schema, rules, entities }: Files) => ({
  schema: await readText(world, schema),
  rules: await readText(world, rules),
  entities: await readText(world, entities),
});
