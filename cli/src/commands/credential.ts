import type { Credential } from '@ambit/sdk/operator';
import { answer, type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { readSecret } from '../files.ts';
import { duration, file, idOf, many, may, need, oneOf, words } from '../kinds.ts';
import { line, named, table } from '../line.ts';
import { nothing } from '../program.ts';

const credential = idOf('credential');
const secretFile = may(file, 'file with the secret; standard input unless given');
const exampleId = 'crd_0123456789abcdefghjk';

export const credentialCommands: readonly Command[] = [
  command({
    name: 'credential add',
    says: 'Seals a downstream credential. Its secret is read from standard input or a file, and never shown again.',
    example: 'ambit credential add --name shop-live --kind bearer --origin https://shop.example --api shop < token.txt',
    flags: {
      name: need(words, 'what it is called'),
      kind: need(
        oneOf('bearer', 'header', 'basic', 'query', 'certificate', 'x509-svid', 'jwt-svid'),
        'how it is sent; a certificate, with its key in PEM form, is shown by the connection; an SVID is the calling agent’s own, and has no secret to store',
      ),
      place: may(words, 'header or query name, the user of a basic credential, or the audience of a JWT-SVID'),
      origin: many(words, 'where it may go: scheme, host and port'),
      api: may(words, 'the API it is for'),
      agentUser: may(idOf('agentUser'), 'the agent user it acts as'),
      secretFile,
    },
    async run({ world, operator, flags: { name, kind, place, origin, api, agentUser, secretFile: path } }) {
      if (origin.length === 0) {
        throw new CliFault('usage', 'Nothing says where the credential may go.', 'Name at least one --origin');
      }
      requirePlace(kind, place);
      const isMade = kind === 'x509-svid' || kind === 'jwt-svid';
      const stored = await (await operator()).credentials.store({
        name,
        kind,
        origins: origin,
        ...(isMade ? {} : { secret: await readSecret(world, path, 'secret') }),
        ...(place !== undefined && { place }),
        ...(api !== undefined && { api }),
        ...(agentUser !== undefined && { agentUser }),
      });
      const how = isMade ? 'is made for the agent that calls' : 'is sealed';
      return answer(
        stored,
        line`${named(stored.name, stored.id)} ${how}. It goes to ${stored.origins.join(', ')} and nowhere else.`,
      );
    },
  }),
  command({
    name: 'credential list',
    says: 'Lists downstream credentials, without their secrets.',
    example: 'ambit credential list',
    async run({ operator }) {
      const credentials = await (await operator()).credentials.list();
      const rows = credentials.map((one) => [
        one.id,
        one.state,
        one.kind,
        one.version,
        flagOf(one),
        one.origins.join(' '),
        one.name,
      ]);
      const heads = ['id', 'state', 'kind', 'version', 'leaked', 'origins', 'name'];
      return answer(credentials, ...(rows.length === 0 ? [nothing] : table(heads, rows)));
    },
  }),
  command({
    name: 'credential rotate',
    says: 'Puts a new secret in the place of the one in use.',
    example: `ambit credential rotate ${exampleId} --overlap 1h < new-token.txt`,
    args: { credential },
    flags: { secretFile, overlap: may(duration, 'how long the old one is watched for in answers') },
    async run({ world, operator, args, flags }) {
      const secret = await readSecret(world, flags.secretFile, 'secret');
      const rotated = await (await operator()).credentials.rotate(args.credential, secret, flags.overlap);
      return answer(rotated, line`${named(rotated.name, rotated.id)} has a new secret, version ${rotated.version}.`);
    },
  }),
  command({
    name: 'credential disable',
    says: 'Ends a credential for good and erases its secret.',
    example: `ambit credential disable ${exampleId} --reason "leaked"`,
    args: { credential },
    flags: { reason: need(words, 'why; it is kept in the log') },
    async run({ operator, args, flags }) {
      const disabled = await (await operator()).credentials.disable(args.credential, flags.reason);
      return answer(disabled, line`${named(disabled.name, disabled.id)} is ${disabled.state}; its secret is erased.`);
    },
  }),
];

const placeOf: Readonly<Record<string, string>> = {
  header: 'the header’s name, such as --place x-api-key',
  query: 'the parameter’s name, such as --place api_key',
  basic: 'the user, such as --place support',
  'jwt-svid': 'the audience, such as --place https://shop.example',
};

function requirePlace(kind: string, place: string | undefined): void {
  const means = placeOf[kind];
  if (place !== undefined || means === undefined) return;
  throw new CliFault('usage', `Nothing says where the ${kind} credential goes in a request.`, `Give ${means}`);
}

const flagOf = ({ flaggedAt }: Credential): string => flaggedAt ?? 'no';
