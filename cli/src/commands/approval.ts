import { neverRemembered, rememberableOf } from '@ambit/protocol';
import type { Approval } from '@ambit/sdk/operator';
import { answer, type Command, command } from '../command.ts';
import { count, duration, idOf, may, need, oneOf, told, whether, words } from '../kinds.ts';
import { type Line, line, named, sentence, table } from '../line.ts';
import { nothing } from '../program.ts';
import { showCard } from '../show/approval-card.ts';
import { countOf } from '../show/count.ts';
import { showDistance, showSeconds } from '../show/times.ts';
import { answerCommand, requireHonestDigest } from './approval-answer.ts';

const approval = idOf('approval');
const exampleId = 'apr_0123456789abcdefghjk';
const states = oneOf('parked', 'approved', 'done', 'refused', 'denied', 'expired', 'moved', 'unknown', 'ended');

export const approvalCommands: readonly Command[] = [
  command({
    name: 'approval list',
    says: 'Lists questions you may answer or asked for: the open ones unless said.',
    example: 'ambit approval list',
    flags: { state: may(states, 'only those') },
    async run({ world, operator, flags: { state } }) {
      const approvals = await (await operator()).approvals.list(state === undefined ? {} : { state });
      const rows = approvals.map((one) => [
        one.id,
        one.state,
        showDistance(one.expiresAt, world.clock()),
        named(one.shown.agent, one.agent),
        one.shown.sentence,
      ]);
      const lines = rows.length === 0 ? [nothing] : table(['id', 'state', 'ends', 'agent', 'what would happen'], rows);
      return answer(approvals, ...lines);
    },
  }),
  command({
    name: 'approval show',
    says: 'Shows a question whole: what would happen, who asked, why it stopped, every value, the exact call, the digest.',
    example: `ambit approval show ${exampleId}`,
    args: { approval },
    async run({ world, operator, args }) {
      const shown = await (await operator()).approvals.show(args.approval);
      requireHonestDigest(shown);
      return answer(
        shown,
        ...showCard(shown, world.clock()),
        ...(shown.state === 'parked' ? [line`Answer: ambit approval answer ${shown.id} --yes | --no`] : []),
        ...sayRememberable(shown),
      );
    },
  }),
  answerCommand,
  command({
    name: 'approval remembered list',
    says: 'Lists yeses that stand for later calls, with what is left of each: your own, or those of a task and its run.',
    example: 'ambit approval remembered list',
    flags: { task: may(idOf('task'), 'those of that task and its run, ended ones too') },
    async run({ operator, flags: { task } }) {
      const { now, remembered } = await (await operator()).approvals.remembered(task === undefined ? {} : { task });
      const rows = remembered.map((one) => [
        one.id,
        one.state,
        showDistance(one.expiresAt, now),
        one.task,
        one.personName ?? one.person,
        one.left.map(({ left, max, unit }) => `${left ?? 'nothing'} of ${max} ${unit}`).join('; '),
        sentence(one.sentence),
      ]);
      const heads = ['id', 'state', 'ends', 'task', 'whose yes', 'left', 'was said yes to'];
      return answer(remembered, ...(rows.length === 0 ? [nothing] : table(heads, rows)));
    },
  }),
  command({
    name: 'approval remembered end',
    says: 'Takes a remembered yes back: such calls are asked about again, from now on.',
    example: 'ambit approval remembered end rmb_0123456789abcdefghjk --reason "it is settled"',
    args: { remembered: idOf('remembered') },
    flags: { reason: need(words, 'why; it is kept in the log') },
    async run({ operator, args, flags }) {
      const ended = await (await operator()).approvals.endRemembered(args.remembered, flags.reason);
      return answer(ended, line`${ended.id} has ended: ${ended.task} asks again.`);
    },
  }),
  command({
    name: 'approval rule list',
    says: 'Lists who may answer questions about which actions, how many must, and by when.',
    example: 'ambit approval rule list',
    async run({ operator }) {
      const rules = await (await operator()).approvals.rules();
      const rows = rules.map((one) => [
        one.action,
        one.role,
        one.answersNeeded,
        one.notRequester ? 'no' : 'yes',
        one.notOwner ? 'no' : 'yes',
        showSeconds(one.ttlSeconds),
        one.keys?.join(' ') ?? 'every kind',
      ]);
      const heads = ['action', 'role', 'answers', 'requester may', 'owner may', 'within', 'keys'];
      return answer(rules, ...(rows.length === 0 ? [nothing] : table(heads, rows)));
    },
  }),
  command({
    name: 'approval rule set',
    says: 'Says who may answer questions about an action, an API (shop:*) or everything (*).',
    example: 'ambit approval rule set shop:refunds.create --role approver --answers 2 --within 15m',
    args: { action: told(words, 'the id of an action, an API (shop:*), or everything (*)') },
    flags: {
      role: need(oneOf('approver', 'catalog', 'policy', 'auditor', 'owner', 'reviewer'), 'the role that answers'),
      answers: need(count, 'how many persons must say yes'),
      within: need(duration, 'how long a question waits'),
      requesterMay: whether('whoever asked for the task may answer too'),
      ownerMay: whether('the owner of the agent may answer too; unless given, not'),
      passkeyOnly: whether('only a passkey may sign an answer: a device asks who is there'),
    },
    async run({ operator, args, flags }) {
      const set = await (await operator()).approvals.setRule({
        action: args.action,
        role: flags.role,
        answersNeeded: flags.answers,
        notRequester: !flags.requesterMay,
        notOwner: !flags.ownerMay,
        ttlSeconds: flags.within,
        keys: flags.passkeyOnly ? ['passkey'] : null,
      });
      return answer(
        set,
        line`Questions about ${set.action} need ${countOf(set.answersNeeded, 'answer')} by ${set.role}, within ${showSeconds(set.ttlSeconds)}${flags.passkeyOnly ? ', signed with a passkey' : ''}.`,
      );
    },
  }),
];

function sayRememberable(seen: Omit<Approval, 'card'>): readonly Line[] {
  if (seen.state !== 'parked') return [];
  const rememberable = rememberableOf(seen);
  if ('never' in rememberable) return [line`It is not remembered: ${neverRemembered[rememberable.never]}`];
  return [line`Remember a yes for more of the same, equal or smaller: --yes --remember 5`];
}
