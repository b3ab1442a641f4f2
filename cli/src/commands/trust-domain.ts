import type { TrustDomain } from '@ambit/sdk/operator';
import { answer, type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { readText } from '../files.ts';
import { file, may, oneOf, told, words } from '../kinds.ts';
import { type Line, line, quote, table } from '../line.ts';
import { nothing } from '../program.ts';
import { showTime } from '../show/times.ts';
import type { World } from '../world.ts';

export const trustDomainCommands: readonly Command[] = [
  command({
    name: 'trust-domain add',
    says: 'Lets the word of a SPIFFE trust domain count, or gives one that does another bundle or address.',
    example: 'ambit trust-domain add acme.example --from https://spire.acme.example/bundle',
    args: { name: told(words, 'the name of the trust domain') },
    flags: {
      bundle: may(file, 'file with its bundle, a JWK set'),
      from: may(words, 'the https address that the bundle is fetched from again and again'),
      singleUse: may(
        oneOf('yes', 'no'),
        'whether each of its JWT-SVIDs counts for one login only; as before unless given',
      ),
    },
    async run({ world, operator, args, flags }) {
      const set = await (await operator()).trustDomains.set(args.name, {
        ...(await sourceOf(world, flags)),
        ...(flags.singleUse !== undefined && { singleUse: flags.singleUse === 'yes' }),
      });
      return answer(set, ...showTrustDomain(set));
    },
  }),
  command({
    name: 'trust-domain list',
    says: 'Lists trust domains, and what is wrong with their bundles.',
    example: 'ambit trust-domain list',
    async run({ operator }) {
      const domains = await (await operator()).trustDomains.list();
      const rows = domains.map(({ name, url, jwtKeys, authorities, trouble }) => [
        name,
        String(jwtKeys.length),
        String(authorities.length),
        url ?? 'given as a file',
        trouble === '' ? '' : quote(trouble),
      ]);
      return answer(
        domains,
        ...(rows.length === 0 ? [nothing] : table(['name', 'JWT keys', 'authorities', 'from', 'trouble'], rows)),
      );
    },
  }),
  command({
    name: 'trust-domain show',
    says: 'Shows one trust domain: its keys, and how it goes with fetching them.',
    example: 'ambit trust-domain show acme.example',
    args: { name: told(words, 'the name of the trust domain') },
    async run({ operator, args }) {
      const shown = await (await operator()).trustDomains.show(args.name);
      return answer(shown, ...showTrustDomain(shown));
    },
  }),
  command({
    name: 'trust-domain remove',
    says: 'Removes a trust domain, and revokes the names of agents that it gave.',
    example: 'ambit trust-domain remove acme.example',
    args: { name: told(words, 'the name of the trust domain') },
    async run({ operator, args }) {
      const removed = await (await operator()).trustDomains.remove(args.name);
      return answer(removed, line`${args.name} counts no more; ${removed.revoked} names of agents are revoked.`);
    },
  }),
];

async function sourceOf(
  world: World,
  { bundle, from }: { readonly bundle: string | undefined; readonly from: string | undefined },
) {
  if (bundle !== undefined && from === undefined) return { bundle: await readText(world, bundle) };
  if (from !== undefined && bundle === undefined) return { url: from };
  throw new CliFault('usage', 'Name either --bundle or --from.', 'See the example: ambit trust-domain add --help');
}

function showTrustDomain(shown: TrustDomain): readonly Line[] {
  const { fetchedAt, nextAt } = shown;
  return [
    line`${shown.name}, since ${showTime(shown.setAt)}, its bundle since ${showTime(shown.changedAt)}`,
    line`from         ${shown.url ?? 'a file'}`,
    line`sequence     ${shown.sequence ?? 'none'}`,
    ...shown.jwtKeys.map(({ kid }) => line`JWT key      ${quote(kid)}`),
    ...shown.authorities.map(({ subject, validTo }) => line`authority    ${quote(subject)}, until ${validTo}`),
    ...(fetchedAt === null || nextAt === null
      ? []
      : [line`fetched      ${showTime(fetchedAt)}, again at ${showTime(nextAt)}`]),
    ...(shown.trouble === '' ? [] : [line`trouble      ${quote(shown.trouble)}`]),
  ];
}
