import { contentDigest, type Shown } from '@ambit/protocol';
import type { CatalogSnapshot } from '../catalog/index.ts';
import { span } from '../foundation/index.ts';
import { type Call, callOf, sha256 } from './call.ts';
import type { Collected } from './collect.ts';
import { callForAction } from './for-rules.ts';

export type Look = { readonly shown: Shown['lookedAgain']; readonly digest: string | null };
/** What a read brought; null where it was refused or failed. */
export type Looked = Collected | null;
/** Decides, records and makes a read on behalf of the approver. */
export type Reading = (read: Call) => Promise<Looked>;

export const lookBytesMax = 65_536;

/**
 * Reads what is at stake, where the action names such a read. What could not be read is said on the card, and compared
 * with nothing. THREATS: world-moved.
 */
export function lookAgain(snapshot: CatalogSnapshot, call: Call, read: Reading): Promise<Look | null> {
  return span('gateway/look-again', async () => {
    const named = call.action.lookAgain;
    if (named === null || named === call.action.id) return null;
    const matched = callForAction(snapshot, named, call.arguments);
    if (matched === undefined || matched.action.effect !== 'read') return { shown: unread(named), digest: null };
    const more = { headers: {}, catalogVersion: snapshot.version, claim: { reason: null, step: null, toolCall: null } };
    const looked = await read(callOf(matched, call.api, more));
    if (looked === null || looked.status === null) return { shown: unread(named), digest: null };
    const text = Buffer.from(looked.bytes).toString('utf8');
    return { shown: { action: named, status: looked.status, text }, digest: contentDigest(looked.bytes, sha256) };
  });
}

const unread = (action: string) => ({ action, status: 0, text: 'It could not be read; the log says why.' });
