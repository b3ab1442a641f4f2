import { answer, type Command, command } from '../command.ts';
import { readText } from '../files.ts';
import { file, idOf, many, may, need, oneOf, words } from '../kinds.ts';
import { indent, line, named, table } from '../line.ts';
import { nothing } from '../program.ts';

const transmitter = idOf('transmitter');
const exampleId = 'trm_0123456789abcdefghjk';

export const signalCommands: readonly Command[] = [
  command({
    name: 'signal streams',
    says: 'Lists what receivers hear. They make their streams themselves, as points of kind signals.',
    example: 'ambit signal streams',
    async run({ operator }) {
      const streams = await (await operator()).signals.streams();
      const rows = streams.map(({ id, point, method, status, endpointUrl }) => [
        id,
        point,
        method.endsWith('8935') ? 'push' : 'poll',
        status,
        endpointUrl ?? '',
      ]);
      return answer(
        streams,
        ...(rows.length === 0 ? [nothing] : table(['id', 'point', 'by', 'status', 'endpoint'], rows)),
      );
    },
  }),
  command({
    name: 'signal transmitter register',
    says: 'Registers a transmitter whose word disables persons here, such as the identity provider.',
    example:
      'ambit signal transmitter register --name idp --issuer https://idp.example --jwks https://idp.example/jwks.json \\\n' +
      '    --audience https://ambit.example',
    flags: {
      name: need(words, 'what it is called'),
      issuer: need(words, 'iss of its events'),
      jwks: need(words, 'URL of its public keys'),
      audience: need(words, 'aud of its events'),
      poll: may(words, 'URL to fetch its events from; without one it pushes'),
      header: may(file, 'file with the Authorization header for that'),
      on: many(oneOf('session-revoked', 'account-disabled'), 'events that disable a person; both unless given'),
      successor: may(idOf('person'), 'who gets the agents of a disabled person; they are suspended unless given'),
    },
    async run({ world, operator, flags: { jwks, poll, header, on, successor, ...rest } }) {
      const made = await (await operator()).signals.register({
        ...rest,
        jwksUrl: jwks,
        ...(poll !== undefined && { pollUrl: poll }),
        ...(header !== undefined && { pollHeader: (await readText(world, header)).trim() }),
        ...(on.length > 0 && { disablesOn: on }),
        ...(successor !== undefined && { agents: 'reassign' as const, successor }),
      });
      return answer(
        made,
        line`${named(made.name, made.id)} is registered. It pushes to ${made.pushTo}`,
        line`Next: ambit signal person map ${made.id} psn_… --issuer … --subject …`,
      );
    },
  }),
  command({
    name: 'signal transmitter list',
    says: 'Lists transmitters, what their word does, and who their subjects are.',
    example: 'ambit signal transmitter list',
    async run({ operator }) {
      const all = await (await operator()).signals.transmitters();
      const each = all.flatMap((one) => [
        line`${named(one.name, one.id)}, ${one.state}, ${one.issuer}, agents: ${one.successor ?? one.agents}`,
        ...one.persons.map(({ iss, sub, person }) => indent(1, line`${sub} of ${iss} is ${person}`)),
      ]);
      return answer(all, ...(each.length === 0 ? [nothing] : each));
    },
  }),
  command({
    name: 'signal transmitter retire',
    says: 'Retires a transmitter: it is believed no more.',
    example: `ambit signal transmitter retire ${exampleId}`,
    args: { transmitter },
    async run({ operator, args }) {
      await (await operator()).signals.retire(args.transmitter);
      return answer({ ...args, state: 'retired' }, line`${args.transmitter} is retired.`);
    },
  }),
  command({
    name: 'signal person map',
    says: 'Says which person a subject of a transmitter is. Nobody is found by a name or an address.',
    example: `ambit signal person map ${exampleId} psn_0123456789abcdefghjk --issuer https://idp.example --subject 248289`,
    args: { transmitter, person: idOf('person') },
    flags: { issuer: need(words, 'iss of the subject'), subject: need(words, 'sub of the subject') },
    async run({ operator, args: { transmitter: of, person }, flags: { issuer: iss, subject: sub } }) {
      const rule = await (await operator()).signals.map(of, { iss, sub, person });
      return answer(rule, line`${sub} of ${iss} is ${person}.`);
    },
  }),
  command({
    name: 'signal person unmap',
    says: 'Says that a subject of a transmitter is nobody here.',
    example: `ambit signal person unmap ${exampleId} --issuer https://idp.example --subject 248289`,
    args: { transmitter },
    flags: { issuer: need(words, 'iss of the subject'), subject: need(words, 'sub of the subject') },
    async run({ operator, args, flags: { issuer: iss, subject: sub } }) {
      await (await operator()).signals.unmap(args.transmitter, { iss, sub });
      return answer({ iss, sub }, line`${sub} of ${iss} is nobody here.`);
    },
  }),
];
