import { isPlainName } from '@ambit/protocol';
import type { Notice } from './notice.ts';
import { onTheCard } from './notice.ts';

/** What stands in a mail. INVARIANT (lying-text): no link but ours, and a subject in our words, with a name only where an owner accepted it. */
export type Letter = { readonly subject: string; readonly text: string; readonly html: string };

/** Names as people gave them; null where nobody did, or where none may be told. */
export type Names = { readonly agent: string | null; readonly requester: string | null };

export function questionLetter(notice: Notice, names: Names, people: string): Letter {
  const { approval, agent, requester, expiresAt } = notice;
  const name = plainOr(names.agent, null);
  const asker = requester === null ? 'by itself' : `for ${plainOr(names.requester, requester)}`;
  return letter(`1 question from ${name ?? 'an agent'}`, [
    { says: sentenceIn(notice) },
    {
      says: `Asked by: ${name ?? agent ?? 'an agent'}, ${asker}\nAnswer until: ${showTime(expiresAt ?? notice.at)}`,
    },
    { says: 'Read all of it and answer:', link: `${people}/inbox/${approval}` },
    { says: `Or in a terminal: ambit approval show ${approval}` },
    { says: onlyTells },
  ]);
}

/** Of questions that are not told one by one. */
export function sumLetter(count: string, isMore: boolean, people: string): Letter {
  const says = `${count} ${isMore ? 'more ' : ''}${count === '1' ? 'question waits' : 'questions wait'}`;
  return letter(says, [
    { says: `${says} for you. You are not told of each of them by mail.` },
    { says: 'Read them and answer:', link: `${people}/inbox` },
    { says: 'Or in a terminal: ambit approval list' },
    { says: onlyTells },
  ]);
}

export const testLetter = (): Letter =>
  letter('A test of mail from Ambit', [
    { says: 'This is a test of the channel. Nobody asks for anything.' },
    { says: 'Mail about questions reaches you.' },
  ]);

const onlyTells = 'This mail only tells you. Nobody can answer by it: an answer is signed with your key.';

/** A name that can only be read as one, and of which no reader of mail makes a link. */
const plainOr = <T>(name: string | null, otherwise: T): string | T =>
  name !== null && isPlainName(name) && !linkLike.test(name) ? name : otherwise;

/** What readers of mail make a link of by themselves, in values that somebody outside chose. */
const linkLike = /:\/\/|www\.|@|[\p{L}\p{N}-]\.\p{L}{2,}/iu;

function sentenceIn({ sentence, action }: Notice): string {
  const others = action === null ? sentence : sentence.replaceAll(action, '');
  return linkLike.test(others) ? onTheCard(action ?? '') : sentence;
}

/** `2027-01-05 09:15 UTC`: the same for everybody who reads it. */
const showTime = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

type Paragraph = { readonly says: string; readonly link?: string };

function letter(subject: string, paragraphs: readonly Paragraph[]): Letter {
  const text = paragraphs.map(({ says, link }) => (link === undefined ? says : `${says}\n${link}`)).join('\n\n');
  const html = paragraphs.map(({ says, link }) => {
    const lines = escapeHtml(says).replaceAll('\n', '<br>');
    return link === undefined
      ? `<p dir="ltr">${lines}</p>`
      : `<p dir="ltr">${lines}<br><a href="${escapeHtml(link)}">${escapeHtml(link)}</a></p>`;
  });
  return {
    subject,
    text: `${text}\n`,
    html: `<!doctype html>\n<html lang="en"><body>\n${html.join('\n')}\n</body></html>\n`,
  };
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => entities[one] ?? one);
