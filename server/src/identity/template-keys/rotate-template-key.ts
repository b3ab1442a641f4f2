import { type Ground, type PersonCaller, refuse, span } from '../../foundation/index.ts';
import { requireOwnerOrAdministrator } from '../agent.ts';
import { requireAgent } from '../move-agent.ts';
import { agentResource, record } from '../record.ts';
import { agentUnchanged } from '../store.ts';
import { type AddedTemplateKey, newTemplateKey } from './add-template-key.ts';
import { addTemplateKeyRow, endTemplateKeyRow } from './store.ts';
import { type TemplateKey, templateKeyHolds } from './template-key.ts';

export type TemplateKeyRotation = {
  /** Epoch milliseconds at which the old one ends, if it does not end sooner; until then both hold. */
  readonly endsAt: number;
  /** Epoch milliseconds at which the new one does. */
  readonly expiresAt: number;
};

/** So long a key that was replaced may go on: one that nobody puts away is no replacement. */
const overlapSecondsMax = 7 * 86_400;

/** Puts a new key beside an old one, for the same and bound to the same, and says when the old one ends, in one unit. */
export function rotateTemplateKey(
  ground: Ground,
  by: PersonCaller,
  before: TemplateKey,
  { endsAt, expiresAt }: TemplateKeyRotation,
): Promise<AddedTemplateKey & { readonly old: TemplateKey }> {
  return span('identity/rotate-template-key', async () => {
    const agent = await requireAgent(ground, by.tenant, before.agent);
    requireOwnerOrAdministrator(by, agent);
    const now = ground.clock();
    if (!templateKeyHolds(before, now)) throw refuse('template_key.ended', `${before.id} is ${before.state}`);
    if (endsAt <= now || endsAt > now + overlapSecondsMax * 1000) {
      const says = 'The old key ends in the future, and within 7 days: until then both hold.';
      throw refuse('template_key.lifetime', `the old key would end at ${endsAt}`, says);
    }
    const { label, template, parameters, templateDigest, purpose, x5t, zone } = before;
    const same = { agent: agent.id, label, template, parameters, templateDigest, purpose, x5t, zone };
    const { key, secret } = await newTemplateKey(ground, by, agent, { ...same, expiresAt, replaces: before.id });
    const ended = { expiresAt: Math.min(before.expiresAt, endsAt) };
    const entry = await record(ground, by, {
      kind: 'identity.template-key-rotated',
      keys: [agentResource(agent.id)],
      checks: [agentUnchanged(agent)],
      changes: [endTemplateKeyRow(before, ended), addTemplateKeyRow(key)],
      detail: { agent: agent.id, old: before.id, oldEndsAt: ended.expiresAt, key: key.id, expiresAt: key.expiresAt },
    });
    return { key, secret, old: { ...before, ...ended }, entry };
  });
}
