import { Refusal } from '../foundation/index.ts';
import { onlyHeader } from '../identity/index.ts';
import { type Credentials, type Issuer, type requireKnownTemplateKey, signedToken } from '../tokens/index.ts';
import type { ShownToken } from './unproved.ts';

/**
 * What a token says that came without a proof that fits it: signed by us, held by nobody knows whom. It names the run
 * in which the log tells of the attempt, and is good for nothing else: also where it is too old, or for something else.
 */
export function shownToken(issuer: Issuer, { rawHeaders }: Pick<Credentials, 'rawHeaders'>): ShownToken | null {
  try {
    const text = /^(?:DPoP|Bearer) ([A-Za-z0-9._-]{1,8192})$/i.exec(onlyHeader(rawHeaders, 'authorization') ?? '')?.[1];
    if (text === undefined) return null;
    const { tenant, id, agent, requester, task, run } = signedToken(text, { keys: issuer.keys(), issuer: issuer.url });
    return { tenant, token: id, agent, requester, task, run };
  } catch (error) {
    // Whatever is not a valid token of ours tells nothing; the refusal itself is recorded without it.
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** What a static key says that is not good any more, or not from there: whose it is. */
export const shownKey = ({ tenant, key }: Awaited<ReturnType<typeof requireKnownTemplateKey>>): ShownToken => ({
  tenant,
  token: key.id,
  agent: key.agent,
  requester: null,
  task: null,
  run: null,
});
