import type { TenantId } from '@ambit/protocol';
import type { Change, Check, Unit } from '../database/index.ts';
import { Refusal } from '../errors.ts';
import type { Ground } from '../ground.ts';

/** Of what is told to somebody outside: which node tells it, and when it may be tried again. */
export type Sender = {
  /** The node that sends. It keeps that until it is gone, so exactly one sends. */
  readonly holder: string | null;
  readonly failures: number;
  readonly retryAt: number;
};

export type SendingNode = {
  readonly ground: Ground;
  readonly node: () => string;
  /** Null as long as that node stands; else what a unit checks that takes up what it left. */
  readonly gone: (node: string) => Promise<readonly Check[] | null>;
};

const retryMs = 1000;

/** Nobody who is told things puts them off for longer than that by a word. */
const putOffMsMax = 3_600_000;

/** When what failed so often may be tried again: later each time, and no sooner than its receiver asks for. */
export function nextTry(now: number, failures: number, retryMsMax: number, askedSeconds: number | null): number {
  const asked = Math.min((askedSeconds ?? 0) * 1000, putOffMsMax);
  return now + Math.max(asked, Math.min(retryMs * 2 ** Math.min(failures - 1, 20), retryMsMax));
}

/** Whether it is this node that sends: it already was, nobody did, or whoever did is gone. `hold` writes it down, compared and set. */
export async function becomeSender(
  { ground, node, gone }: SendingNode,
  tenant: TenantId,
  { holder }: Sender,
  hold: (set: Pick<Sender, 'holder'>) => Change,
): Promise<boolean> {
  if (holder === node()) return true;
  const checks = holder === null ? [] : await gone(holder);
  if (checks === null) return false;
  return committedUnlessMoved(ground, { tenant, checks, changes: [hold({ holder: node() })], entries: [] });
}

/** False where somebody else moved first what the unit was to move. */
export async function committedUnlessMoved({ database }: Ground, unit: Unit): Promise<boolean> {
  try {
    await database.commit(unit);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'state.changed') return false;
    throw error;
  }
}
