import { cleanText } from '@ambit/protocol';
import { isLoopback, type Outbound, type SmtpServer } from '../../foundation/index.ts';
import type { Letter } from './letters.ts';

export type MailServer = SmtpServer & {
  /** The address that mail comes from. */
  readonly from: string;
  /** PEM certificates that are trusted instead of the well-known ones. */
  readonly authorities?: readonly string[];
  /** Whether mail may go to that address without TLS: on loopback alone, unless said. */
  readonly plainAllowed?: (address: string) => boolean;
};

export type Mailed =
  | { readonly kind: 'taken' }
  /** `forGood`: the server said of this letter that it will not take it. */
  | { readonly kind: 'failed'; readonly forGood: boolean; readonly because: string };

const waitMs = 15_000;

/**
 * One letter to one address, over a connection of its own through the one door out. INVARIANT (inside-out): nodemailer is
 * handed a socket and opens none. What goes off this machine is encrypted, to a server whose certificate was verified.
 */
export async function sendLetter(
  outbound: Outbound,
  { hostname, port, isTls, login, from, authorities, plainAllowed = isLoopback }: MailServer,
  to: { readonly address: string; readonly id: string },
  { subject, text, html }: Letter,
): Promise<Mailed> {
  try {
    const connection = await outbound.connect({ hostname, port });
    // Loaded by whoever sends mail, not by every start.
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      connection,
      host: hostname,
      port,
      // Our name in EHLO: that of the sender's domain, and not of this machine.
      name: domainOf(from),
      secure: isTls,
      // Whatever was looked up: what counts is the address at the other end.
      requireTLS: !isTls && !plainAllowed(connection.remoteAddress ?? ''),
      tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(authorities && { ca: [...authorities] }) },
      ...(login !== null && { auth: { user: login.user, pass: login.password } }),
      connectionTimeout: waitMs,
      greetingTimeout: waitMs,
      socketTimeout: waitMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      await transport.sendMail({
        from: { name: 'Ambit', address: from },
        to: { name: '', address: to.address },
        // What the addresses are is said here once more, so that no header is read for them.
        envelope: { from, to: [to.address] },
        // The same at every attempt.
        messageId: `<${to.id}@${domainOf(from)}>`,
        // RFC 3834 §5: so that nobody's automatic answer answers.
        headers: { 'Auto-Submitted': 'auto-generated' },
        subject,
        text,
        html,
      });
      return { kind: 'taken' };
    } finally {
      transport.close();
      connection.destroy();
    }
  } catch (error) {
    return failedBy(error);
  }
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

type SmtpError = Error & { readonly code?: string; readonly responseCode?: number; readonly command?: string };
const saidMax = 300;

/** RFC 5321 §4.2.1: 5yz is for good. Only of the recipient and of the letter it is about this letter. */
function failedBy(error: unknown): Mailed {
  if (!(error instanceof Error)) throw error;
  const { responseCode = 0, command = '' } = error as SmtpError;
  const isOfLetter = command === 'RCPT TO' || command === 'DATA';
  const because = cleanText(error.message).slice(0, saidMax).toWellFormed();
  return { kind: 'failed', forGood: isOfLetter && responseCode >= 500 && responseCode < 600, because };
}
