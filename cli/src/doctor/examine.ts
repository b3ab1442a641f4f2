import type { Operator } from '@ambit/sdk/operator';
import type { Connection } from '../command.ts';
import { failureOf } from '../exit.ts';
import { identityOf, readKeyFile, requireOrigin } from '../profile.ts';
import type { KeyDescription } from '../server.ts';
import { verifyLines } from '../verify.ts';
import type { World } from '../world.ts';
import { examineChannels } from './channels.ts';
import { bad, type Finding, good, look, skipped } from './finding.ts';
import { examineConsole, examineData, examineNode, examinePlaneKeys, examinePort, readHealth } from './machine.ts';

type Place = { readonly data: string | undefined; readonly keys: string | undefined };

/** Everything in turn. What cannot be looked at is a finding itself: the doctor always comes to an end. */
export async function examine(
  world: World,
  connection: Connection,
  operator: () => Promise<Operator>,
  place: Place,
): Promise<readonly Finding[]> {
  const { findings, logKey } = await examinePlane(world, place);
  return [
    examineNode(process.versions.node),
    ...findings,
    ...(await examineOperator(world, connection, operator, logKey)),
  ];
}

/** `logKey` is the thumbprint of the key that signs the log of the plane on this machine; null where it has none. */
type Here = { readonly findings: readonly Finding[]; readonly logKey: string | null };

async function examinePlane({ env }: World, place: Place): Promise<Here> {
  const { keySourceOf, loadKeys, readConfig } = await import('../server.ts');
  const said = { ...env, ...(place.data && { AMBIT_DATA: place.data }), ...(place.keys && { AMBIT_KEYS: place.keys }) };
  try {
    const config = readConfig(said);
    const {
      host,
      peoplePort,
      agentPort,
      tlsCertificate,
      tlsHost,
      tlsPort,
      keyFile,
      keysJson,
      dataDirectory,
      checkpointFile,
    } = config;
    const lies = keysJson === null ? examinePlaneKeys(keyFile, dataDirectory) : keysGiven;
    const [examined, logKey] =
      lies.state === 'good' ? openedKeys(lies, () => loadKeys(keySourceOf(config)).described) : [lies, null];
    const findings = [
      good('settings', 'all can be read'),
      examined,
      examineData(dataDirectory),
      await examinePort('agents’ port', host, agentPort, logKey),
      await examinePort('people’s port', host, peoplePort, logKey),
      ...(tlsCertificate === null ? [] : [await examinePort('TLS port', tlsHost, tlsPort, logKey, 'https')]),
      examineConsole(config.consoleFiles),
      examineTls(host, [config.agentOrigin, config.peopleOrigin]),
      checkpointFile === ''
        ? look(
            'second place',
            'this shell’s AMBIT_CHECKPOINT_FILE is empty; a running plane was not asked',
            'Where the plane has none either, name a file on another machine’s disk',
          )
        : good(
            'second place',
            `this shell’s AMBIT_CHECKPOINT_FILE is ${checkpointFile}; a running plane was not asked`,
          ),
    ];
    return { findings, logKey };
  } catch (error) {
    const isOurs = error instanceof Error && error.name === 'ConfigFault';
    const sentence = isOurs ? error.message : failureOf(error).sentence;
    const next = 'Correct that setting; docs/settings.md says what each may be';
    return { findings: [bad('settings', sentence, next)], logKey: null };
  }
}

const keysGiven = good('keys of the plane', 'come by AMBIT_KEYS_JSON; keep a copy elsewhere');

/** A file that lies where it should can still hold no keys. */
function openedKeys(lies: Finding, described: () => readonly KeyDescription[]): [Finding, string | null] {
  try {
    return [lies, described().find(({ kind }) => kind === 'log')?.id ?? null];
  } catch (error) {
    if (!(error instanceof Error && error.name === 'KeyFault')) throw error;
    return [bad('keys of the plane', error.message, 'Put the file back from the copy that you keep elsewhere'), null];
  }
}

