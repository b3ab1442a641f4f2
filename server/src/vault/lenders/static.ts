import { refuse, type Secret } from '../../foundation/index.ts';
import type { Binding } from '../credential.ts';
import type { Carrier, Placing } from '../loan.ts';

/** Secrets that are what they are until somebody rotates them: tokens, keys and passwords. */
export function staticLender(
  binding: { readonly kind: StaticKind; readonly place: string | null },
  secret: Secret,
): Placing {
  return (carrier) => rows[binding.kind](carrier, binding.place ?? '', secret.unwrap());
}

/** What stands in a request. */
type StaticKind = Exclude<Binding['kind'], 'certificate' | 'x509-svid' | 'jwt-svid'>;

const rows: { readonly [kind in StaticKind]: (carrier: Carrier, place: string, secret: string) => Carrier } = {
  // RFC 6750 §2.1
  bearer: (carrier, _place, token) => withHeader(carrier, 'authorization', `Bearer ${token}`),
  // RFC 7617 §2
  basic: (carrier, user, password) =>
    withHeader(carrier, 'authorization', `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`),
  header: (carrier, name, value) => withHeader(carrier, name, value),
  query: (carrier, name, value) => withParameter(carrier, name, value),
};

function withHeader(carrier: Carrier, name: string, value: string): Carrier {
  if (carrier.headers.some((header) => header[0].toLowerCase() === name)) throw taken(`the header ${name}`);
  return { ...carrier, headers: [...carrier.headers, [name, value]] };
}

function withParameter(carrier: Carrier, name: string, value: string): Carrier {
  if (new URLSearchParams(carrier.query).has(name)) throw taken(`the query parameter ${name}`);
  const added = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  return { ...carrier, query: carrier.query === '' ? added : `${carrier.query}&${added}` };
}

const taken = (what: string) => refuse('vault.place_taken', `the call came with ${what} of the credential`);
