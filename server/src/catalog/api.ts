import type { ApiShown } from '@ambit/protocol/wire';
import { refuse } from '../foundation/index.ts';

/** As it is kept, with what its description says beside that. */
export type Api = Omit<ApiShown, 'review'>;

/** The address by which tokens name the API (RFC 8707 §2): where it lives, as a person wrote it down. */
export const resourceOf = ({ origin, basePath }: Server): string => `${origin}${basePath}`;

export type Server = Pick<Api, 'origin' | 'basePath'>;

/** `https://api.example.com/v3` as origin and base path. */
export function readServer(text: string): Server {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw notServer(text);
  // A trailing dot names the same host to DNS and another one to string comparison and certificates.
  const isPlain =
    url.username === '' && url.password === '' && url.search === '' && url.hash === '' && !url.hostname.endsWith('.');
  const rest = text.slice(text.indexOf('//') + 2);
  if (!isPlain || /[%;\\?#]|\/\/|\/\.{1,2}(\/|$)/.test(rest)) throw notServer(text);
  return { origin: url.origin, basePath: url.pathname.replace(/\/$/, '') };
}

const notServer = (text: string) =>
  refuse(
    'catalog.origin_invalid',
    `${text.slice(0, 200)} is not a plain server address`,
    'Name the server such as https://api.example.com/v3: http or https, without user, query, fragment or encoded characters.',
  );
