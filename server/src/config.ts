import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  canonicalOrigin,
  readAddressRules,
  readSmtpUrl,
  Secret,
  type TlsAuthority,
  whyNotPostgresUrl,
} from './foundation/index.ts';

/** One setting: everything about it in one row. docs/settings.md is generated from these rows. */
type Setting<T> = {
  readonly env: string;
  readonly fallback: string;
  readonly says: string;
  readonly read: (text: string) => T;
};

export class ConfigFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigFault';
  }
}

const setting = <T>(env: string, fallback: string, says: string, read: (text: string) => T): Setting<T> => ({
  env,
  fallback,
  says,
  read,
});

const text = (value: string) => value;
const path = (value: string) => {
  if (value === '') throw new ConfigFault('expected a path, got ""');
  return resolve(value);
};

const host = (value: string): string => {
  if (/^[A-Za-z0-9.:-]{1,253}$/.test(value)) return value;
  throw new ConfigFault(`expected an address or host name without brackets, got "${value}"`);
};

/** What may stand in front of a note's signature: see the verifier keys of c2sp.org/signed-note. */
const logName = (value: string): string => {
  if (/^[!-*,-~]{1,200}$/.test(value)) return value;
  throw new ConfigFault(`expected a name without spaces and plus signs, got "${value}"`);
};

/** A misread list must not start: each part is read here as the outbound room will read it. */
const addresses = (value: string): string[] => {
  const all = list(value);
  readAddressRules(all);
  return all;
};

const plainOrigins = (value: string): string[] =>
  list(value).map((one) => {
    if (canonicalOrigin(one)?.startsWith('http:')) return one;
    throw new ConfigFault(`expected origins like http://shop.internal:8080, got "${one}"`);
  });

/** Wrapped at once, so that no print of the settings shows it. */
const secret = (value: string) => (value === '' ? null : new Secret(value));

/** It may hold a password, so no message repeats it. */
const storeUrl = (value: string) => {
  const why = value === '' ? undefined : whyNotPostgresUrl(value);
  if (why !== undefined) throw new ConfigFault(why);
  return secret(value);
};

/** As `storeUrl`: it may hold a password. */
const smtpUrl = (value: string) => {
  const read = value === '' ? null : readSmtpUrl(value);
  if (typeof read === 'string') throw new ConfigFault(read);
  return secret(value);
};

/** One plain address: no name, no quotes, nothing that two readers could take for two. */
const mailAddress = (value: string): string => {
  if (value === '' || /^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(value)) return value;
  throw new ConfigFault(`expected an address like ambit@acme.example, got "${value}"`);
};

const list = (value: string) => value.split(',').flatMap((part) => part.trim() || []);

const whole =
  (min: number, max: number) =>
  (value: string): number => {
    const number = /^\d{1,12}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new ConfigFault(`expected a whole number from ${min} to ${max}, got "${value}"`);
  };

const choice =
  <T extends string>(...options: readonly T[]) =>
  (value: string): T => {
    const found = options.find((option) => option === value);
    if (found === undefined) throw new ConfigFault(`expected ${options.join(' or ')}, got "${value}"`);
    return found;
  };

/** Each with a name by which people register what it may vouch for. */
const authorities = (value: string): TlsAuthority[] => {
  const read = list(value).map((one): TlsAuthority => {
    const match = /^([a-z0-9][a-z0-9.-]{0,62})=(.+)$/.exec(one);
    if (match === null)
      throw new ConfigFault(`expected names and files like corp=/etc/ambit/corp-ca.pem, got "${one}"`);
    return { name: match[1] ?? '', file: resolve(match[2] ?? '') };
  });
  const twice = read.find(({ name }, i) => read.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined) throw new ConfigFault(`the name ${twice.name} stands there twice`);
  return read;
};

const optionalPath = (value: string) => (value === '' ? null : resolve(value));

const dnsName = (value: string): string => {
  if (/^[a-z0-9]([a-z0-9.-]{0,253}[a-z0-9])?$/.test(value)) return value;
  throw new ConfigFault(`expected a lower-case DNS name, got "${value}"`);
};

