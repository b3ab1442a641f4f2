import { randomBytes } from 'node:crypto';
import type { TenantId, Who } from '@ambit/protocol';
import { type Ground, planeItself, randomId, Secret } from '../foundation/index.ts';
import { createAgentSvids } from '../tokens/index.ts';
import { admittedMark, type LoanFor } from './loan.ts';
import { createKeyring, type Keyring } from './seal.ts';
import type { NewCredential } from './store-credential.ts';
import type { Vault } from './vault.ts';

export const testTenant: TenantId = randomId('tenant');
export const testKeyring = createKeyring(randomBytes(32));

/** The vault of a plane that has no keys for SVIDs. */
export const testVault = (ground: Ground, keyring: Keyring = testKeyring): Vault => ({
  keyring,
  svids: createAgentSvids(ground, { url: 'https://ambit.example', trustDomain: 'acme.example', svids: null }),
});

const alice: Who = { ...planeItself, initiator: 'alice', channel: 'api', proof: 'person-key' };

export const byAlice = { tenant: testTenant, who: alice };

export const shopSecret = 'shop-secret-7f3a91';

export function newCredential(part: Partial<NewCredential> = {}): NewCredential {
  return {
    name: 'shop',
    kind: 'bearer',
    place: null,
    origins: ['https://shop.example'],
    api: null,
    agentUser: null,
    secret: new Secret(shopSecret),
    ...part,
  };
}

/** What the gateway would hand over for an admitted call. */
export function admitted(part: Partial<LoanFor> = {}): LoanFor {
  return {
    [admittedMark]: true,
    tenant: testTenant,
    entry: randomId('entry'),
    agent: randomId('agent'),
    task: randomId('task'),
    origin: 'https://shop.example',
    api: 'shop',
    agentUser: null,
    credential: null,
    ...part,
  };
}

/** For tests of rooms that use a loan and would rather not store a credential first. */
export { staticLender } from './lenders/static.ts';
export { makeLoan } from './loan.ts';
