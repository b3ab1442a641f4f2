import { hash, X509Certificate } from 'node:crypto';
import type { MadeTemplateKey, TemplateKey } from '@ambit/sdk/operator';
import { answer, type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { codeOf, readText } from '../files.ts';
import { file, idOf, many, may, moment, need, pair, words } from '../kinds.ts';
import { line, table } from '../line.ts';
import { nothing } from '../program.ts';
import { showEnding } from '../show/ending.ts';
import { showTime } from '../show/times.ts';
import type { World } from '../world.ts';

const agent = idOf('agent');
const key = idOf('templateKey');
const ids = 'agt_0123456789abcdefghjk tky_0123456789abcdefghjk';

export const templateKeyCommands: readonly Command[] = [
  command({
    name: 'agent template-key add',
    says: 'Makes a static key for tasks of one template, for a client that can send one header and no more. Shown once.',
    example:
      'ambit agent template-key add agt_0123456789abcdefghjk --label "ticket tool" --template tpl_0123456789abcdefghjk \\\n' +
      '    --parameter order=1042 --purpose "notes on orders" --zone 203.0.113.0/24 --expires 60d',
    args: { agent },
    flags: {
      label: need(words, 'who has it'),
      template: need(idOf('template'), 'the one template of its tasks'),
      parameter: many(pair, 'a parameter of the template, the same for each task'),
      purpose: need(words, 'what its tasks are for; people read it'),
      expires: need(moment, 'when it ends'),
      certificate: may(file, 'PEM file of the one certificate it is good with'),
      zone: many(words, 'a network that it comes from, such as 203.0.113.0/24'),
    },
    async run({ world, operator, args, flags: { expires, parameter, certificate, zone, ...rest } }) {
      const operated = await operator();
      const x5t = certificate === undefined ? null : await thumbprintOf(world, certificate);
      const made = await operated.templateKeys.add(args.agent, {
        ...rest,
        parameters: Object.fromEntries(parameter),
        expiresAt: expires,
        x5t,
        zone: zone.length === 0 ? null : zone,
      });
      return answer(made, ...sayMade(made));
    },
  }),
  command({
    name: 'agent template-key list',
    says: 'Lists the static keys of an agent, with where they are good and when they were last used.',
    example: 'ambit agent template-key list agt_0123456789abcdefghjk',
    args: { agent },
    async run({ operator, args }) {
      const keys = await (await operator()).templateKeys.list(args.agent);
      const rows = keys.map((one) => [
        one.id,
        one.holds ? 'holds' : one.state === 'active' ? 'expired' : one.state,
        boundTo(one),
        showTime(one.expiresAt),
        one.lastUsedAt === null ? 'never' : showTime(one.lastUsedAt),
        one.sharedAt === null ? '' : showTime(one.sharedAt),
        one.label,
      ]);
      const heads = ['id', 'state', 'good', 'expires', 'last used', 'tried elsewhere', 'label'];
      return answer(keys, ...(rows.length === 0 ? [nothing] : table(heads, rows)));
    },
  }),
  command({
    name: 'agent template-key rotate',
    says: 'Makes the same key anew; the old one ends at the stated time, within 7 days. Until then both hold.',
    example: `ambit agent template-key rotate ${ids} --ends 1d --expires 60d`,
    args: { agent, key },
    flags: { ends: need(moment, 'when the old one ends'), expires: need(moment, 'when the new one does') },
    async run({ operator, args, flags }) {
      const when = { endsAt: flags.ends, expiresAt: flags.expires };
      const rotated = await (await operator()).templateKeys.rotate(args.agent, args.key, when);
      return answer(
        rotated,
        ...sayMade(rotated.key),
        line`${rotated.old.id} ends at ${showTime(rotated.old.expiresAt)}.`,
      );
    },
  }),
  command({
    name: 'agent template-key revoke',
    says: 'Revokes a static key at once, and ends the task it has open.',
    example: `ambit agent template-key revoke ${ids} --reason "it stood in a ticket"`,
    args: { agent, key },
    flags: { reason: need(words, 'why; it is kept in the log') },
    async run({ operator, args, flags }) {
      const revoked = await (await operator()).templateKeys.revoke(args.agent, args.key, flags.reason);
      return answer(revoked, line`${revoked.id} of ${revoked.agent} is revoked.`, ...showEnding(revoked.ending));
    },
  }),
];

const sayMade = (made: MadeTemplateKey) => [
  line`${made.id} is a key of ${made.agent} until ${showTime(made.expiresAt)}, good ${boundTo(made)}.`,
  line`Its client sends this header with each call; it is not shown again:`,
  line`  Authorization: Bearer ${made.secret}`,
];

const boundTo = ({ x5t, zone }: TemplateKey): string =>
  [x5t === null ? '' : `with certificate ${x5t}`, zone === null ? '' : `from ${zone.join(' ')}`]
    .filter((part) => part !== '')
    .join(', ');

/** RFC 8705 §3.1. */
async function thumbprintOf(world: World, path: string): Promise<string> {
  const text = await readText(world, path);
  try {
    return hash('sha256', new X509Certificate(text).raw, 'base64url');
  } catch (error) {
    throw new CliFault('usage', `${path} holds no certificate (${codeOf(error)}).`, 'Name a PEM file', {
      cause: error,
    });
  }
}
