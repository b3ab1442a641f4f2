import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelWithSecret, Delivery, Operator } from '@ambit/sdk/operator';
import { answer, type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { duration, idOf, may, need, oneOf, told, whether, words } from '../kinds.ts';
import { type Line, line, named, table } from '../line.ts';
import { nothing } from '../program.ts';
import { showDistance } from '../show/times.ts';

const channel = idOf('channel');
const exampleId = 'chn_0123456789abcdefghjk';
const dayInSeconds = 86_400;

export const channelCommands: readonly Command[] = [
  command({
    name: 'channel add',
    says: 'Adds an endpoint that is told of questions (Standard Webhooks), whose secret is printed once; or mail to who may answer.',
    example:
      'ambit channel add --name pager --endpoint https://hooks.example/ambit\nambit channel add --name mail --mail',
    flags: {
      name: need(words, 'what it is called'),
      endpoint: may(words, 'where to post; https'),
      mail: whether('mail to everybody who may answer'),
      signing: may(oneOf('hmac', 'ed25519'), 'a shared secret (unless given), or a key that only Ambit has'),
    },
    async run({ operator, flags: { name, endpoint: url, mail, signing } }) {
      const { channels } = await operator();
      if (mail === (url !== undefined))
        throw new CliFault('usage', 'Say either --endpoint or --mail.', 'See: ambit channel add --help');
      const added = await channels.add(
        url === undefined
          ? { kind: 'mail', name }
          : { kind: 'webhook', name, url, ...(signing !== undefined && { signing }) },
      );
      return answer(
        added,
        line`${named(added.name, added.id)} hears of questions from now on.`,
        ...secretLines(added),
        line`Next: ambit channel test ${added.id}`,
      );
    },
  }),
  command({
    name: 'channel list',
    says: 'Lists channels and how they fare.',
    example: 'ambit channel list',
    async run({ world, operator }) {
      const channels = await (await operator()).channels.list();
      const rows = channels.map((one) => [
        one.id,
        one.kind,
        one.name,
        one.state === 'disabled'
          ? `disabled: ${one.reason ?? ''}`
          : one.failingSince === null
            ? 'well'
            : `${one.failures} attempts failed, next ${showDistance(one.retryAt ?? 0, world.clock())}`,
        one.url ?? '',
      ]);
      const heads = ['id', 'kind', 'name', 'how it fares', 'endpoint'];
      return answer(channels, ...(rows.length === 0 ? [nothing] : table(heads, rows)));
    },
  }),
  command({
    name: 'channel deliveries',
    says: 'Lists what a channel told in the last week, to whom, and what came of it.',
    example: `ambit channel deliveries ${exampleId}`,
    args: { channel },
    async run({ operator, args }) {
      const deliveries = await (await operator()).channels.deliveries(args.channel);
      const rows = deliveries.map((one) => [
        one.id,
        one.type,
        one.approval ?? '',
        one.person ?? 'its endpoint',
        one.state,
        one.attempts,
        one.said ?? '',
      ]);
      const heads = ['id', 'what', 'approval', 'for', 'state', 'tries', 'came of it'];
      return answer(deliveries, ...(rows.length === 0 ? [nothing] : table(heads, rows)));
    },
  }),
  command({
    name: 'channel rotate',
    says: 'Gives a channel a new secret, printed once. The old one signs beside it for a day, unless said.',
    example: `ambit channel rotate ${exampleId} --overlap 1h`,
    args: { channel },
    flags: { overlap: may(duration, 'how long the old one goes on to sign') },
    async run({ operator, args, flags: { overlap = dayInSeconds } }) {
      const rotated = await (await operator()).channels.rotate(args.channel, overlap);
      return answer(rotated, line`${named(rotated.name, rotated.id)} has a new secret.`, ...secretLines(rotated));
    },
  }),
  command({
    name: 'channel test',
    says: 'Sends a test by a channel and waits for what comes of it.',
    example: `ambit channel test ${exampleId}`,
    args: { channel },
    async run({ operator, args }) {
      const { channels } = await operator();
      const told = await untilTried(channels, await channels.test(args.channel));
      const came = line`${cameOf(told)}: ${told.said ?? 'nothing was sent so far'}.`;
      return { ...answer(told, came), exit: told.state === 'delivered' ? 'ok' : 'refused' };
    },
  }),
  command({
    name: 'channel enable',
    says: 'Enables a channel that was disabled. What happened meanwhile is not told.',
    example: `ambit channel enable ${exampleId}`,
    args: { channel },
    async run({ operator, args }) {
      const enabled = await (await operator()).channels.enable(args.channel);
      return answer(enabled, line`${named(enabled.name, enabled.id)} is active.`);
    },
  }),
  command({
    name: 'channel wish',
    says: 'Sets how you hear of questions by mail: of each, once an hour how many wait (digest), or not at all (off).',
    example: 'ambit channel wish digest',
    args: { mail: told(oneOf('each', 'digest', 'off'), 'each, digest or off') },
    async run({ operator, args }) {
      const mail = await (await operator()).channels.wishMail(args.mail);
      return answer({ mail }, line`Mail about questions: ${mail}.`);
    },
  }),
  command({
    name: 'channel remove',
    says: 'Removes a channel: it is told nothing more.',
    example: `ambit channel remove ${exampleId}`,
    args: { channel },
    async run({ operator, args }) {
      await (await operator()).channels.remove(args.channel);
      return answer({ ...args, state: 'removed' }, line`${args.channel} is removed.`);
    },
  }),
];

function secretLines({ secret, publicKeys }: ChannelWithSecret): readonly Line[] {
  if (secret !== undefined) return [line`Its secret, shown this once: ${secret}`];
  return publicKeys.slice(0, 1).map(({ key }) => line`Its public key: ${key}`);
}

function cameOf({ state }: Delivery): string {
  if (state === 'delivered') return 'The test was taken';
  return state === 'waiting'
    ? 'The test was not taken yet, and is tried again'
    : 'The test was not taken, and is not tried again';
}

const testMsMax = 15_000;
const lookAgainMs = 250;

async function untilTried(channels: Operator['channels'], test: Delivery): Promise<Delivery> {
  let now = test;
  for (let waited = 0; now.attempts === 0 && waited < testMsMax; waited += lookAgainMs) {
    await sleep(lookAgainMs);
    now = await channels.delivery(test);
  }
  return now;
}
