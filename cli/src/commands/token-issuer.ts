import { answer, type Command, command } from '../command.ts';
import { duration, idOf, may, oneOf, words } from '../kinds.ts';
import { line, table } from '../line.ts';
import { nothing } from '../program.ts';

export const tokenIssuerCommands: readonly Command[] = [
  command({
    name: 'token-issuer add',
    says: 'Lets rules of agents name an OIDC issuer of workload tokens, such as a CI service or a cluster.',
    example: 'ambit token-issuer add https://token.actions.githubusercontent.com',
    args: { issuer: words },
    flags: {
      jwksUrl: may(words, 'the https address of its keys; by its own metadata unless given'),
      life: may(duration, 'how long its tokens may live at most; 1h unless given'),
      singleUse: may(
        oneOf('yes', 'no'),
        'whether each of its tokens counts for one login only; as before unless given',
      ),
    },
    async run({ operator, args, flags: { jwksUrl, life, singleUse } }) {
      const set = await (await operator()).tokenIssuers.set({
        issuer: args.issuer,
        ...(jwksUrl !== undefined && { jwksUrl }),
        ...(life !== undefined && { lifeSecondsMax: life }),
        ...(singleUse !== undefined && { singleUse: singleUse === 'yes' }),
      });
      return answer(
        set,
        line`${set.id}: rules may name ${set.issuer}; its tokens live ${set.lifeSecondsMax} s at most.`,
      );
    },
  }),
  command({
    name: 'token-issuer list',
    says: 'Lists the issuers of workload tokens.',
    example: 'ambit token-issuer list',
    async run({ operator }) {
      const issuers = await (await operator()).tokenIssuers.list();
      const rows = issuers.map(({ id, issuer, jwksUrl }) => [id, issuer, jwksUrl ?? 'by its metadata']);
      return answer(issuers, ...(rows.length === 0 ? [nothing] : table(['id', 'issuer', 'keys at'], rows)));
    },
  }),
  command({
    name: 'token-issuer remove',
    says: 'Removes an issuer of workload tokens, and revokes the rules of agents that stand on it.',
    example: 'ambit token-issuer remove tki_0123456789abcdefghjk',
    args: { issuer: idOf('tokenIssuer') },
    async run({ operator, args }) {
      const removed = await (await operator()).tokenIssuers.remove(args.issuer);
      return answer(removed, line`${removed.id} counts no more; ${removed.revoked} rules of agents are revoked.`);
    },
  }),
];
