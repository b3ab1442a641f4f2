import { setTimeout as sleep } from 'node:timers/promises';
import type { TenantId } from '@ambit/protocol';
import { type Check, check, entry, insert, planeItself, remove, update } from '../database/index.ts';
import { Refusal, refuse, StoreFault } from '../errors.ts';
import type { Ground } from '../ground.ts';
import { createSilence } from './silence.ts';
import { type NodeRow, nodeJoins, standingNodes } from './store.ts';

/** This node among those that run on the same store. */
export type Nodes = {
  /** What this node is called now: another name once others have declared it dead and it came back. */
  name(): string;
  /** For units that only a standing node may commit. */
  stands(): readonly Check[];
  isStanding(): boolean;
  /** Refuses where this node may not know what has ended, or where others may soon declare it dead. */
  requireStanding(): void;
  /** Null as long as that node stands. Where it is gone: what a unit checks that takes up what it left behind. */
  gone(name: string): Promise<readonly Check[] | null>;
  /** Tells, each time anew, that this node stopped: whatever is passed on here must stop too. */
  onLapse(told: () => void): void;
  leave(): Promise<void>;
};

/** The one node of a store that nobody else can open: whoever had it before is gone. */
export function aloneNode(name: string): Nodes {
  return {
    name: () => name,
    stands: () => [],
    isStanding: () => true,
    requireStanding: () => undefined,
    gone: async (other) => (other === name ? null : []),
    onLapse: () => undefined,
    leave: async () => undefined,
  };
}

export type Joining = {
  /** Whose rows those of the nodes are. */
  readonly plane: TenantId;
  /** How long this node may say nothing until others declare it dead; it stops by itself after half of that. */
  readonly lostMs: number;
  /** What has to be the same at all nodes, by the words that a person knows it by. */
  readonly same: Readonly<Record<string, string>>;
  readonly complain: (about: string, error: unknown) => void;
};

const beatsPerLost = 12;

/**
 * Joins the nodes that run on the store, and beats from then on. INVARIANT (fenced): who is declared dead has lost its
 * row, and with it every unit that checks the row: it admits and claims nothing more. What it had admitted before, it
 * does not send, because it stopped at half of that time by its own monotonic clock, counted from before it sent its
 * last beat; whoever declares it dead counts the whole time, from after that beat was durable.
 */
export async function joinNodes(ground: Ground, { plane, lostMs, same, complain }: Joining): Promise<Nodes> {
  const { database } = ground;
  const beatMs = lostMs / beatsPerLost;
  const silence = createSilence(2 * beatMs);
  const lapsing: (() => void)[] = [];
  let names = 0;
  let name = database.node;
  let beats = 0;
  let hasLapsed = false;
  let isLeaving = false;
  let timer: NodeJS.Timeout | undefined;
  let woken: () => void = () => undefined;

  const stands = () => [check(standingNodes, { id: name }, {}, 'plane.cut_off', plane)];
  const behindMs = () => Math.max(performance.now() - confirmedAt, database.sinceHeardMs());
  const isStanding = () => behindMs() < lostMs / 2;

  /** What was true before this was sent is confirmed once it is durable. */
  async function enter(): Promise<number> {
    for (;;) {
      const began = performance.now();
      await requireLike(ground, plane, same);
      const joins = await database.find(nodeJoins, plane, { id: 'joins' });
      const count = (joins?.count ?? 0) + 1;
      const counted =
        joins === undefined
          ? insert(nodeJoins, { id: 'joins', count }, 'state.changed')
          : update(nodeJoins, { id: 'joins' }, { count }, { where: { count: joins.count } });
      const row: NodeRow = { id: name, beat: beats, lostMs, same, joinedAt: ground.clock() };
      try {
        await database.commit({ tenant: plane, changes: [counted, insert(standingNodes, row)], entries: [] });
        return began;
      } catch (error) {
        if (!isRefusal(error, 'state.changed')) throw error;
      }
    }
  }

  async function beat(): Promise<void> {
    const began = performance.now();
    beats++;
    try {
      const count = update(standingNodes, { id: name }, { beat: beats }, { otherwise: 'plane.cut_off' });
      await database.commit({ tenant: plane, changes: [count], entries: [] });
      confirmedAt = began;
    } catch (error) {
      if (!isRefusal(error, 'plane.cut_off')) throw error;
      lapse();
      complain('the beat of this node', 'others had declared it dead; it goes on under another name');
      names++;
      name = `${database.node}.${names}`;
      confirmedAt = await enter();
    }
    await bury(silence.look(await othersThan(name), performance.now()));
  }

  async function othersThan(own: string): Promise<NodeRow[]> {
    return (await database.list(standingNodes, plane, { limit: 1000 })).filter(({ id }) => id !== own);
  }

  async function bury(silent: readonly NodeRow[]): Promise<void> {
    for (const row of silent) await buryNode(ground, plane, row, { by: name, checks: stands() });
  }

  function lapse(): void {
    hasLapsed = true;
    for (const told of lapsing) told();
  }

  const look = () => {
    if (isStanding()) hasLapsed = false;
    else if (!hasLapsed) lapse();
  };

  async function beating(): Promise<void> {
    while (!isLeaving) {
      const began = performance.now();
      await beat().catch((error: unknown) => complain('the beat of this node', error));
      if (isLeaving) return;
      await new Promise<void>((resolve) => {
        timer = setTimeout(resolve, Math.max(0, beatMs - (performance.now() - began)));
        woken = resolve;
      });
    }
  }

  let confirmedAt = await enter();
  const looking = setInterval(look, beatMs / 2);
  const beaten = beating();

  return {
    name: () => name,
    stands,
    isStanding,
    requireStanding() {
      if (isStanding()) return;
      const because = `this node has not reached the store for ${Math.round(behindMs())} ms`;
      throw refuse('plane.cut_off', because, undefined, { 'retry-after': '2' });
    },
    async gone(other) {
      if (other === name) return null;
      const row = await database.find(standingNodes, plane, { id: other });
      return row === undefined ? [check(standingNodes, { id: other }, 'absent', 'state.changed', plane)] : null;
    },
    onLapse: (told) => void lapsing.push(told),
    async leave() {
      isLeaving = true;
      clearInterval(looking);
      clearTimeout(timer);
      woken();
      await beaten;
      await database
        .commit({ tenant: plane, changes: [remove(standingNodes, { id: name })], entries: [] })
        // Nobody is told: to others it is a node that says nothing any more.
        .catch((error: unknown) => complain('that this node left', error));
    },
  };
}

