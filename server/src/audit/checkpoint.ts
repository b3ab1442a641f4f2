import {
  type Checkpoint,
  equalBytes,
  NoteFault,
  openCheckpoint,
  printCheckpoint,
  rootAt,
  signNote,
  type TenantId,
  toBase64,
} from '@ambit/protocol';
import { type Ground, type Log, Refusal, refuse, span } from '../foundation/index.ts';
import { LogFault } from './log-fault.ts';
import { type LogKey, sha256, verifyEd25519 } from './log-key.ts';
import { type SecondPlace, secondPlace } from './second-place.ts';
import { addCheckpoint, listCheckpoints } from './store.ts';

export type CheckpointSettings = {
  /** The tenant that the plane's own rows belong to. */
  readonly plane: TenantId;
  readonly key: LogKey;
  /** A new checkpoint is made on the way at most this often; whoever needs one to cover an entry gets it at once. */
  readonly everyMilliseconds: number;
  /** File that gets every checkpoint before anyone else does; null: none. */
  readonly secondPlaceFile: string | null;
};

/** A checkpoint that was given out: signed, in the second place, and in the store. */
export type SignedCheckpoint = {
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed note (C2SP tlog-checkpoint). */
  readonly note: string;
  readonly at: number;
};

export type Checkpoints = {
  readonly key: LogKey;
  /** The last one given out; undefined before the first. */
  newest(): SignedCheckpoint | undefined;
  /** The last one, or a new one where entries came and the last is old enough. */
  current(): Promise<SignedCheckpoint>;
  /** One over at least that many entries. Refuses where the log is shorter. */
  covering(size: number): Promise<SignedCheckpoint>;
};

const comparedAtStart = 100;

/**
 * Compares the store with every checkpoint that is known, and only then gives out more.
 * Throws `LogFault`: a plane whose log contradicts its own signature does not start.
 */
export async function openCheckpoints(ground: Ground, settings: CheckpointSettings): Promise<Checkpoints> {
  const second = settings.secondPlaceFile === null ? undefined : secondPlace(settings.secondPlaceFile);
  const stored = await listCheckpoints(ground, settings.plane, comparedAtStart);
  for (const { note } of stored) await requireSame(ground.database.log, settings.key, note, 'in the store');
  const kept = (await second?.newest()) ?? [];
  for (const note of kept) await requireSame(ground.database.log, settings.key, note, `in ${settings.secondPlaceFile}`);
  const newest = await newestStored(ground, settings.plane, settings.key);
  return createCheckpoints(ground, settings, second, newest);
}

async function requireSame(log: Log, key: LogKey, note: string, where: string): Promise<void> {
  const checkpoint = ownCheckpoint(key, note, where);
  const says = await contradiction(log, checkpoint);
  if (says !== undefined) throw new LogFault(`The checkpoint kept ${where} contradicts the store. ${says}`);
}

function ownCheckpoint(key: LogKey, note: string, where: string): Checkpoint {
  try {
    return openCheckpoint(note, key.verifier, verifyEd25519);
  } catch (error) {
    if (!(error instanceof NoteFault)) throw error;
    throw new LogFault(
      `A checkpoint kept ${where} is not of this log: ${error.message} Was the key file or the name of the log changed?`,
      { cause: error },
    );
  }
}

/** Why the log cannot be the one that the checkpoint was made of; undefined where it goes on from there. */
export async function contradiction(
  log: Log,
  { size, root }: Pick<Checkpoint, 'size' | 'root'>,
): Promise<string | undefined> {
  const head = await log.head();
  if (head.size < size) {
    return (
      `It has ${head.size} entries, but had ${size} when the checkpoint was given out: its newest entries were cut off, or an ` +
      'old backup was restored. Bring back the newer store.'
    );
  }
  const now = await rootAt(size, (level, index) => log.node(level, index), sha256);
  if (equalBytes(now, root)) return undefined;
  return (
    `Its first ${size} entries have the root ${toBase64(now)}, and the signed root is ${toBase64(root)}: two roots of one size ` +
    'are proof that the log was forked or rewritten. Keep both, and find out who wrote the store.'
  );
}

function createCheckpoints(
  ground: Ground,
  settings: CheckpointSettings,
  second: SecondPlace | undefined,
  last: SignedCheckpoint | undefined,
): Checkpoints {
  let newest = last;
  let making: Promise<SignedCheckpoint> | undefined;
  const make = (): Promise<SignedCheckpoint> => {
    making ??= span('audit/checkpoint', () => makeCheckpoint(ground, settings, second, newest))
      .then((made) => {
        newest = made;
        return made;
      })
      .finally(() => {
        making = undefined;
      });
    return making;
  };
  return {
    key: settings.key,
    newest: () => newest,
    async current() {
      const isFresh = newest !== undefined && ground.clock() - newest.at < settings.everyMilliseconds;
      return isFresh && newest !== undefined ? newest : make();
    },
    async covering(size) {
      if (newest !== undefined && newest.size >= size) return newest;
      const { size: now } = await ground.database.log.head();
      if (now < size) throw refuse('log.not_that_long', `the log has ${now} entries, not ${size}`);
      const made = await make();
      // One that was under way may have begun before the entry came; the next one begins after it.
      return made.size >= size ? made : make();
    },
  };
}

/** INVARIANT (the log cannot be rewritten unseen): nothing is signed that contradicts what was signed before. */
async function makeCheckpoint(
  ground: Ground,
  { plane, key }: CheckpointSettings,
  second: SecondPlace | undefined,
  newest: SignedCheckpoint | undefined,
): Promise<SignedCheckpoint> {
  const { log } = ground.database;
  const theirs = await newestStored(ground, plane, key);
  const head = await log.head();
  for (const one of [newest, theirs]) {
    const broken = one && (await contradiction(log, one));
    if (broken !== undefined) throw refuse('log.contradicts_checkpoint', broken);
  }
  if (newest?.size === head.size) return newest;
  if (theirs?.size === head.size) {
    // Another node made it. Its second place is not this one's.
    await keep(second, theirs.note);
    return theirs;
  }
  const note = signNote(
    printCheckpoint({ origin: key.verifier.name, ...head, extensions: [] }),
    key.verifier,
    key.sign,
  );
  // The second place first: a crash between the two leaves it with a checkpoint of entries that are durable already.
  await keep(second, note);
  const made = { ...head, note, at: ground.clock() };
  try {
    await addCheckpoint(ground, plane, { size: made.size, root: toBase64(made.root), note, at: made.at });
  } catch (error) {
    // Another node stored one of this size at the same moment. Both are of the tree that the store holds.
    if (!(error instanceof Refusal && error.code === 'thing.exists')) throw error;
  }
  return made;
}

async function newestStored(ground: Ground, plane: TenantId, key: LogKey): Promise<SignedCheckpoint | undefined> {
  const [row] = await listCheckpoints(ground, plane, 1);
  return row && { ...openCheckpoint(row.note, key.verifier, verifyEd25519), note: row.note, at: row.at };
}

async function keep(second: SecondPlace | undefined, note: string): Promise<void> {
  try {
    await second?.append(note);
  } catch (error) {
    throw refuse('log.second_place_failed', error instanceof Error ? error.message : String(error));
  }
}
