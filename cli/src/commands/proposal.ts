import { answer, type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { idOf, may, need, oneOf, whether, words } from '../kinds.ts';
import { type Line, line, table } from '../line.ts';
import { nothing } from '../program.ts';
import { showDistance, showTime } from '../show/times.ts';

const proposal = idOf('proposal');
const exampleId = 'prp_0123456789abcdefghjk';

export const proposalCommands: readonly Command[] = [
  command({
    name: 'proposal list',
    says: 'Lists changes that wait for a second person: the open ones unless said.',
    example: 'ambit proposal list',
    flags: { state: may(oneOf('open', 'done', 'refused', 'failed'), 'only those') },
    async run({ world, operator, flags: { state } }) {
      const all = await (await operator()).proposals.list(state === undefined ? {} : { state });
      const rows = all.map((one) => [one.id, one.state, showDistance(one.expiresAt, world.clock()), one.says]);
      return answer(
        all,
        ...(rows.length === 0 ? [nothing] : table(['id', 'state', 'ends', 'what would change'], rows)),
      );
    },
  }),
  command({
    name: 'proposal show',
    says: 'Shows one whole: who asked, everything that it would change, the digest.',
    example: `ambit proposal show ${exampleId}`,
    args: { proposal },
    async run({ operator, args }) {
      const shown = await (await operator()).proposals.show(args.proposal);
      return answer(
        shown,
        line`${shown.says}`,
        line`asked for by  ${shown.proposedBy}, ${showTime(shown.proposedAt)}; ends ${showTime(shown.expiresAt)}`,
        line`is            ${shown.state}; whoever holds ${shown.role} answers, not ${shown.gains ?? shown.proposedBy}`,
        line`as            ${shown.method} ${shown.path} ${JSON.stringify(shown.params)}`,
        ...changesOf(shown.changes),
        line`digest        ${shown.digest}`,
        line`Answer: ambit proposal answer ${shown.id} --yes --digest ${shown.digest}`,
      );
    },
  }),
  command({
    name: 'proposal answer',
    says: 'Confirms a proposal of another person, or ends one, by a signature over its digest with your key.',
    example: `ambit proposal answer ${exampleId} --yes --digest sha-256:…`,
    args: { proposal },
    flags: {
      yes: whether('it shall be done, exactly as shown'),
      no: whether('it shall not be done'),
      reason: may(words, 'why; the log keeps it'),
      digest: need(words, 'the digest you saw: ambit proposal show'),
    },
    async run({ operator, args, flags: { yes, no, reason, digest } }) {
      if (yes === no) throw new CliFault('usage', 'Say either --yes or --no.', 'See: ambit proposal answer --help');
      const seen = { id: args.proposal, digest };
      const done = await (await operator()).proposals.answer(seen, yes ? 'yes' : 'no', reason ?? null);
      return answer(
        done,
        line`${args.proposal} is ${done.proposal.state}.`,
        ...(done.answer === null ? [] : changesOf(done.answer)),
      );
    },
  }),
  command({
    name: 'proposal two-persons',
    says: 'Shows or sets whether lowering a gate takes two persons. To switch it off takes two.',
    example: 'ambit proposal two-persons --on',
    flags: { on: whether('it takes two from now on'), off: whether('one suffices') },
    async run({ operator, flags: { on, off } }) {
      if (on && off) throw new CliFault('usage', 'Say either --on or --off.', 'See: ambit proposal two-persons --help');
      const { proposals } = await operator();
      const required = on || off ? (await proposals.setTwoPersons(on)).required : await proposals.twoPersons();
      return answer({ required }, line`Lowering a gate takes ${required ? 'two persons' : 'one person'} here.`);
    },
  }),
];

const changesOf = (changes: unknown): readonly Line[] =>
  (JSON.stringify(changes, null, 2) ?? '').split('\n').map((one) => line`  ${one}`);
