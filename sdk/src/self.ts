import type { AgentId } from '@ambit/protocol';
import type { SigningKey } from './wire/key.ts';
import type { Wire } from './wire/wire.ts';

/** Who the agent is on the wire: its registered key says who, its proof key says which instance. */
export type Self = {
  readonly wire: Wire;
  readonly agent: AgentId;
  readonly key: SigningKey;
  readonly proofKey: SigningKey;
};
