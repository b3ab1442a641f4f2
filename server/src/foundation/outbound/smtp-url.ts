/** A mail server, and how to prove ourselves to it. */
export type SmtpServer = {
  readonly hostname: string;
  readonly port: number;
  /** TLS from the first byte; otherwise by STARTTLS (RFC 3207). */
  readonly isTls: boolean;
  readonly login: { readonly user: string; readonly password: string } | null;
};

/** The mail server of an `smtp:` or `smtps:` URL, or in one sentence why it is none. The URL is never repeated: it may hold a password. */
export function readSmtpUrl(text: string): SmtpServer | string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:'))
    return 'expected a URL like smtps://user:password@mail.example or smtp://mail.example:587';
  if (url.hostname === '') return 'the URL names no host';
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '')
    return 'the URL holds more than user, password, host and port';
  if ((url.username === '') !== (url.password === ''))
    return 'the URL has a user without a password, or one without a user';
  const isTls = url.protocol === 'smtps:';
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  try {
    const login =
      url.username === ''
        ? null
        : { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
    const port = Number(url.port) || (isTls ? 465 : 587);
    return { hostname, port, isTls, login };
  } catch (error) {
    if (error instanceof URIError) return 'its user or password is not percent-encoded';
    throw error;
  }
}
