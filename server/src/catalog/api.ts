import type { PersonId } from '@ambit/protocol';
import { refuse } from '../foundation/index.ts';
import type { Description, ImportNote, SecurityScheme } from './importers/openapi.ts';

/** An API behind the gateway. Where it lives was named by a person; what its description says of that is a proposal. */
export type Api = {
  /** Small letters, digits and dashes: the first half of its actions' ids. */
  readonly name: string;
  readonly title: string;
  /** `https://api.example.com`, in canonical spelling. */
  readonly origin: string;
  /** Path below which the described paths start, without a slash at its end; empty for the root. */
  readonly basePath: string;
  readonly zone: string;
  readonly environment: string;
  /** It gets signed tags about the agent and its task. */
  readonly wantsTags: boolean;
  /** It verifies tokens itself: agents may have tokens of their tasks that are for it (RFC 8707). */
  readonly takesTokens: boolean;
  readonly format: Description['format'];
  /** The description's own version, and the digest of its text. */
  readonly descriptionVersion: string;
  readonly descriptionDigest: string;
  /** Where the description says that the API lives. */
  readonly servers: readonly string[];
  readonly security: readonly SecurityScheme[];
  readonly notes: readonly ImportNote[];
  readonly importedAt: number;
  readonly importedBy: PersonId;
  /** Counts the changes to this API and its actions. */
  readonly revision: number;
};

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
