import type { TenantId } from '@ambit/protocol';
import type { Change, Ground } from '../foundation/index.ts';

export type { AgentIdentity } from '@ambit/protocol/wire';

/** A way of proving a name, as people register it: who can vouch for it, and what names may look like. */
export type IdentityMethod = {
  readonly issuers: (ground: Ground, tenant: TenantId) => Promise<readonly string[]>;
  /** What is wrong with such a name, as a sentence; undefined where nothing is. */
  readonly whyNot: (subject: string, issuer: string) => string | undefined;
  /** What finds the tenant of a name by itself, written in the same unit; nothing where clients name their agent. */
  readonly index?: (ground: Ground, tenant: TenantId, subject: string) => Promise<readonly Change[]>;
};

/** By the name of the `ClientMethod`. Those that are not set up are not in it. */
export type IdentityMethods = Readonly<Record<string, IdentityMethod>>;
