import type { Authority } from '@ambit/protocol';
import { answer, type Command, command } from '../command.ts';
import { readJson, readText } from '../files.ts';
import { file, idOf, many, may, need, oneOf, whether, words } from '../kinds.ts';
import { indent, line, named, table } from '../line.ts';
import { nothing } from '../program.ts';

const provider = idOf('signInProvider');
const role = oneOf('catalog', 'policy', 'approver', 'auditor', 'owner', 'reviewer');
const exampleId = 'sip_0123456789abcdefghjk';

export const signInCommands: readonly Command[] = [
  command({
    name: 'sign-in provider add',
    says: 'Lets people sign in through an OpenID provider, or changes the one with that issuer. What is not named is none.',
    example: 'ambit sign-in provider add https://idp.example --name Company --client ambit --domain example.com',
    args: { issuer: words },
    flags: {
      name: need(words, 'what people call it'),
      client: need(words, 'client_id of Ambit there'),
      secretFile: may(file, 'file with the client’s secret; without one Ambit makes a key, for private_key_jwt'),
      domain: many(words, 'a domain whose verified addresses find the person of that address'),
      create: whether('registers unknown people of these domains'),
      role: many(role, 'a role that they get then; none unless given'),
      groups: may(words, 'the claim that lists groups'),
    },
    async run({ world, operator, args, flags: { name, client, secretFile, domain, create, role: roles, groups } }) {
      const set = await (await operator()).signInProviders.set({
        issuer: args.issuer,
        name,
        clientId: client,
        emailDomains: domain,
        creates: create ? roles : null,
        groupsClaim: groups ?? null,
        ...(secretFile !== undefined && { secret: (await readText(world, secretFile)).trim() }),
      });
      return answer(
        set,
        line`${named(set.name, set.id)}: people may sign in through ${set.issuer}. Register there:`,
        line`  redirect URI  ${set.redirectUri}`,
        line`  client        ${set.clientAuth}`,
        ...(set.clientKey === null ? [] : [line`  its key       ${JSON.stringify(set.clientKey)}`]),
      );
    },
  }),
  command({
    name: 'sign-in provider list',
    says: 'Lists the providers through which people sign in.',
    example: 'ambit sign-in provider list',
    async run({ operator }) {
      const all = await (await operator()).signInProviders.list();
      const rows = all.map(({ id, name, issuer, emailDomains }) => [id, issuer, emailDomains.join(' ') || '-', name]);
      return answer(all, ...(rows.length === 0 ? [nothing] : table(['id', 'issuer', 'domains', 'name'], rows)));
    },
  }),
  command({
    name: 'sign-in provider show',
    says: 'Shows a provider: who its subjects are, and what its groups give.',
    example: `ambit sign-in provider show ${exampleId}`,
    args: { provider },
    async run({ operator, args }) {
      const shown = await (await operator()).signInProviders.show(args.provider);
      return answer(
        shown,
        line`${named(shown.name, shown.id)}, ${shown.issuer}, client ${shown.clientId} (${shown.clientAuth})`,
        ...shown.persons.map(({ subject, person, roles }) =>
          indent(1, line`${subject} is ${person}${roles.length === 0 ? '' : `, by groups ${roles.join(' ')}`}`),
        ),
        ...shown.groups.map(({ group, roles, delegable }) =>
          indent(
            1,
            line`group ${group}: ${roles.join(' ') || 'no role'}, ${delegable.length} grants to hand to agents`,
          ),
        ),
      );
    },
  }),
  command({
    name: 'sign-in provider remove',
    says: 'Removes a provider: sessions that it opened end, and what its groups gave is gone.',
    example: `ambit sign-in provider remove ${exampleId}`,
    args: { provider },
    async run({ operator, args }) {
      const removed = await (await operator()).signInProviders.remove(args.provider);
      return answer(removed, line`${removed.id} counts no more; ${removed.unlinked} people are unlinked.`);
    },
  }),
  command({
    name: 'sign-in person link',
    says: 'Says which person a subject of a provider is.',
    example: `ambit sign-in person link ${exampleId} psn_0123456789abcdefghjk --subject 248289`,
    args: { provider, person: idOf('person') },
    flags: { subject: need(words, 'sub of the person there') },
    async run({ operator, args: { provider: of, person }, flags: { subject } }) {
      const link = await (await operator()).signInProviders.link(of, { subject, person });
      return answer(link, line`${subject} is ${person}.`);
    },
  }),
  command({
    name: 'sign-in person unlink',
    says: 'Says that a subject of a provider is nobody here: sessions of it end.',
    example: `ambit sign-in person unlink ${exampleId} --subject 248289`,
    args: { provider },
    flags: { subject: need(words, 'sub of the person there') },
    async run({ operator, args, flags: { subject } }) {
      await (await operator()).signInProviders.unlink(args.provider, subject);
      return answer({ subject }, line`${subject} is nobody here.`);
    },
  }),
  command({
    name: 'sign-in group set',
    says: 'Sets what a group of a provider gives to its members when they sign in.',
    example: `ambit sign-in group set ${exampleId} --group support --role owner --delegable support.json`,
    args: { provider },
    flags: {
      group: need(words, 'the group, as the provider names it'),
      role: many(role, 'a role that its members hold'),
      delegable: may(file, 'JSON file: what its members may hand to agents'),
    },
    async run({ world, operator, args, flags: { group, role: roles, delegable: from } }) {
      const delegable = from === undefined ? [] : ((await readJson(world, from)) as Authority);
      const set = await (await operator()).signInProviders.setGroup(args.provider, { group, roles, delegable });
      return answer(set, line`Members of ${group} get: ${roles.join(', ') || 'no role'}, ${delegable.length} grants.`);
    },
  }),
  command({
    name: 'sign-in group remove',
    says: 'Says that a group gives nothing any more; its members lose it when they next sign in.',
    example: `ambit sign-in group remove ${exampleId} --group support`,
    args: { provider },
    flags: { group: need(words, 'the group, as the provider names it') },
    async run({ operator, args, flags: { group } }) {
      await (await operator()).signInProviders.removeGroup(args.provider, group);
      return answer({ group }, line`${group} gives nothing any more.`);
    },
  }),
];
