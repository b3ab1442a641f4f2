import type { Authority } from '@ambit/protocol';
import type { EnrolmentCode } from '@ambit/sdk/operator';
import { answer, type Command, type Connection, command } from '../command.ts';
import { readJson } from '../files.ts';
import { count, file, idOf, many, may, need, oneOf, words } from '../kinds.ts';
import { indent, type Line, line, named, table } from '../line.ts';
import { identityOf } from '../profile.ts';
import { nothing } from '../program.ts';
import { showAuthority } from '../show/authority.ts';
import { showEnding } from '../show/ending.ts';
import { showTime } from '../show/times.ts';
import type { World } from '../world.ts';

const person = idOf('person');
const role = oneOf('administrator', 'catalog', 'policy', 'approver', 'auditor', 'owner', 'reviewer');

/** Kinds of keys as a person knows them. */
const keyKind = { cli: 'key file', passkey: 'passkey' } as const;

export const personCommands: readonly Command[] = [
  command({
    name: 'person add',
    says: 'Registers a person and prints the one-time code with which they bring their first key.',
    example: 'ambit person add --name "Bob" --email bob@example.com --role approver',
    flags: {
      name: need(words, 'what the person is called'),
      email: may(words, 'where they can be written to'),
      role: many(role, 'a role they hold'),
      delegable: may(file, 'JSON file: what they may hand to agents'),
    },
    async run({ world, operator, connection, flags: { name, email, role: roles, delegable } }) {
      const authority = delegable === undefined ? undefined : ((await readJson(world, delegable)) as Authority);
      const added = await (await operator()).persons.register({
        name,
        roles,
        ...(email !== undefined && { email }),
        ...(authority !== undefined && { delegable: authority }),
      });
      return answer(
        added,
        line`${named(added.name, added.id)} is registered.`,
        ...codeLines(added.enrolment, world, connection),
      );
    },
  }),
  command({
    name: 'person list',
    says: 'Lists persons.',
    example: 'ambit person list',
    flags: { after: may(person, 'the last id of the page before'), limit: may(count, '1 to 500; 100 unless given') },
    async run({ operator, flags }) {
      const persons = await (await operator()).persons.list(flags);
      const rows = persons.map(({ id, name, state, roles }) => [id, state, roles.join(' ') || '-', name]);
      return answer(persons, ...(rows.length === 0 ? [nothing] : table(['id', 'state', 'roles', 'name'], rows)));
    },
  }),
  command({
    name: 'person show',
    says: 'Shows a person, their keys, and what they may hand to agents.',
    example: 'ambit person show psn_0123456789abcdefghjk',
    args: { person },
    async run({ operator, args }) {
      const shown = await (await operator()).persons.show(args.person);
      return answer(
        shown,
        line`${named(shown.name, shown.id)}, ${shown.state}`,
        line`roles      ${shown.roles.join(', ') || 'none'}`,
        ...shown.keys.map(
          ({ id, label, kind, state, addedAt }) =>
            line`key        ${id}, ${label}, ${keyKind[kind]}, ${state}, since ${showTime(addedAt)}`,
        ),
        line`may delegate`,
        ...showAuthority(shown.delegable).map((one) => indent(1, one)),
      );
    },
  }),
  command({
    name: 'person me',
    says: 'Shows who you are here.',
    example: 'ambit person me',
    async run({ operator }) {
      const me = await (await operator()).me();
      return answer(
        me,
        line`${named(me.name, me.id)}, ${me.state}, in ${me.tenant}`,
        line`roles  ${me.roles.join(', ') || 'none'}`,
      );
    },
  }),
  command({
    name: 'person roles',
    says: 'Sets all roles of another person, as they shall be.',
    example: 'ambit person roles psn_0123456789abcdefghjk --role approver --role auditor',
    args: { person },
    flags: { role: many(role, 'a role they shall hold; none takes all away') },
    async run({ operator, args, flags }) {
      const set = await (await operator()).persons.setRoles(args.person, flags.role);
      return answer(set, line`${named(set.name, set.id)} now holds: ${set.roles.join(', ') || 'no role'}.`);
    },
  }),
  command({
    name: 'person delegable',
    says: 'Sets what a person may hand to agents: a JSON list of grants.',
    example: 'ambit person delegable psn_0123456789abcdefghjk support.json',
    args: { person, file },
    async run({ world, operator, args }) {
      const authority = (await readJson(world, args.file)) as Authority;
      const set = await (await operator()).persons.setDelegable(args.person, authority);
      return answer(
        set,
        line`${named(set.name, set.id)} may now hand to agents:`,
        ...showAuthority(set.delegable).map((one) => indent(1, one)),
      );
    },
  }),
  command({
    name: 'person code',
    says: 'Prints a one-time code for one more key; open codes of that person are withdrawn.',
    example: 'ambit person code psn_0123456789abcdefghjk',
    args: { person },
    async run({ world, operator, connection, args }) {
      const code = await (await operator()).persons.issueCode(args.person);
      return answer(code, ...codeLines(code, world, connection));
    },
  }),
  command({
    name: 'person disable',
    says: 'Disables a person: their sessions, tasks and agents stop.',
    example: 'ambit person disable psn_0123456789abcdefghjk --reason "left the company"',
    args: { person },
    flags: { reason: need(words, 'why; it is kept in the log') },
    async run({ operator, args, flags }) {
      const disabled = await (await operator()).persons.disable(args.person, flags.reason);
      const { ending } = disabled;
      return answer(disabled, line`${named(disabled.name, disabled.id)} is ${disabled.state}.`, ...showEnding(ending));
    },
  }),
  command({
    name: 'person key revoke',
    says: 'Revokes a key of yours; administrators revoke anybody’s.',
    example: 'ambit person key revoke key_0123456789abcdefghjk',
    args: { key: idOf('key') },
    async run({ operator, args: { key } }) {
      await (await operator()).persons.revokeKey(key);
      return answer({ key, state: 'revoked' }, line`${key} is revoked.`);
    },
  }),
];

const codeLines = ({ code, expiresAt }: EnrolmentCode, { env }: World, given: Connection): readonly Line[] => [
  line`One-time code, shown this once and good until ${showTime(expiresAt)}:`,
  line`  ${code}`,
  line`Next, for that person: ambit enrol --url ${identityOf(env, given).url} (it asks for the code)`,
];
