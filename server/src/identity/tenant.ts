import { formatId, type PersonId, type TenantId } from '@ambit/protocol';

/** An organisation. Its row lies with the plane itself; all that it owns lies with its own id. */
export type Tenant = {
  readonly id: TenantId;
  readonly name: string;
  readonly createdAt: number;
  /** Set once, when the first administrator is named. */
  readonly firstAdministrator: PersonId | null;
  /** Counts the changes to who is administrator, so that two of them cannot remove each other at once. */
  readonly administratorsEpoch: number;
};

/** The tenant that owns the plane's own rows. No person, agent or credential belongs to it. */
export const plane: TenantId = formatId('tenant', new Uint8Array(13));