const origin = (value: string): string => {
  if (value === '') return value;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const local = url !== undefined && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && local);
  if (url?.origin !== value || !isSafe) {
    throw new ConfigFault(`expected an https origin without a path (http only on loopback), got "${value}"`);
  }
  return value;
};

/** In a checkout and in the published package alike, it lies beside this package. */
const ownConsole = fileURLToPath(new URL('../../console/dist', import.meta.url));

const keyFileFallback = './keys/ambit.keys';

export const settings = {
  dataDirectory: setting(
    'AMBIT_DATA',
    './data',
    'Folder of the embedded store. One process holds it at a time. Not used where AMBIT_STORE names a database.',
    path,
  ),
  store: setting(
    'AMBIT_STORE',
    '',
    'URL of a PostgreSQL database that holds the store: postgres://…, off loopback with sslmode=verify-full. Empty: the embedded store.',
    storeUrl,
  ),
  storeHeardMs: setting(
    'AMBIT_STORE_HEARD_MS',
    '1000',
    'On PostgreSQL: how long ago the changes of other nodes may have been heard, in milliseconds. Beyond it nothing remembered counts.',
    whole(200, 60_000),
  ),
  nodeLostMs: setting(
    'AMBIT_NODE_LOST_MS',
    '6000',
    'On PostgreSQL: how long a node may say nothing until others declare it dead, in milliseconds. It stops by itself after half of that.',
    whole(1200, 60_000),
  ),
  keyFile: setting(
    'AMBIT_KEYS',
    keyFileFallback,
    'File with the plane’s own keys; mode 600, never inside the data folder.',
    // Empty is what is left where the keys come as a text.
    (value) => path(value || keyFileFallback),
  ),
  keysJson: setting(
    'AMBIT_KEYS_JSON',
    '',
    'The text of a key file, for where secrets come by the environment. Then there must be no AMBIT_KEYS and no file.',
    secret,
  ),
  host: setting(
    'AMBIT_HOST',
    '127.0.0.1',
    'Address both listeners bind to. Off loopback, TLS must end in front of them.',
    host,
  ),
  agentPort: setting(
    'AMBIT_AGENT_PORT',
    '8420',
    'Port of the agents’ listener: gateway, tokens, decisions. 0 picks a free one.',
    whole(0, 65_535),
  ),
  peoplePort: setting(
    'AMBIT_PEOPLE_PORT',
    '8421',
    'Port of the people’s listener: the operator API. 0 picks a free one.',
    whole(0, 65_535),
  ),
  agentOrigin: setting(
    'AMBIT_AGENT_ORIGIN',
    '',
    'Public origin of the agents’ listener: token issuer and gateway. Empty: its address.',
    origin,
  ),
  peopleOrigin: setting(
    'AMBIT_PEOPLE_ORIGIN',
    '',
    'Public origin of the people’s listener. Empty: its address.',
    origin,
  ),
  consoleFiles: setting(
    'AMBIT_CONSOLE',
    '',
    'Folder with the built console, which the people’s listener serves; empty: the one that came with Ambit; `off`: none.',
    (value) => (value === '' ? ownConsole : value === 'off' ? null : resolve(value)),
  ),
  tlsCertificate: setting(
    'AMBIT_TLS_CERTIFICATE',
    '',
    'File with the certificate (PEM, with those between it and its root) of a third listener: the agents’, over TLS, where they may prove themselves by certificates (RFC 8705). Empty: there is none. Read again when it changes.',
    optionalPath,
  ),
  tlsKey: setting(
    'AMBIT_TLS_KEY',
    '',
    'File with the private key (PEM) of AMBIT_TLS_CERTIFICATE. Read again when it changes.',
    optionalPath,
  ),
  tlsClientAuthorities: setting(
    'AMBIT_TLS_CLIENT_CAS',
    '',
    'Who may sign certificates of agents: names and files (PEM), such as corp=/etc/ambit/corp-ca.pem, separated by commas. A file holds the very certificates that sign agents’ ones, and no others. Read again when one changes.',
    authorities,
  ),
  tlsHost: setting('AMBIT_TLS_HOST', '127.0.0.1', 'Address that the TLS listener binds to.', host),
  tlsPort: setting('AMBIT_TLS_PORT', '8422', 'Port of the TLS listener. 0 picks a free one.', whole(0, 65_535)),
  tlsOrigin: setting(
    'AMBIT_TLS_ORIGIN',
    '',
    'Public https origin of the TLS listener. Nothing may end TLS in front of it. Empty: its address.',
    origin,
  ),
  trustDomain: setting(
    'AMBIT_TRUST_DOMAIN',
    'ambit.internal',
    'SPIFFE trust domain of the agents’ identities.',
    dnsName,
  ),
  trustBundleSecondsMax: setting(
    'AMBIT_TRUST_BUNDLE_SECONDS_MAX',
    '86400',
    'How long the last good bundle of a SPIFFE trust domain counts while its address does not answer with another; beyond it nobody comes in by it.',
    whole(60, 2_592_000),
  ),
  svidTtlSeconds: setting(
    'AMBIT_SVID_TTL_SECONDS',
    '3600',
    'Longest life of an X.509-SVID that the plane issues to an agent, never beyond that of the agent; a JWT-SVID lives five minutes at most. None are issued before `ambit keys rotate --svids`.',
    whole(60, 86_400),
  ),
  logOrigin: setting(
    'AMBIT_LOG_ORIGIN',
    'ambit.internal/log',
    'Origin line of the log’s checkpoints: name this log once and keep it.',
    logName,
  ),
  checkpointSeconds: setting(
    'AMBIT_CHECKPOINT_SECONDS',
    '5',
    'Longest time between two signed checkpoints while entries arrive.',
    whole(1, 3600),
  ),
  checkpointFile: setting(
    'AMBIT_CHECKPOINT_FILE',
    '',
    'Second place for checkpoints, best on another machine’s disk. Empty: none, and the log is consistent but not anchored.',
    text,
  ),
  policyEngine: setting(
    'AMBIT_POLICY_ENGINE',
    'compiled',
    'Who evaluates Cedar on each call: the compiled closures or the official build (slower).',
    choice('compiled', 'official'),
  ),
  tokenTtlSeconds: setting(
    'AMBIT_TOKEN_TTL_SECONDS',
    '300',
    'Longest life of a token; never beyond its task.',
    whole(10, 3600),
  ),
  statusSeconds: setting(
    'AMBIT_STATUS_SECONDS',
    '10',
    'Within how many seconds an API that verifies tokens offline hears, by the status list, that one ended.',
    whole(2, 600),
  ),
  taskTtlSecondsMax: setting('AMBIT_TASK_TTL_SECONDS_MAX', '86400', 'Longest life of a task.', whole(60, 31_536_000)),
  elevationTtlSecondsMax: setting(
    'AMBIT_ELEVATION_TTL_SECONDS_MAX',
    '3600',
    'Longest time for which a task may get more than it was opened with.',
    whole(1, 31_536_000),
  ),
  approvalTtlSeconds: setting(
    'AMBIT_APPROVAL_TTL_SECONDS',
    '900',
    'How long a parked call waits for an answer, unless its task ends first.',
    whole(5, 604_800),
  ),
  approvalRunSeconds: setting(
    'AMBIT_APPROVAL_RUN_SECONDS',
    '60',
    'How soon after the yes the call must have started.',
    whole(1, 3600),
  ),
  approvalsPendingPerAgentMax: setting(
    'AMBIT_APPROVALS_PENDING_MAX',
    '20',
    'Questions one agent may have open at once.',
    whole(1, 1000),
  ),
  waitSecondsMax: setting(
    'AMBIT_WAIT_SECONDS_MAX',
    '600',
    'How long an agent may hold a connection open for a person’s answer.',
    whole(0, 3600),
  ),
  bodyBytesMax: setting(
    'AMBIT_BODY_BYTES_MAX',
    '1048576',
    'Largest request body that a decision reads.',
    whole(1024, 67_108_864),
  ),
  peopleBodyBytesMax: setting(
    'AMBIT_PEOPLE_BODY_BYTES_MAX',
    '33554432',
    'Largest request body on the people’s listener, such as the description of an API.',
    whole(65_536, 268_435_456),
  ),
  answerBytesMax: setting(
    'AMBIT_ANSWER_BYTES_MAX',
    '104857600',
    'Largest answer that is passed on.',
    whole(1024, 10_737_418_240),
  ),
  answerCopyBytesMax: setting(
    'AMBIT_ANSWER_COPY_BYTES_MAX',
    '4096',
    'How much of an answer is kept, sealed, with its entry; sensitive answers keep a digest only.',
    whole(0, 1_048_576),
  ),
  upstreamTimeoutSeconds: setting(
    'AMBIT_UPSTREAM_TIMEOUT_SECONDS',
    '30',
    'How long an upstream may stay silent.',
    whole(1, 600),
  ),
  outboundPrivateAllowed: setting(
    'AMBIT_OUTBOUND_PRIVATE_ALLOWED',
    '',
    'Private ranges and origins the plane may connect to: CIDRs or origins, separated by commas.',
    addresses,
  ),
  outboundPlainHttpAllowed: setting(
    'AMBIT_OUTBOUND_PLAIN_HTTP_ALLOWED',
    '',
    'Origins off loopback that may be reached without TLS, separated by commas.',
    plainOrigins,
  ),
  smtpUrl: setting(
    'AMBIT_SMTP_URL',
    '',
    'Mail server by which approvers hear of questions: smtps://user:password@mail.example, or smtp://… for STARTTLS, which is required off loopback. It may be inside. Empty: no mail.',
    smtpUrl,
  ),
  mailFrom: setting(
    'AMBIT_MAIL_FROM',
    '',
    'Address that mail comes from. Set together with AMBIT_SMTP_URL.',
    mailAddress,
  ),
  mailsPerHourMax: setting(
    'AMBIT_MAILS_PER_HOUR_MAX',
    '10',
    'Mails about single questions that one person gets in an hour. Of those beyond it, one mail says how many there are.',
    whole(1, 1000),
  ),
  agentCallsPerSecond: setting(
    'AMBIT_AGENT_CALLS_PER_SECOND',
    '50',
    'Calls per second of one agent, denials included; a burst of twice as many is let through.',
    whole(1, 100_000),
  ),
  callsAtOnceMax: setting(
    'AMBIT_CALLS_AT_ONCE_MAX',
    '512',
    'Requests of agents that are worked on at once, not counting those that wait for a body, an upstream or a person. More are turned away with 503.',
    whole(1, 100_000),
  ),
  connectionsMax: setting(
    'AMBIT_CONNECTIONS_MAX',
    '16384',
    'Connections that the agents’ listener holds at once; more are closed. Fewer where the system allows fewer open files: 2048 of those are kept for people, the store and upstreams.',
    whole(16, 1_000_000),
  ),
  diskReserveMebibytes: setting(
    'AMBIT_DISK_RESERVE_MEBIBYTES',
    '64',
    'Room on the disk of the embedded store that is kept for people: while less is free, agents’ requests are turned away, and endings are not.',
    whole(0, 1_000_000_000),
  ),
  callerTimeoutSeconds: setting(
    'AMBIT_CALLER_TIMEOUT_SECONDS',
    '60',
    'How long a caller may leave an answer unread, or a connection unused.',
    whole(1, 3600),
  ),
  clockSkewSecondsMax: setting(
    'AMBIT_CLOCK_SKEW_SECONDS_MAX',
    '5',
    'How far the machine’s clock may be behind the newest entry; beyond it nothing is permitted until the clock is right.',
    whole(0, 3600),
  ),
  bodyDigestRequired: setting(
    'AMBIT_BODY_DIGEST_REQUIRED',
    'yes',
    'Whether a proof for a request with a body must carry the body’s digest.',
    choice('yes', 'no'),
  ),
} as const;

