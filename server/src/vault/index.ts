/**
 * Vault: the secrets that open the APIs behind the gateway. It knows each credential's sealed secret, the origins that a
 * person named for it, the API and the agent user it belongs to. It promises that a secret leaves only as a loan to one
 * admitted call, to one of those origins, and that a row moved or edited in the database stays shut.
 * It deliberately does not know why a call was permitted, how it is sent, or what an agent is.
 */
export { chooseCredential } from './choose-credential.ts';
export type { Binding, Credential, CredentialKind } from './credential.ts';
export { disableCredential } from './disable-credential.ts';
export { flagCredential } from './flag-credential.ts';
export { lend } from './lend.ts';
export { admittedMark, type Carrier, type Loan, type LoanFor } from './loan.ts';
export { reseal } from './reseal.ts';
export { rotateCredential } from './rotate-credential.ts';
export { vaultRoutes } from './routes.ts';
export { createKeyring, type Keyring } from './seal.ts';
export { type NewCredential, storeCredential } from './store-credential.ts';
export type { Vault } from './vault.ts';
