import type { ProposalId } from '@ambit/protocol';
import type { Proposal, ProposalAnswer } from '@ambit/protocol/wire';
import type { Ask } from '../request.ts';
import type { Signer } from '../signer.ts';

export type Proposals = ReturnType<typeof proposalsRoom>;

/** Where lowering a gate takes two persons, what would lower one throws `AmbitRefusal` with the code `proposal.waits`. */
export function proposalsRoom({ json }: Ask, { sign, person, tenant, clock }: Signer) {
  return {
    list: async (which: { readonly state?: Proposal['state'] } = {}) =>
      (await json('GET /v1/proposals', { query: which })).proposals,
    show: (id: ProposalId) => json('GET /v1/proposals/:proposal', { at: { proposal: id } }),
    /**
     * Confirms or ends one, by a signature over the digest of what was shown. `answer` is what the change itself
     * answered. Throws `AmbitRefusal`: `proposal.not_yours`, `proposal.over`, `proposal.moved`.
     */
    async answer(
      seen: Pick<Proposal, 'id' | 'digest'>,
      answer: 'yes' | 'no',
      reason: string | null = null,
    ): Promise<{ readonly proposal: Proposal; readonly answer: unknown }> {
      const document: ProposalAnswer = {
        type: 'ambit_proposal_answer',
        tenant: await tenant(),
        proposal: seen.id,
        digest: seen.digest,
        answer,
        reason,
        person,
        at: clock(),
      };
      const signature = await sign(document);
      return json('POST /v1/proposals/:proposal/answer', {
        at: { proposal: seen.id },
        body: { answer, reason, at: document.at, signature },
      });
    },
    /** Whether lowering a gate takes two persons here. */
    twoPersons: async () => (await json('GET /v1/two-persons')).required,
    /** For administrators. To want it no more takes two persons. */
    setTwoPersons: (required: boolean) => json('PUT /v1/two-persons', { body: { required } }),
  };
}
