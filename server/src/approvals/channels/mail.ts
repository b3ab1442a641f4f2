import type { PersonId, TenantId } from '@ambit/protocol';
import { type Ground, type Outbound, refuse } from '../../foundation/index.ts';
import { findAgent, findPerson, listPersons, type Person } from '../../identity/index.ts';
import type { Approval } from '../approval.ts';
import { isOpen } from '../approval.ts';
import { findApproval } from '../store.ts';
import { mayAnswer } from '../whose.ts';
import type { Channel, ChannelKind, Delivery, Outcome, Parcel } from './channel.ts';
import { waitingOfPersonMax } from './follow-log.ts';
import { type Letter, type Names, questionLetter, sumLetter, testLetter } from './letters.ts';
import type { Notice } from './notice.ts';
import { type MailWish, preferenceByDefault } from './preference.ts';
import { type MailServer, sendLetter } from './smtp.ts';
import { findPreference, listOfPerson } from './store.ts';

export type MailParts = {
  readonly ground: Ground;
  readonly outbound: Outbound;
  /** Null where the settings name none. */
  readonly mail: { readonly server: MailServer; readonly perHourMax: number } | null;
  /** Origin of the people's listener. */
  readonly people: () => string;
};

const hourMs = 3_600_000;
/** Questions that come at once are told together. */
const collectMs = 60_000;
const personsMax = 10_000;

/**
 * Mail to everybody who may answer a question, each as they wish. THREATS: approval-bombing. A person gets so many mails
 * about single questions in an hour, and one more that says how many wait besides; what is answered meanwhile is not told.
 */
export function mailKind(parts: MailParts): ChannelKind {
  return {
    isPersonal: true,
    begin({ url, signing }) {
      if (parts.mail === null) throw refuse('channel.mail_not_set_up', 'no mail server is set');
      if (url !== undefined || signing !== undefined)
        throw refuse(
          'channel.endpoint_invalid',
          'mail has no endpoint',
          'Give neither an address nor how to sign: mail goes to persons.',
        );
      return { url: null, signing: null };
    },
    receivers: (tenant, notice) => receiversOf(parts.ground, tenant, notice),
    async parcels(tenant, channel, waiting) {
      const each = Map.groupBy(waiting, ({ person }) => person);
      const found: Parcel[] = [];
      for (const [person, theirs] of each) {
        if (person !== null) found.push(...(await parcelsFor(parts, tenant, channel, person, theirs)));
      }
      return found;
    },
  };
}

async function receiversOf(ground: Ground, tenant: TenantId, { type, approval: id }: Notice): Promise<PersonId[]> {
  if (type !== 'approval.asked' || id === null) return [];
  const approval = await findApproval(ground, tenant, id);
  if (approval === undefined) return [];
  const found: PersonId[] = [];
  for (const person of await listPersons(ground, tenant, { limit: personsMax })) {
    if (person.email === null || !mayAnswer(approval, person)) continue;
    if ((await wishOf(ground, tenant, person.id)) !== 'off') found.push(person.id);
  }
  return found;
}

const wishOf = async (ground: Ground, tenant: TenantId, person: PersonId): Promise<MailWish> =>
  (await findPreference(ground, tenant, person))?.mail ?? preferenceByDefault;

async function parcelsFor(
  parts: MailParts,
  tenant: TenantId,
  channel: Channel,
  id: PersonId,
  waiting: readonly Delivery[],
): Promise<readonly Parcel[]> {
  const { ground, mail } = parts;
  const person = await findPerson(ground, tenant, id);
  const wish = await wishOf(ground, tenant, id);
  const whys = await Promise.all(waiting.map((one) => whyOver(ground, tenant, one, person, wish)));
  const over = waiting.flatMap((one, i) => (whys[i] == null ? [] : [dropped([one], whys[i] ?? '')]));
  const needed = waiting.filter((_, i) => whys[i] == null);
  const tests = needed.filter(({ notice }) => notice.type === 'channel.test');
  const questions = needed.filter(({ notice }) => notice.type !== 'channel.test');
  const room = wish === 'each' ? await roomOf(ground, tenant, channel, id, mail?.perHourMax ?? 0) : 0;
  const single = [...tests, ...questions.slice(0, room)];
  const rest = questions.slice(room);
  return [
    ...over,
    ...single.map((one) => ({
      deliveries: [one],
      send: async () => mailed(parts, person!, one, await letterOf(parts, tenant, one.notice), 'delivered'),
    })),
    ...((await isSumDue(ground, tenant, channel, id, rest)) ? [summed(parts, person!, rest, wish)] : []),
  ];
}

