import { isRefusalCode, refusalRow } from '@ambit/protocol';
import { AmbitFault, AmbitRefusal, KeyFault } from '@ambit/sdk/operator';

/** What a script may rely on. The help prints these rows. */
export const exits = {
  ok: { code: 0, says: 'done' },
  refused: { code: 1, says: 'refused, or a check failed' },
  usage: { code: 2, says: 'the command or one of its values is wrong; nothing was sent' },
  unreachable: { code: 3, says: 'Ambit could not be reached, or something else answered' },
  notAllowed: { code: 4, says: 'you could not prove who you are, or you may not do this' },
} as const;

export type Exit = keyof typeof exits;

/** The command ends here: what was wrong, in one sentence, and what to do next. */
export class CliFault extends Error {
  override readonly name = 'CliFault';
  readonly exit: Exit;
  readonly next: string;

  constructor(exit: Exit, sentence: string, next: string, options?: ErrorOptions) {
    super(sentence, options);
    this.exit = exit;
    this.next = next;
  }
}

export type Failure = {
  readonly exit: Exit;
  readonly sentence: string;
  readonly next: string | null;
  /** The refusal code of the plane, and the entry of its log, where it was the plane that said no. */
  readonly code: string | null;
  readonly entry: string | null;
};

/** Whatever was thrown, as what the person reads and the script gets. */
export function failureOf(error: unknown): Failure {
  const failure = { code: null, entry: null };
  if (error instanceof CliFault) return { ...failure, exit: error.exit, sentence: error.message, next: error.next };
  if (error instanceof AmbitRefusal) return refusalFailure(error);
  if (error instanceof AmbitFault) {
    return { ...failure, exit: 'unreachable', sentence: error.message, next: 'Give the people’s address: --url' };
  }
  if (error instanceof KeyFault) {
    const next = 'Name another key file with --key, or enrol a new key: ambit enrol';
    return { ...failure, exit: 'notAllowed', sentence: error.message, next };
  }
  const unreachable = connectionFault(error);
  if (unreachable !== undefined) {
    const next = 'Check the address (--url) and that Ambit runs there: ambit doctor';
    return { ...failure, exit: 'unreachable', sentence: `Ambit could not be reached: ${unreachable}.`, next };
  }
  const said = error instanceof Error ? `${error.name}: ${error.message}` : 'something that is no error was thrown';
  return { ...failure, exit: 'refused', sentence: said, next: 'Look at your side first: ambit doctor' };
}

function refusalFailure(error: AmbitRefusal): Failure {
  const { code, entry, status } = error;
  if (code === 'route.not_found') {
    const sentence = 'That is the agents’ listener; the people’s listener is another port.';
    const next = 'Give the people’s address (--url); if it is that, Ambit there is older than this command line';
    return { exit: 'unreachable', sentence, next, code, entry };
  }
  const words = wordsOf(error);
  if (code === 'proof.invalid' && error.next !== error.says)
    return { exit: 'notAllowed', ...words, next: 'Give that address: --url, or AMBIT_URL', code, entry };
  return { exit: exitOfStatus(status), ...words, code, entry };
}

/** Where the plane said nothing of this very case, it said what to do: what happened is the title of the code. */
function wordsOf({ says, next, code }: AmbitRefusal): Pick<Failure, 'sentence' | 'next'> {
  if (next !== says) return { sentence: says, next };
  return isRefusalCode(code) ? { sentence: `${refusalRow(code).title}.`, next } : { sentence: says, next: null };
}

function exitOfStatus(status: number): Exit {
  if (status === 401 || status === 403) return 'notAllowed';
  return status === 503 ? 'unreachable' : 'refused';
}

/** `fetch` throws a TypeError whose cause is the network's own error; its message names the address, its code does not. */
function connectionFault(error: unknown): string | undefined {
  if (!(error instanceof TypeError) || error.message !== 'fetch failed') return undefined;
  const { cause } = error;
  const code = (cause as { code?: unknown } | undefined)?.code;
  if (cause instanceof Error && cause.message !== '') return cause.message;
  return typeof code === 'string' ? code : 'the connection failed';
}
