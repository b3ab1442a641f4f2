import { type Ground, Refusal, refuse, type Secret, span } from '../foundation/index.ts';
import { type Credential, isMade } from './credential.ts';
import { certificateLender } from './lenders/certificate.ts';
import { staticLender } from './lenders/static.ts';
import { svidLender } from './lenders/svid.ts';
import { type Loan, type LoanFor, makeLoan } from './loan.ts';
import { type Keyring, openSecret } from './seal.ts';
import { findCredential, type SealedSecret, versionsOf } from './store.ts';
import type { Vault } from './vault.ts';

/** Lends the credential of an admitted call to that call, or refuses. A call without one gets an empty loan. */
export function lend(ground: Ground, vault: Vault, call: LoanFor): Promise<Loan> {
  return span('vault/lend', async () => {
    try {
      return await lendCredential(ground, vault, call);
    } catch (error) {
      if (!(error instanceof Refusal) || call.credential === null) throw error;
      throw error.with({ values: { credential: call.credential } });
    }
  });
}

async function lendCredential(ground: Ground, { keyring, svids }: Vault, call: LoanFor): Promise<Loan> {
  if (call.credential === null) return makeLoan(call, { version: null, watched: [], place: (carrier) => carrier });
  const credential = await findCredential(ground, call.tenant, call.credential);
  const usable = requireUsable(call, credential);
  const versions = await versionsOf(ground, call.tenant, usable.id);
  const opened = versions
    .filter((each) => isWatched(each, usable, ground.clock()))
    .map((each) => ({ version: each.version, secret: secretOf(keyring, call.tenant, usable, each) }));
  const current = opened.find((each) => each.version === usable.version);
  if (current === undefined) throw refuse('vault.cannot_open', `version ${usable.version} of ${usable.id} is missing`);
  const { version, kind, place } = usable;
  if (kind === 'certificate') {
    // Nothing of it goes into the request, so nothing of it could come back.
    const identity = certificateLender(usable, current.secret, ground.clock());
    return makeLoan(call, { version, watched: [], place: (carrier) => carrier, identity });
  }
  // INVARIANT (a secret knows its door): what was opened is empty, but sealed to the origins that a person named.
  if (isMade(kind)) return makeLoan(call, await svidLender(svids, { version, kind, place }, call));
  return makeLoan(call, {
    version,
    watched: opened.map((each): Secret => each.secret),
    place: staticLender({ kind, place }, current.secret),
  });
}

type OpenedSecret = { readonly keyring: Keyring; readonly credential: Credential; readonly secret: Secret };

// A row is one object for as long as nobody changes it: what was opened of it is forgotten together with it.
const openedSecrets = new WeakMap<SealedSecret, OpenedSecret>();

function secretOf(keyring: Keyring, tenant: LoanFor['tenant'], credential: Credential, row: SealedSecret): Secret {
  const known = openedSecrets.get(row);
  // The seal covers what the credential's row says, so another row of it has to be held against the seal again.
  if (known?.keyring === keyring && known.credential === credential) return known.secret;
  const secret = openSecret(keyring, tenant, credential, row.version, row.sealed);
  openedSecrets.set(row, { keyring, credential, secret });
  return secret;
}

const isWatched = (each: SealedSecret, credential: Credential, now: number) =>
  each.version === credential.version || (each.watchedUntil ?? 0) > now;

// INVARIANT (a secret knows its door): scheme, host and port are compared as one text, exactly.
function requireUsable(call: LoanFor, credential: Credential | undefined): Credential {
  if (credential === undefined) throw refuse('vault.credential_unknown', `no credential ${call.credential}`);
  const { id, state, origins, api, agentUser } = credential;
  if (state !== 'active') throw refuse('vault.credential_disabled', `credential ${id} is ${state}`);
  if (!origins.includes(call.origin))
    throw refuse('vault.origin_not_named', `${id} is not for ${call.origin}`).with({ values: { origin: call.origin } });
  if (api !== null && api !== call.api)
    throw refuse('vault.wrong_api', `${id} is for ${api}, not ${call.api}`).with({ values: { api } });
  if (agentUser !== null && agentUser !== call.agentUser) {
    throw refuse('vault.wrong_agent_user', `${id} acts as ${agentUser}, not as ${call.agentUser ?? 'nobody'}`);
  }
  return credential;
}
