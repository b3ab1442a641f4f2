import type { DocumentSignature, PersonId, SignedDocument, TenantId } from '@ambit/protocol';

/** Who signs documents, by what, and when. */
export type Signer = {
  readonly sign: (document: SignedDocument) => Promise<DocumentSignature>;
  readonly person: PersonId;
  readonly tenant: () => Promise<TenantId>;
  /** Epoch milliseconds. */
  readonly clock: () => number;
};
