import { GuardRefusal } from './guard-refusal.ts';

/**
 * Remembers that a proof was used, and answers whether it was used for the first time. Where several processes serve one
 * API, hand in one that they share, such as `SET key 1 NX PXAT expiresAt` of Redis.
 * @param proof its key’s thumbprint and `jti`, as one text
 * @param expiresAt epoch milliseconds, from which on the proof is too old anyway
 */
export type Spending = (proof: string, expiresAt: number) => boolean | Promise<boolean>;

const proofsMax = 200_000;
const sweepMs = 1000;

/** In the memory of this process. Full, it refuses: to forget one that is still good would let it pass again. */
export function spentProofs(clock: () => number): Spending {
  const spent = new Map<string, number>();
  let sweptAt = 0;

  function sweep(now: number): void {
    sweptAt = now;
    for (const [proof, expiresAt] of spent) if (expiresAt <= now) spent.delete(proof);
  }

  return (proof, expiresAt) => {
    const now = clock();
    if (now - sweptAt >= sweepMs) sweep(now);
    if (spent.has(proof)) return false;
    if (spent.size >= proofsMax) throw new GuardRefusal('guard.too_many_proofs', `${spent.size} proofs are remembered`);
    spent.set(proof, expiresAt);
    return true;
  };
}
