import { constants, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { type IssuersOf, notePeer } from './peer-certificate.ts';
import type { ServerLimits } from './strict-server.ts';

/** Where a listener's certificate is, and whose signature under a client's certificate counts. Paths of PEM files. */
export type TlsFiles = {
  /** The server's certificate, then those between it and its root. */
  readonly certificate: string;
  readonly key: string;
  /**
   * Each with the very certificates that sign clients' certificates: a root that signs nothing but another authority does
   * not belong here. INVARIANT (named authority): then no chain can be read in two ways.
   */
  readonly authorities: readonly TlsAuthority[];
};

export type TlsAuthority = { readonly name: string; readonly file: string };

/** What a TLS listener runs on. Its files may change while it runs: `refresh` notices. */
export type Tls = {
  readonly authorities: readonly string[];
  createServer(limits: Omit<ServerLimits, 'idleMsMax'>, listener: RequestListener): Server;
  /**
   * Reads the files again where one has changed, and goes on with them for every connection that is made from now on.
   * Answers whether it did. Throws `TlsFault` where they do not fit each other; then the listener goes on as it was.
   */
  refresh(): boolean;
};

/** A file of the TLS listener cannot be used. The message never holds any of the key. */
export class TlsFault extends Error {
  override readonly name = 'TlsFault';
}

type Authority = { readonly name: string; readonly certificates: readonly X509Certificate[] };
type Material = { readonly context: SecureContextOptions; readonly authorities: readonly Authority[] };

export function openTls(files: TlsFiles): Tls {
  let stamp = stampOf(files);
  let material = readMaterial(files);
  let server: Server | undefined;
  const issuersOf: IssuersOf = (certificate) =>
    material.authorities.flatMap(({ name, certificates }) =>
      certificates.some((one) => certificate.checkIssued(one) && certificate.verify(one.publicKey)) ? name : [],
    );
  return {
    authorities: files.authorities.map(({ name }) => name),
    createServer(limits, listener) {
      const made = createServer({ ...limits, ...material.context, ...asking }, listener);
      made.prependListener('secureConnection', (socket) => notePeer(socket, issuersOf));
      server = made;
      return made;
    },
    refresh() {
      const now = stampOf(files);
      if (now === stamp) return false;
      const next = readMaterial(files);
      server?.setSecureContext(next.context);
      [material, stamp] = [next, now];
      return true;
    },
  };
}

/**
 * What to call every second or so. Files that are half replaced do not fit yet: the listener goes on with the old ones,
 * says so once, and looks again.
 */
export function keepFresh(tls: Tls, tell: (says: string) => void): () => void {
  let told = '';
  return () => {
    try {
      if (!tls.refresh()) return;
      told = '';
      tell('the TLS listener goes on with its new files');
    } catch (error) {
      if (!(error instanceof TlsFault)) throw error;
      if (error.message !== told) tell(`the TLS listener goes on with its old files: ${error.message}`);
      told = error.message;
    }
  };
}

const asking = {
  // RFC 8705 §2: asked of everybody, demanded of nobody. Who comes without one proves itself in another way, or not.
  requestCert: true,
  rejectUnauthorized: false,
  ALPNProtocols: ['http/1.1'],
  // As long as a caller has for the head of a request.
  handshakeTimeout: 10_000,
};

function readMaterial({ certificate, key, authorities }: TlsFiles): Material {
  const read = authorities.map(({ name, file }) => ({ name, certificates: certificatesOf(file) }));
  const context: SecureContextOptions = {
    cert: textOf(certificate),
    key: textOf(key),
    // An empty list is no authority at all; left out, it would be all that browsers trust.
    ca: read.flatMap((one) => one.certificates.map(String)),
    allowPartialTrustChain: true,
    minVersion: 'TLSv1.2',
    // Whoever a connection is with when it is made, it stays with.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
  try {
    createSecureContext(context);
  } catch (error) {
    throw new TlsFault(`${certificate} and ${key} are no certificate and its key (${codeOf(error)})`);
  }
  return { context, authorities: read };
}

const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function certificatesOf(file: string): readonly X509Certificate[] {
  const found = textOf(file).match(pem) ?? [];
  if (found.length === 0) throw new TlsFault(`${file} holds no certificate in PEM form`);
  return found.map((one) => openAuthority(one, file));
}

function openAuthority(text: string, file: string): X509Certificate {
  try {
    const certificate = new X509Certificate(text);
    if (certificate.ca) return certificate;
  } catch (error) {
    throw new TlsFault(`${file} holds a certificate that cannot be read (${codeOf(error)})`);
  }
  throw new TlsFault(`${file} holds a certificate that is none of an authority: it may not sign others`);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TlsFault(`${file} cannot be read (${codeOf(error)})`);
  }
}

/** Changes with every way in which a file is replaced: written over, renamed over, or behind a link that moved. */
function stampOf({ certificate, key, authorities }: TlsFiles): string {
  const files = [certificate, key, ...authorities.map(({ file }) => file)];
  return files.map((file) => stamped(file)).join(' ');
}

function stamped(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? 'none' : `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}`;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
