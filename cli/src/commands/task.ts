import type { Authority } from '@ambit/protocol';
import type { Elevation, NewTask, TaskShown, Template } from '@ambit/sdk/operator';
import { answer, type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { readJson } from '../files.ts';
import { duration, file, idOf, many, may, need, oneOf, pair, told, whether, words } from '../kinds.ts';
import { indent, type Line, line, named, paint, quote, table } from '../line.ts';
import { nothing } from '../program.ts';
import { showAuthority } from '../show/authority.ts';
import { showEnding } from '../show/ending.ts';
import { showDistance, showSeconds, showTime } from '../show/times.ts';
import type { World } from '../world.ts';

const task = idOf('task');
const exampleId = 'tsk_0123456789abcdefghjk';

export const taskCommands: readonly Command[] = [
  command({
    name: 'task open',
    says: 'Opens a task for an agent in your own name, with part of what you may delegate.',
    example:
      'ambit task open --agent agt_0123456789abcdefghjk --purpose support --text "settle order 1042" --ttl 1h \\\n' +
      '    --template tpl_0123456789abcdefghjk --parameter order=1042',
    flags: {
      agent: need(idOf('agent'), 'who shall do it'),
      purpose: need(words, 'one of the purpose types: ambit task purposes'),
      text: need(words, 'why, for people'),
      ttl: need(duration, 'how long it lives at most'),
      authority: may(file, 'JSON file: a list of grants'),
      template: may(idOf('template'), 'a template instead'),
      parameter: many(pair, 'a value for the template'),
      delegate: many(idOf('agent'), 'an agent that may take over part of it; any may, where none is named'),
      'no-delegates': whether('nobody may take over any of it'),
    },
    async run({ world, operator, flags: { agent, purpose, text, ttl, delegate, 'no-delegates': none, ...gives } }) {
      const delegates = delegate.length > 0 || none ? { delegates: none ? [] : delegate } : {};
      const about = { agent, purpose: { type: purpose, text }, ttlSeconds: ttl, ...delegates };
      const opened = await (await operator()).tasks.open({ ...about, ...(await givenBy(world, gives)) });
      return answer(opened, ...showTask(opened), ...endsEarly(opened, ttl, world.clock()));
    },
  }),
  command({
    name: 'task list',
    says: 'Lists your tasks, newest first; all of them for an auditor or administrator.',
    example: 'ambit task list --state active',
    flags: { state: may(oneOf('approved', 'active', 'completed', 'revoked', 'expired'), 'only those') },
    async run({ operator, flags: { state } }) {
      const tasks = await (await operator()).tasks.list(state === undefined ? {} : { state });
      const rows = tasks.map((one) => [
        one.id,
        one.state,
        one.agent,
        one.requester ?? '-',
        showTime(one.expiresAt),
        quote(one.purpose.text),
      ]);
      const heads = ['id', 'state', 'agent', 'asked by', 'until', 'purpose, as it was written'];
      return answer(tasks, ...(rows.length === 0 ? [nothing] : table(heads, rows)));
    },
  }),
  command({
    name: 'task acting',
    says: 'Lists what acts for you now, with what is left of each limit. `ambit task revoke` ends one.',
    example: 'ambit task acting',
    async run({ operator }) {
      const { now, tasks } = await (await operator()).acting();
      const rows = tasks.map((one) => [
        one.task,
        one.agentName === null ? one.agent : named(one.agentName, one.agent),
        showDistance(one.expiresAt, now),
        one.budget.map(({ left, max, unit }) => `${left ?? 'nothing'} of ${max} ${unit}`).join('; ') || '-',
        quote(one.purpose.text),
      ]);
      const heads = ['id', 'agent', 'ends', 'left', 'purpose, as it was written'];
      return answer(tasks, ...(rows.length === 0 ? [line`No agent acts for you right now.`] : table(heads, rows)));
    },
  }),
  command({
    name: 'task show',
    says: 'Shows a task, its elevations and the tasks of its whole run.',
    example: `ambit task show ${exampleId}`,
    args: { task },
    async run({ operator, args }) {
      const shown = await (await operator()).tasks.show(args.task);
      const others = shown.run.filter(({ id }) => id !== args.task);
      const rows = others.map(({ id, state, agent, depth }) => [id, state, agent, depth]);
      const run =
        rows.length === 0
          ? []
          : [line`in the same run`, ...table(['id', 'state', 'agent', 'depth'], rows).map((one) => indent(1, one))];
      const own = shown.elevations.filter((one) => one.task === args.task);
      return answer(shown, ...showTask(shown.task), ...own.flatMap(showElevation), ...run);
    },
  }),
  command({
    name: 'task narrow',
    says: 'Takes part of what a task may do back, while it goes on.',
    example: `ambit task narrow ${exampleId} --authority less.json --reason "no more refunds"`,
    args: { task },
    flags: {
      authority: need(file, 'JSON file: what it keeps'),
      reason: need(words, 'why; it is kept in the log'),
    },
    async run({ world, operator, args, flags }) {
      const authority = (await readJson(world, flags.authority)) as Authority;
      const narrowed = await (await operator()).tasks.narrow(args.task, authority, flags.reason);
      return answer(narrowed, ...showTask(narrowed));
    },
  }),
  command({
    name: 'task revoke',
    says: 'Ends a task with everything made under it: sub-tasks, tokens, parked calls.',
    example: `ambit task revoke ${exampleId} --reason "wrong order"`,
    args: { task },
    flags: { reason: need(words, 'why; it is kept in the log') },
    async run({ operator, args, flags }) {
      const ended = await (await operator()).tasks.revoke(args.task, flags.reason);
      return answer(ended, line`${args.task} has ended.`, ...showEnding(ended));
    },
  }),
  command({
    name: 'task authenticate',
    says: 'Proves again that it is you who asked, where a rule wants that to be fresh.',
    example: `ambit task authenticate ${exampleId}`,
    args: { task },
    async run({ operator, args }) {
      const shown = await (await operator()).tasks.authenticate(args.task);
      return answer(shown, line`${shown.id}: you proved who you are at ${showTime(shown.authenticated?.at ?? 0)}.`);
    },
  }),
  command({
    name: 'task elevation end',
    says: 'Takes back, before its time, what a person let a task do beside its authority.',
    example: 'ambit task elevation end elv_0123456789abcdefghjk --reason "it is settled"',
    args: { elevation: idOf('elevation') },
    flags: { reason: need(words, 'why; it is kept in the log') },
    async run({ operator, args, flags }) {
      const ended = await (await operator()).tasks.endElevation(args.elevation, flags.reason);
      return answer(ended, line`${ended.id} has ended: ${ended.task} may do no more than it was opened for.`);
    },
  }),
  command({
    name: 'task token revoke',
    says: 'For administrators: ends one token, those that came from it and the tasks made with them.',
    example: 'ambit task token revoke tok_0123456789abcdefghjk --reason "found in a paste"',
    args: { token: idOf('token') },
    flags: { reason: need(words, 'why; it is kept in the log') },
    async run({ operator, args, flags }) {
      const revoked = await (await operator()).tasks.revokeToken(args.token, flags.reason);
      return answer(revoked, line`${args.token} has ended, and what was made with it.`, ...showEnding(revoked));
    },
  }),
  command({
    name: 'task purposes',
    says: 'Lists the purpose types that rules and limits speak of.',
    example: 'ambit task purposes',
    async run({ operator }) {
      const purposes = await (await operator()).tasks.purposes();
      const rows = purposes.map(({ name, state, says }) => [name, state, says]);
      return answer(purposes, ...(rows.length === 0 ? [nothing] : table(['name', 'state', 'meaning'], rows)));
    },
  }),
  command({
    name: 'task purpose add',
    says: 'Adds a purpose type.',
    example: 'ambit task purpose add support --says "a customer asked for help"',
    args: { name: told(words, 'the name of the purpose type') },
    flags: { says: need(words, 'what it means') },
    async run({ operator, args, flags }) {
      const added = await (await operator()).tasks.definePurpose({ name: args.name, says: flags.says });
      return answer(added, line`Purpose ${added.name} is known now.`);
    },
  }),
  command({
    name: 'task template add',
    says: 'Adds a template: a JSON file with name, purposeType, grants, parameters and ttlSecondsMax.',
    example: 'ambit task template add damaged-order.json',
    args: { file },
    async run({ world, operator, args }) {
      const template = (await readJson(world, args.file)) as Omit<Template, 'id' | 'state'>;
      const added = await (await operator()).tasks.defineTemplate(template);
      return answer(
        added,
        line`Template ${added.id}, ${added.name}, can be used: ambit task open --template ${added.id}`,
      );
    },
  }),
  command({
    name: 'task template list',
    says: 'Lists templates and what they take.',
    example: 'ambit task template list',
    async run({ operator }) {
      const templates = await (await operator()).tasks.templates();
      const rows = templates.map((one) => [
        one.id,
        one.state,
        one.purposeType,
        one.name,
        one.parameters.map(({ name }) => name).join(' '),
      ]);
      return answer(
        templates,
        ...(rows.length === 0 ? [nothing] : table(['id', 'state', 'purpose', 'name', 'parameters'], rows)),
      );
    },
  }),
];

type Gives = {
  readonly authority: string | undefined;
  readonly template: Template['id'] | undefined;
  readonly parameter: readonly (readonly [string, string])[];
};
type Given =
  | Pick<Extract<NewTask, { authority: Authority }>, 'authority'>
  | Pick<Extract<NewTask, { template: object }>, 'template'>;

async function givenBy(world: World, { authority, template, parameter }: Gives): Promise<Given> {
  if (authority !== undefined && template === undefined && parameter.length === 0) {
    return { authority: (await readJson(world, authority)) as Authority };
  }
  if (template !== undefined && authority === undefined) {
    return { template: { id: template, parameters: Object.fromEntries(parameter) } };
  }
  const sentence = 'A task takes either --authority, or --template with its --parameter values.';
  throw new CliFault('usage', sentence, 'See the example: ambit task open --help');
}

const skewMillisecondsMax = 60_000;

/** A longer life than the plane, the template or the agent allows is cut without a refusal: that is said. */
export function endsEarly(
  { expiresAt }: Pick<TaskShown, 'expiresAt'>,
  ttlSeconds: number,
  now: number,
): readonly Line[] {
  const asked = now + ttlSeconds * 1000;
  if (expiresAt + skewMillisecondsMax >= asked) return [];
  const why = 'as long as the plane, the template and the agent allow';
  const look = paint('yellow', line`? look`);
  return [line`${look}  it ends ${showDistance(expiresAt, now)}, ${why}; you asked for ${showSeconds(ttlSeconds)}.`];
}

function showTask(one: TaskShown): readonly Line[] {
  return [
    line`${one.id}, ${one.state}, until ${showTime(one.expiresAt)}`,
    line`asked by  ${one.requester ?? 'nobody: the agent opened it alone'}`,
    line`agent     ${one.agent}`,
    line`purpose   ${one.purpose.type}: ${quote(one.purpose.text)}`,
    ...(one.parent === null ? [] : [line`parent    ${one.parent}, run ${one.root}`]),
    ...(one.delegates === null ? [] : [line`handed to  ${one.delegates.join(', ') || 'nobody'}, if to anybody`]),
    ...(one.endedAt === null ? [] : [line`ended     ${showTime(one.endedAt)}: ${quote(one.endedBecause ?? '')}`]),
    line`gives`,
    ...showAuthority(one.authority).map((grant) => indent(1, grant)),
  ];
}

function showElevation(one: Elevation): readonly Line[] {
  const ended = one.endedAt === null ? line`until ${showTime(one.expiresAt)}` : line`since ${showTime(one.endedAt)}`;
  return [
    line`elevation ${one.id}, ${one.state}, ${ended}, by the answer to ${one.approval}`,
    ...showAuthority(one.authority).map((grant) => indent(1, grant)),
  ];
}
