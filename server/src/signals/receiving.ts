import type { PersonId, TenantId, Who } from '@ambit/protocol';
import type { Check, Ground, Outbound } from '../foundation/index.ts';
import type { Agent } from '../identity/index.ts';
import type { Seal } from './seal.ts';

/** What receiving needs of others. */
export type Receiving = {
  readonly ground: Ground;
  readonly outbound: Outbound;
  readonly seal: Seal;
  readonly node: () => string;
  readonly gone: (node: string) => Promise<readonly Check[] | null>;
  /** End and list what hung on somebody who was stopped. */
  readonly ends: {
    readonly person: (by: By, one: { readonly person: PersonId; readonly reason: string }) => Promise<unknown>;
    readonly agent: (by: By, agent: Agent, reason: string) => Promise<unknown>;
  };
};

export type By = { readonly tenant: TenantId; readonly who: Who };
