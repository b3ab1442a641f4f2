import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** The built files of the console. */
export type Pages = {
  /** Answers whether it took the request: one for a file by its exact name, or for a page by its address. */
  take(request: IncomingMessage, response: ServerResponse): boolean;
};

type Asset = { readonly type: string; readonly bytes: Buffer; gzipped?: Buffer };
type Built = { readonly index: string; readonly firsts: ReadonlySet<string>; readonly assets: Map<string, Asset> };

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};
const compressible = /^(text|image\/svg)/;

/** What an answer for a person's browser carries, whatever it is. */
const always = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * INVARIANT (what people see is ours): nothing but our own files runs or is shown, and nobody frames the page. The one
 * nonce is for style elements, which the library of dialogs makes to keep the page behind a dialog still.
 */
const policyWith = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "font-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

const nonceMark = '%STYLE_NONCE%';
const notBuilt =
  'The console is not here: it was not built. In a checkout run `npm run console`, then start Ambit again; the API and the command line work without it.';

/** Reads the built files once: what is not among them by its exact name does not exist. */
export function openPages(folder: string): Pages {
  const built = read(folder);
  return {
    take(request, response) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return false;
      const path = (request.url ?? '').split('?')[0] ?? '';
      const asset = built?.assets.get(path);
      if (asset === undefined && !isPage(request, path, built)) return false;
      if (asset !== undefined) sendAsset(request, response, asset);
      else if (built === null) sendMissing(request, response);
      else sendIndex(request, response, built.index);
      return true;
    },
  };
}

/** Whether the console was built there. */
export const hasPages = (folder: string): boolean => existsSync(join(folder, 'index.html'));

function read(folder: string): Built | null {
  if (!hasPages(folder)) return null;
  const firsts = JSON.parse(readFileSync(join(folder, 'pages.json'), 'utf8')) as readonly string[];
  const names = readdirSync(join(folder, 'assets'));
  const assets = names.map((name): [string, Asset] => {
    const type = types[extname(name)];
    if (type === undefined) throw new Error(`${name} in ${folder} is of no kind that a browser is given`);
    return [`/assets/${name}`, { type, bytes: readFileSync(join(folder, 'assets', name)) }];
  });
  return {
    index: readFileSync(join(folder, 'index.html'), 'utf8'),
    firsts: new Set(firsts),
    assets: new Map(assets),
  };
}

/** An address of the console. Where it was not built, nobody knows its addresses: whoever wants a page is told. */
function isPage({ headers }: IncomingMessage, path: string, built: Built | null): boolean {
  if (built !== null) return built.firsts.has(path.split('/')[1] ?? '');
  const isApi = /^\/(v1|health|\.well-known)(\/|$)/.test(path);
  return !isApi && (headers.accept ?? '').includes('text/html');
}

function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const isGzip = takesGzip && compressible.test(asset.type);
  if (isGzip) asset.gzipped ??= gzipSync(asset.bytes, { level: 9 });
  // The name holds the digest of the content: another content has another name.
  send(request, response, 200, (isGzip && asset.gzipped) || asset.bytes, {
    'content-type': asset.type,
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
    ...(isGzip && { 'content-encoding': 'gzip' }),
  });
}

function sendIndex(request: IncomingMessage, response: ServerResponse, index: string): void {
  const nonce = randomBytes(16).toString('base64url');
  sendPage(request, response, 200, index.replaceAll(nonceMark, nonce), policyWith(nonce));
}

function sendMissing(request: IncomingMessage, response: ServerResponse): void {
  const page = `<!doctype html><html lang="en"><title>Ambit</title><p>${notBuilt.replace(/`([^`]+)`/, '<code>$1</code>')}</p></html>`;
  sendPage(request, response, 503, page, "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
}

function sendPage(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  page: string,
  policy: string,
): void {
  send(request, response, status, Buffer.from(page), {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': policy,
    'permissions-policy':
      'camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self), publickey-credentials-create=(self)',
  });
}

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  status: number,
  bytes: Buffer,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, { ...always, ...headers, 'content-length': bytes.byteLength });
  response.end(method === 'HEAD' ? undefined : bytes);
}