export type Config = { readonly [K in keyof typeof settings]: ReturnType<(typeof settings)[K]['read']> };

/** Reads every setting or says, in one sentence, which one cannot be read and what was expected. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  refuseUnknown(env);
  const entries = Object.entries(settings).map(([name, row]) => {
    try {
      return [name, row.read(env[row.env] ?? row.fallback)];
    } catch (error) {
      throw new ConfigFault(`${row.env}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  const config = Object.fromEntries(entries) as Config;
  refusePlainHttp(config);
  refuseHalfTls(config);
  refuseHalfMail(config);
  refuseTwoKeys(env);
  return config;
}

/** THREATS: proof-without-body. Whoever can reach the plane without TLS can read and change what agents send it. */
function refusePlainHttp({ host, agentOrigin, peopleOrigin }: Config): void {
  if (isLoopback(host)) return;
  const origins = { AMBIT_AGENT_ORIGIN: agentOrigin, AMBIT_PEOPLE_ORIGIN: peopleOrigin };
  const plain = Object.entries(origins).flatMap(([name, value]) => (value.startsWith('https://') ? [] : [name]));
  if (plain.length === 0) return;
  throw new ConfigFault(
    `AMBIT_HOST is ${host}, which others can reach: set ${plain.join(' and ')} to the https origin of whatever ends TLS in front`,
  );
}