/** Removes the row of a node that said nothing for too long, unless it has said something meanwhile. */
async function buryNode(
  ground: Ground,
  plane: TenantId,
  row: NodeRow,
  { by, checks }: { readonly by: string | null; readonly checks: readonly Check[] },
): Promise<void> {
  const { id, beat, lostMs, joinedAt } = row;
  try {
    await ground.database.commit({
      tenant: plane,
      checks: [check(standingNodes, { id }, { beat }, 'state.changed'), ...checks],
      changes: [remove(standingNodes, { id })],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'node.lost',
          who: planeItself,
          detail: { node: id, by, silentMs: lostMs, joinedAt },
        }),
      ],
    });
  } catch (error) {
    // Somebody else was first, or it lives after all.
    if (!isRefusal(error, 'state.changed')) throw error;
  }
}

const waitMs = 100;

/**
 * Throws where a node that stands is unlike this one: what one signs or seals, the other could not read. One that is
 * dead already, such as this one before its keys were rotated, is waited for until it may be said to be.
 */
async function requireLike(ground: Ground, plane: TenantId, same: NodeRow['same']): Promise<void> {
  const silence = createSilence(2 * waitMs);
  const first = new Map<string, number>();
  for (;;) {
    const rows = await ground.database.list(standingNodes, plane, { limit: 1000 });
    const unlike = rows.filter((row) => unlikeIn(row.same, same).length > 0);
    if (unlike.length === 0) return;
    for (const row of unlike) {
      const before = first.get(row.id);
      if (before !== undefined && before !== row.beat) throw new StoreFault(sayUnlike(row, same));
      first.set(row.id, row.beat);
    }
    for (const row of silence.look(unlike, performance.now()))
      await buryNode(ground, plane, row, { by: null, checks: [] });
    await sleep(waitMs);
  }
}

const unlikeIn = (a: NodeRow['same'], b: NodeRow['same']) =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]);

function sayUnlike(row: NodeRow, same: NodeRow['same']): string {
  const names = unlikeIn(row.same, same).join(', ');
  return (
    `node ${row.id} runs on this store and has another ${names}: give every node the same, and the same key file. ` +
    'To change one of them, or to rotate keys, stop all nodes first'
  );
}

const isRefusal = (error: unknown, code: Refusal['code']) => error instanceof Refusal && error.code === code;
