import type { PersonKey } from './person.ts';

/** What the entry about a key that came keeps of it: enough to check offline whatever it signs. */
export const keyDetail = ({ person, id, kind, thumbprint, label, jwk, passkey }: PersonKey) => ({
  person,
  key: id,
  kind,
  thumbprint,
  label,
  jwk,
  passkey,
});

/** What the entry about a signature keeps of the key that made it. */
export const signerDetail = ({ id, kind, jwk, passkey }: PersonKey) => ({
  id,
  kind,
  jwk,
  passkey: passkey && { rpId: passkey.rpId, origin: passkey.origin },
});
