import { CliFault } from './exit.ts';
import { codeOf } from './files.ts';

/** Why the plane did not start, by the name of what was thrown: one sentence, and the next step. */
const nextSteps: Readonly<Record<string, string>> = {
  ConfigFault: 'Correct that setting; docs/settings.md says what each may be',
  KeyFault: 'AMBIT_KEYS or --keys names the key file. A new plane is made by ambit init, and started by ambit serve',
  LogFault: 'Start nothing else on this data. Bring back your copy of it, or ask whoever keeps the log',
  TlsFault: 'Correct the files that AMBIT_TLS_CERTIFICATE, AMBIT_TLS_KEY and AMBIT_TLS_CLIENT_CAS name',
  StoreFault: 'Look at the data directory, which AMBIT_DATA or --data names, or at the database in AMBIT_STORE',
};

/** The log itself may be whole where its second place cannot be used. */
const isSecondPlace = (name: string, said: string): boolean =>
  name === 'LogFault' && /second place for checkpoints.* cannot be (written|read)/s.test(said);
const secondPlaceStep = 'Nothing is wrong with the log: correct AMBIT_CHECKPOINT_FILE, or the folder that it names';

const storeStep =
  'Start it with ambit serve; a second plane wants a folder and a key file of its own: --data and --keys';

const portFaults: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Something listens there already, perhaps another Ambit',
  EACCES: 'This user may not listen there',
  EADDRNOTAVAIL: 'This machine has no such address',
};

/** @param failed what did not happen, e.g. `Ambit did not start`. */
export function startFault(failed: string, error: unknown): CliFault {
  if (error instanceof CliFault) return error;
  const options = { cause: error };
  const said = error instanceof Error ? error.message : 'something that is no error was thrown';
  const port = portFaults[codeOf(error)];
  if (port !== undefined && /listen/.test(said)) {
    return new CliFault(
      'refused',
      `${port}: ${said}.`,
      'Free it, or name another: --agent-port, --people-port, AMBIT_TLS_PORT',
      options,
    );
  }
  const name = error instanceof Error ? error.name : '';
  return new CliFault(name === 'ConfigFault' ? 'usage' : 'refused', `${failed}: ${said}`, nextOf(name, said), options);
}

function nextOf(name: string, said: string): string {
  if (isSecondPlace(name, said)) return secondPlaceStep;
  if (name === 'StoreFault' && /^there is a store in .+ already/.test(said)) return storeStep;
  return nextSteps[name] ?? 'Look at the data directory and the settings: ambit doctor';
}
