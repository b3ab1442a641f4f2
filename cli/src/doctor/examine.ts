import type { Operator } from '@ambit/sdk/operator';
import type { Connection } from '../command.ts';
import { failureOf } from '../exit.ts';
import { identityOf, readKeyFile, requireOrigin } from '../profile.ts';
import { verifyLines } from '../verify.ts';
import type { World } from '../world.ts';
import { examineChannels } from './channels.ts';
import { bad, type Finding, good, look, skipped } from './finding.ts';
import { examineConsole, examineData, examineNode, examinePlaneKeys, examinePort } from './machine.ts';

type Place = { readonly data: string | undefined; readonly keys: string | undefined };

/** Everything in turn. What cannot be looked at is a finding itself: the doctor always comes to an end. */
export async function examine(
  world: World,
  connection: Connection,
  operator: () => Promise<Operator>,
  place: Place,
): Promise<readonly Finding[]> {
  return [
    examineNode(process.versions.node),
    ...(await examinePlane(world, place)),
    ...(await examineOperator(world, connection, operator)),
  ];
}

async function examinePlane({ env }: World, place: Place): Promise<readonly Finding[]> {
  const { readConfig } = await import('../server.ts');
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
    return [
      good('settings', 'all can be read'),
      keysJson === null
        ? examinePlaneKeys(keyFile, dataDirectory)
        : good('keys of the plane', 'come by AMBIT_KEYS_JSON; keep a copy elsewhere'),
      examineData(dataDirectory),
      await examinePort('agents’ port', host, agentPort),
      await examinePort('people’s port', host, peoplePort),
      ...(tlsCertificate === null ? [] : [await examinePort('TLS port', tlsHost, tlsPort)]),
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
  } catch (error) {
    const isOurs = error instanceof Error && error.name === 'ConfigFault';
    const sentence = isOurs ? error.message : failureOf(error).sentence;
    return [bad('settings', sentence, 'Correct that setting; docs/settings.md says what each may be')];
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
): Promise<readonly Finding[]> {
  try {
    const { url, person, key } = identityOf(world.env, connection);
    requireOrigin(url);
    readKeyFile(key);
    const mine = good('your key', `${key} is private, for ${person} at ${url}`);
    const reached = await examineReach(world, url);
    return [mine, ...reached, ...(reached.some(({ state }) => state === 'bad') ? [] : await examineLog(operator))];
  } catch (error) {
    const { sentence, next, exit } = failureOf(error);
    return [exit === 'notAllowed' ? bad('your key', sentence, next ?? '') : bad('your address', sentence, next ?? '')];
  }
}

const skewSecondsMax = 30;

/** Whether a plane answers, and whether its clock and ours agree: proofs are good for seconds. */
async function examineReach({ clock }: World, url: string): Promise<readonly Finding[]> {
  try {
    const response = await fetch(new URL('/health', url), { signal: AbortSignal.timeout(5000), redirect: 'error' });
    const body = (await response.json()) as { readonly status?: unknown; readonly entries?: unknown };
    if (!response.ok || body.status !== 'ok')
      return [bad('Ambit', `${url} answered, and not as Ambit does`, 'Check the address')];
    const date = Date.parse(response.headers.get('date') ?? '');
    return [good('Ambit', `${url} answers; its log has ${String(body.entries)} entries`), examineClock(date, clock())];
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
