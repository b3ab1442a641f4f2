import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { fromBase64Url } from '@ambit/protocol';
import { refuse } from '../../foundation/index.ts';

/** What a challenge is for. It is good for nothing else. */
export type ChallengeUse = {
  readonly use: 'session' | 'enrolment' | 'addition';
  /** Thumbprint of the key whose proof came with the request: whoever steals what answers it holds another. */
  readonly jkt: string;
  /** The enrolment or the person that it is about; empty where nobody is known yet. */
  readonly about: string;
};

/** A challenge that was answered in time. Spend it once. */
export type Answered = { readonly text: string; readonly expiresAt: number };

/**
 * Challenges for passkeys that nobody has to keep: they carry their own end and a code that only this plane makes, so a
 * stranger who asks for a million of them fills nothing.
 */
export type Challenges = {
  readonly issue: (use: ChallengeUse, now: number) => string;
  /** Refuses with `passkey.challenge_over`, in the same words whatever is wrong. */
  readonly open: (text: string, use: ChallengeUse, now: number) => Answered;
};

export const challengeSeconds = 300;

const randomSize = 16;
const timeSize = 6;
const codeSize = 32;

export function createChallenges(key: Uint8Array): Challenges {
  const codeOf = (head: Uint8Array, { use, jkt, about }: ChallengeUse) =>
    // None of the three can hold a line feed.
    createHmac('sha256', key).update(`${use}\n${jkt}\n${about}\n`).update(head).digest();
  return {
    issue(use, now) {
      const time = Buffer.alloc(timeSize);
      time.writeUIntBE(now + challengeSeconds * 1000, 0, timeSize);
      const head = Buffer.concat([randomBytes(randomSize), time]);
      return Buffer.concat([head, codeOf(head, use)]).toString('base64url');
    },
    open(text, use, now) {
      const bytes = Buffer.from(fromBase64Url(text) ?? []);
      const [head, code] = [bytes.subarray(0, randomSize + timeSize), bytes.subarray(randomSize + timeSize)];
      if (code.length !== codeSize || !timingSafeEqual(code, codeOf(head, use))) {
        throw refuse('passkey.challenge_over', `no challenge of ours for ${use.use} by the key ${use.jkt}`);
      }
      const expiresAt = head.readUIntBE(randomSize, timeSize);
      if (now >= expiresAt) throw refuse('passkey.challenge_over', `the challenge ended at ${expiresAt}`);
      return { text, expiresAt };
    },
  };
}