/** Why nobody needs it any more; null where somebody does. */
async function whyOver(
  ground: Ground,
  tenant: TenantId,
  { notice }: Delivery,
  person: Person | undefined,
  wish: MailWish,
): Promise<string | null> {
  if (person?.state !== 'active' || person.email === null) return 'the person has no address any more';
  if (notice.type === 'channel.test') return null;
  if (wish === 'off') return 'the person wants no mail';
  const approval: Approval | undefined =
    notice.approval === null ? undefined : await findApproval(ground, tenant, notice.approval);
  if (approval === undefined || !isOpen(approval, ground.clock())) return 'the question is over';
  return mayAnswer(approval, person) ? null : 'the person may not answer it any more';
}

const dropped = (deliveries: readonly Delivery[], said: string): Parcel => ({
  deliveries,
  send: async () => ({ kind: 'over', said }),
});

/** How many more about single questions this hour has room for. */
async function roomOf(
  ground: Ground,
  tenant: TenantId,
  { id: channel }: Channel,
  person: PersonId,
  perHourMax: number,
): Promise<number> {
  const last = await listOfPerson(ground, tenant, { channel, person, state: 'delivered' }, perHourMax);
  const since = ground.clock() - hourMs;
  return perHourMax - last.filter(({ triedAt }) => (triedAt ?? 0) > since).length;
}

async function isSumDue(
  ground: Ground,
  tenant: TenantId,
  { id: channel }: Channel,
  person: PersonId,
  rest: readonly Delivery[],
): Promise<boolean> {
  const [oldest] = rest;
  const now = ground.clock();
  if (oldest === undefined || now < oldest.notice.at + collectMs) return false;
  const [last] = await listOfPerson(ground, tenant, { channel, person, state: 'summed' }, 1);
  return last === undefined || now >= (last.triedAt ?? 0) + hourMs;
}

function summed(parts: MailParts, person: Person, rest: readonly Delivery[], wish: MailWish): Parcel {
  const count = rest.length < waitingOfPersonMax ? String(rest.length) : `over ${waitingOfPersonMax - 1}`;
  const letter = sumLetter(count, wish === 'each', parts.people());
  return { deliveries: rest, send: () => mailed(parts, person, rest[0]!, letter, 'summed') };
}

async function letterOf({ ground, people }: MailParts, tenant: TenantId, notice: Notice): Promise<Letter> {
  if (notice.type === 'channel.test') return testLetter();
  const agent = notice.agent === null ? undefined : await findAgent(ground, tenant, notice.agent);
  const requester = notice.requester === null ? undefined : await findPerson(ground, tenant, notice.requester);
  // An agent's name counts once its owner has put it to work.
  const names: Names = { agent: agent?.state === 'active' ? agent.name : null, requester: requester?.name ?? null };
  return questionLetter(notice, names, people());
}

/** One address that every server reads alike: no quotes, no comments, nothing that ends a line (RFC 5321 §4.1.2, dot-string). */
const plainAddress = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/;

async function mailed(
  { mail, outbound }: MailParts,
  { email }: Person,
  { id }: Delivery,
  letter: Letter,
  kind: 'delivered' | 'summed',
): Promise<Outcome> {
  if (mail === null) return { kind: 'later', said: 'no mail server is set' };
  if (email === null || !plainAddress.test(email))
    return { kind: 'refused', said: 'mail cannot go to an address of that form' };
  const came = await sendLetter(outbound, mail.server, { address: email, id }, letter);
  if (came.kind === 'taken') return { kind, said: 'the mail server took it' };
  return { kind: came.forGood ? 'refused' : 'later', said: came.because };
}
