import { openKey, type PublicJwk } from '@ambit/sdk/operator';
import { answer, type Command, command } from '../command.ts';
import { readJson } from '../files.ts';
import { count, file, idOf, may, need, oneOf, whether, words } from '../kinds.ts';
import { line, named, table } from '../line.ts';
import { nothing } from '../program.ts';
import type { World } from '../world.ts';

const point = idOf('enforcementPoint');

export const pointCommands: readonly Command[] = [
  command({
    name: 'point register',
    says: 'Registers somebody else’s gate that asks Ambit for decisions: with a key, or else with a secret shown once.',
    example: 'ambit point register --name edge --kind auth-request',
    flags: {
      name: need(words, 'what it is called'),
      kind: need(oneOf('authzen', 'auth-request', 'signals'), 'which door it asks at; signals hears what ended'),
      domain: may(words, 'the domain it asks about; without one it asks about agents and the catalog'),
      maySearch: whether('it may also ask who may do something, and what'),
      jwk: may(file, 'file with its JWK; without one a secret is made'),
    },
    async run({ world, operator, flags: { name, kind, domain, jwk, maySearch } }) {
      const key = jwk === undefined ? {} : { jwk: await publicHalf(world, jwk) };
      const about = domain === undefined ? {} : { domain };
      const search = maySearch ? { maySearch: true } : {};
      const made = await (await operator()).points.register({ name, kind, ...about, ...search, ...key });
      const secret = made.secret === null ? [] : [line`Its secret, shown this once:`, line`  ${made.secret}`];
      return answer(made, line`${named(made.name, made.id)} is registered for ${made.kind}.`, ...secret);
    },
  }),
  command({
    name: 'point list',
    says: 'Lists enforcement points.',
    example: 'ambit point list',
    flags: { after: may(point, 'the last id of the page before'), limit: may(count, '1 to 500; 100 unless given') },
    async run({ operator, flags }) {
      const points = await (await operator()).points.list(flags);
      const rows = points.map(({ id, state, kind, domain, maySearch, proves, name }) => [
        id,
        state,
        kind,
        domain ?? '',
        maySearch ? 'yes' : 'no',
        proves,
        name,
      ]);
      return answer(
        points,
        ...(rows.length === 0
          ? [nothing]
          : table(['id', 'state', 'kind', 'domain', 'searches', 'proves by', 'name'], rows)),
      );
    },
  }),
  command({
    name: 'point retire',
    says: 'Retires an enforcement point: it gets no more decisions.',
    example: 'ambit point retire pep_0123456789abcdefghjk',
    args: { point },
    async run({ operator, args }) {
      await (await operator()).points.retire(args.point);
      return answer({ point: args.point, state: 'retired' }, line`${args.point} is retired.`);
    },
  }),
];

/** Only the public half leaves this process, whatever the file holds. */
async function publicHalf(world: World, path: string): Promise<PublicJwk> {
  const jwk = (await readJson(world, path)) as PublicJwk & { readonly d?: string };
  if (jwk === null || typeof jwk !== 'object' || jwk.d === undefined) return jwk;
  return (await openKey({ ...jwk, d: jwk.d })).jwk;
}
