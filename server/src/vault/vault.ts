import type { AgentSvids } from '../tokens/index.ts';
import type { Keyring } from './seal.ts';

/** What loans are made of: keys that open what was sealed, and SVIDs of the agents that call. */
export type Vault = { readonly keyring: Keyring; readonly svids: AgentSvids };
