import { hash } from 'node:crypto';
import { canonicalJson, type EntryId, type TenantId } from '@ambit/protocol';
import { narrows } from '../authority/index.ts';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { type Agent, requireActsFor, requireOwner } from './agent.ts';
import { personFacts } from './facts.ts';
import { signerDetail } from './key-detail.ts';
import { requireAgent } from './move-agent.ts';
import { countUse } from './passkeys/count-use.ts';
import type { Person } from './person.ts';
import { agentResource, record } from './record.ts';
import { type DocumentSignature, readSignature } from './signature.ts';
import type { StandingGrant, StandingGrantDocument } from './standing-grant.ts';
import { addStandingGrant, agentUnchanged, personKeyStands, personStands } from './store.ts';

/**
 * Takes what an owner signed for an agent to do unasked. INVARIANT (asked): it is the only source of authority for a
 * task that no person opened, so it takes a signature over every word of it, not just a session.
 */
export function signStandingGrant(
  ground: Ground,
  by: PersonCaller,
  { document, signature }: { readonly document: StandingGrantDocument; readonly signature: DocumentSignature },
): Promise<{ grant: StandingGrant; entry: EntryId }> {
  return span('identity/sign-standing-grant', async () => {
    const agent = await requireAgent(ground, by.tenant, document.agent);
    requireOwner(by, agent);
    requireActsFor(agent, null);
    requireNamed(document, by.tenant, agent);
    const owner = await personFacts(ground, by.tenant, by.person);
    if (owner?.person.state !== 'active') throw refuse('person.not_active', `${by.person} is not active`);
    const used = readSignature(owner.keys, document, signature);
    requireTimes(document, agent, ground.clock());
    requireWithin(document, agent, owner.person);
    const counted = await countUse(ground, by, used);
    const grant = granted(ground, document, signature);
    const entry = await record(ground, by, {
      kind: 'identity.standing-grant-signed',
      keys: [agentResource(agent.id)],
      checks: [agentUnchanged(agent), personStands(owner.person), personKeyStands(used.key)],
      changes: [addStandingGrant(grant), ...counted],
      detail: { grant: grant.id, document, signature, key: signerDetail(used.key) },
    });
    return { grant, entry };
  });
}

function granted(ground: Ground, document: StandingGrantDocument, signature: DocumentSignature): StandingGrant {
  return {
    id: ground.newId('standingGrant'),
    agent: document.agent,
    owner: document.owner,
    document,
    digest: `sha-256:${hash('sha256', canonicalJson(document), 'base64url')}`,
    signature,
    expiresAt: document.expiresAt,
    state: 'active',
    signedAt: ground.clock(),
  };
}

function requireNamed(document: StandingGrantDocument, tenant: TenantId, agent: Agent): void {
  if (document.tenant === tenant && document.owner === agent.owner) return;
  throw refuse('signature.invalid', 'the document names another tenant or owner');
}

function requireTimes({ issuedAt, expiresAt }: StandingGrantDocument, agent: Agent, now: number): void {
  const skewMilliseconds = 300_000;
  if (Math.abs(issuedAt - now) > skewMilliseconds) {
    throw refuse(
      'signature.invalid',
      `issuedAt is ${issuedAt}`,
      'Sign the document anew: issuedAt must be the present time.',
    );
  }
  if (expiresAt <= now || expiresAt > agent.expiresAt) {
    throw refuse(
      'standing_grant.exceeds',
      `the grant expires at ${expiresAt}, the agent at ${agent.expiresAt}`,
      'Let it expire in the future, and not later than the agent.',
    );
  }
}

/** INVARIANT (effective authority): nobody signs away more than they may delegate, or than the agent may ever have. */
function requireWithin({ authority }: StandingGrantDocument, agent: Agent, owner: Person): void {
  const sources = [
    { whose: 'what you may delegate', parent: owner.delegable },
    { whose: 'the ceiling of the agent', parent: agent.ceiling },
  ];
  for (const { whose, parent } of sources) {
    const result = narrows(authority, parent);
    if (result.narrower) continue;
    throw refuse('standing_grant.exceeds', `${whose}: ${result.says}`, `${result.says} That is more than ${whose}.`);
  }
}
