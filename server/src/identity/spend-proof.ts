import { hash } from 'node:crypto';
import type { TenantId } from '@ambit/protocol';
import { type Change, type Ground, refuse, span } from '../foundation/index.ts';
import type { Jws } from './jws.ts';
import { type Proof, proofAgeSecondsMax, skewSecondsMax } from './proof.ts';
import { addUsedProof, dropUsedProof, findOutsideToken, listUsedProofs } from './store.ts';

/**
 * The single use of a proof, as a change for the unit that relies on it. INVARIANT (replay): it is durable when that
 * unit is, so whoever replays it is refused, at another process and after a crash too.
 */
export function spendProof({ jkt, jti, checkedAt }: Pick<Proof, 'jkt' | 'jti' | 'checkedAt'>): Change {
  return addUsedProof({ kind: 'dpop', holder: null, ...kept(jkt, jti, checkedAt + freshMsMax) }, 'proof.replayed');
}

/**
 * No proof is fresh for longer from when it was checked. Its own end is the same for all of a second, as `iat` is: by
 * this one they stand in the index in the order in which they came, and a thousand change its last page, not all of them.
 */
const freshMsMax = (proofAgeSecondsMax + skewSecondsMax) * 1000;

/** The single use of a challenge that a passkey answered, among those of its holder's tenant. */
export function spendChallenge({ text, expiresAt }: { readonly text: string; readonly expiresAt: number }): Change {
  const used = kept('passkey challenge', text, expiresAt);
  return addUsedProof({ kind: 'assertion', holder: null, ...used }, 'passkey.challenge_over');
}

/** The single use of an assertion of that subject. */
export function spendAssertion(
  subject: string,
  { jti, expiresAt }: { readonly jti: string; readonly expiresAt: number },
): Change {
  return addUsedProof({ kind: 'assertion', holder: null, ...kept(subject, jti, expiresAt) }, 'assertion.replayed');
}

/** The single use of a sign-in through that provider, whatever codes it brought. */
export const spendSignIn = (
  provider: string,
  { id, expiresAt }: { readonly id: string; readonly expiresAt: number },
): Change => addUsedProof({ kind: 'assertion', holder: null, ...kept(provider, id, expiresAt) }, 'sign_in.refused');

/**
 * The use of a token that an authority outside made for its workload. Those hand the same token out until it is half
 * over, so it may come again, from the key that came with it first: INVARIANT (replay): whoever copied it holds another.
 */
export async function spendOutsideToken(
  ground: Ground,
  tenant: TenantId,
  /** Without a holder it counts once and for all. */
  token: { readonly jws: Jws; readonly expiresAt: number; readonly holder: string | null },
): Promise<readonly Change[]> {
  const { hash: used, expiresAt } = kept('outside', whatNobodyElseWrites(token.jws), token.expiresAt);
  const before = await findOutsideToken(ground, tenant, used);
  if (before === undefined) {
    return [addUsedProof({ kind: 'outside', hash: used, expiresAt, holder: token.holder }, 'assertion.replayed')];
  }
  if (token.holder !== null && before.holder === token.holder) return [];
  const says =
    token.holder === null ? 'Get a new token for every login.' : 'Get a new token for every key that you use.';
  throw refuse('assertion.replayed', 'it came before, and does not count again with this key', says);
}

/**
 * THREATS: mirrored-signature. Beside an ECDSA signature (r, s) anybody can put (r, -s), and it holds as well: a token is
 * known by what was signed and the first half of its signature, and nobody but the signer makes another of these.
 */
const whatNobodyElseWrites = ({ signed, signature }: Jws): string =>
  `${Buffer.from(signed).toString('latin1')}.${Buffer.from(signature.subarray(0, signature.length / 2)).toString('base64url')}`;

/**
 * Kept well past the time when it is too old anyway: a request may be checked while it is young and rely on its proof
 * later, e.g. when a slow body has come or an approver's look-again read was made.
 */
const rememberedMilliseconds = 600_000;

// A jti is unique for whoever made it, not among all (RFC 7519 §4.1.7). Neither name can hold a line feed.
const kept = (maker: string, jti: string, expiresAt: number) => ({
  hash: hash('sha256', `${maker}\n${jti}`, 'base64url'),
  expiresAt: Math.ceil(expiresAt) + rememberedMilliseconds,
});

const purgedInOneUnitMax = 1000;
/** Faster than any plane takes proofs in, and an end to what one tick does. */
const unitsMax = 20;

/**
 * Forgets what is too old to be accepted again. Returns how many. What counts once goes here where it is a row each; the
 * embedded store forgets it with its next commit.
 */
export function purgeUsedProofs(ground: Ground, tenant: TenantId): Promise<number> {
  return span('identity/purge-used-proofs', async () => {
    let purged = 0;
    for (let units = 0; units < unitsMax; units++) {
      // Nearly always the oldest is young enough, and is all that has to be looked at.
      const oldest = await listUsedProofs(ground, tenant, units === 0 ? 1 : purgedInOneUnitMax);
      const now = ground.clock();
      const done = oldest.filter((used) => used.expiresAt < now);
      if (done.length === 0) break;
      await ground.database.commit({ tenant, changes: done.map(dropUsedProof), entries: [] });
      purged += done.length;
    }
    return purged;
  });
}