function examineTls(host: string, origins: readonly string[]): Finding {
  if (['127.0.0.1', '::1', 'localhost'].includes(host)) return good('TLS', 'both listeners are on loopback only');
  if (origins.every((origin) => origin.startsWith('https://')))
    return good('TLS', 'ends in front of both listeners, by their origins');
  const next =
    'End TLS in front of both listeners, and name their https origins: AMBIT_AGENT_ORIGIN, AMBIT_PEOPLE_ORIGIN';
  return bad('TLS', `the listeners are on ${host}, and their origins are not https`, next);
}

async function examineOperator(
  world: World,
  connection: Connection,
  operator: () => Promise<Operator>,
  logKey: string | null,
): Promise<readonly Finding[]> {
  try {
    const { url, person, key } = identityOf(world.env, connection);
    requireOrigin(url);
    readKeyFile(key);
    const mine = good('your key', `${key} is private, for ${person} at ${url}`);
    const reached = await examineReach(world, url, logKey);
    return [mine, ...reached, ...(reached.some(({ state }) => state === 'bad') ? [] : await examineLog(operator))];
  } catch (error) {
    const { sentence, next, exit } = failureOf(error);
    return [exit === 'notAllowed' ? bad('your key', sentence, next ?? '') : bad('your address', sentence, next ?? '')];
  }
}

const skewSecondsMax = 30;
const otherPlane = 'Where you meant the plane of this machine, correct the address: --url, or ambit enrol';

/** Whether a plane answers, and whether its clock and ours agree: proofs are good for seconds. */
async function examineReach({ clock }: World, url: string, logKey: string | null): Promise<readonly Finding[]> {
  try {
    const response = await fetch(new URL('/health', url), { signal: AbortSignal.timeout(5000), redirect: 'error' });
    const plane = readHealth(response.ok, await response.json());
    if (plane === null) return [bad('Ambit', `${url} answered, and not as Ambit does`, 'Check the address')];
    const date = Date.parse(response.headers.get('date') ?? '');
    const answers = `${url} answers; its log has ${plane.entries} entries`;
    const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(url).hostname);
    const isAnother = isHere && logKey !== null && plane.logKey !== null && plane.logKey !== logKey;
    return [
      isAnother
        ? look('Ambit', `${answers}, and is not signed by the keys that lie here: it is another plane`, otherPlane)
        : good('Ambit', answers),
      examineClock(date, clock()),
    ];
  } catch (error) {
    return [
      bad(
        'Ambit',
        `${url} could not be reached (${failureOf(error).sentence})`,
        'Start it: ambit serve; or check the address',
      ),
    ];
  }
}

function examineClock(theirs: number, ours: number): Finding {
  if (Number.isNaN(theirs)) return skipped('clock', 'the answer had no date to compare with');
  const seconds = Math.round(Math.abs(theirs - ours) / 1000);
  if (seconds <= skewSecondsMax) return good('clock', `within ${Math.max(seconds, 1)} s of Ambit’s`);
  return bad(
    'clock',
    `${seconds} s away from Ambit’s: proofs will be refused as stale`,
    'Set the clock of this machine (NTP)',
  );
}

async function examineLog(operator: () => Promise<Operator>): Promise<readonly Finding[]> {
  try {
    const one = await operator();
    const { roles } = await one.me();
    const signedIn = [
      good('session', `you are known here, with the roles: ${roles.join(', ') || 'none'}`),
      ...(roles.includes('administrator') ? examineChannels(await one.channels.list()) : []),
    ];
    if (!roles.includes('auditor'))
      return [...signedIn, skipped('log', 'an auditor can verify it: ambit audit verify')];
    const verdict = await verifyLines(await one.log.export({ details: true, rows: true }), {});
    return [
      ...signedIn,
      verdict.ok ? good('log', verdict.says) : bad('log', verdict.says, 'See all of it: ambit audit verify'),
    ];
  } catch (error) {
    const { sentence, next } = failureOf(error);
    return [bad('session', sentence, next ?? 'Enrol a key: ambit enrol')];
  }
}