/** A listener that is missing because of a misspelt setting would only be missed by whoever connects to it. */
function refuseHalfTls({ tlsCertificate, tlsKey, tlsClientAuthorities, tlsHost, tlsOrigin }: Config): void {
  const isOn = tlsCertificate !== null;
  if (isOn !== (tlsKey !== null)) throw new ConfigFault('AMBIT_TLS_CERTIFICATE and AMBIT_TLS_KEY are set together');
  if (!isOn && (tlsClientAuthorities.length > 0 || tlsOrigin !== '')) {
    throw new ConfigFault(
      'AMBIT_TLS_CLIENT_CAS and AMBIT_TLS_ORIGIN are for a TLS listener: set AMBIT_TLS_CERTIFICATE',
    );
  }
  if (tlsOrigin.startsWith('http:')) throw new ConfigFault('AMBIT_TLS_ORIGIN: expected an https origin');
  if (isOn && tlsOrigin === '' && !isLoopback(tlsHost)) {
    throw new ConfigFault(
      `AMBIT_TLS_HOST is ${tlsHost}: say in AMBIT_TLS_ORIGIN by which https origin agents reach it`,
    );
  }
}

function refuseHalfMail({ smtpUrl, mailFrom }: Config): void {
  if ((smtpUrl === null) !== (mailFrom === ''))
    throw new ConfigFault('AMBIT_SMTP_URL and AMBIT_MAIL_FROM are set together');
}

const isLoopback = (host: string): boolean =>
  isIP(host) === 4 ? host.startsWith('127.') : host === '::1' || host === 'localhost';

function refuseTwoKeys({ AMBIT_KEYS: file = '', AMBIT_KEYS_JSON: json = '' }: Parameters<typeof readConfig>[0]): void {
  if (file === '' || json === '') return;
  throw new ConfigFault('AMBIT_KEYS and AMBIT_KEYS_JSON are both set: say in one of them only where the keys are');
}

/** A misspelt setting would silently leave a default in force. */
function refuseUnknown(env: Readonly<Record<string, string | undefined>>): void {
  const known = new Set<string>([...Object.values(settings).map((row) => row.env), ...notOurs]);
  const unknown = Object.keys(env).filter((name) => name.startsWith('AMBIT_') && !known.has(name));
  if (unknown.length === 0) return;
  throw new ConfigFault(`${unknown.join(', ')}: no such setting; docs/settings.md lists them all`);
}

// Read by the tests and by the command line, not by the server.
const notOurs = ['AMBIT_CORPORA', 'AMBIT_TEST_POSTGRES', 'AMBIT_URL', 'AMBIT_PERSON', 'AMBIT_PERSON_KEY', 'AMBIT_HOME'];
