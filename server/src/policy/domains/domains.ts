import { hash } from 'node:crypto';
import type { TenantId } from '@ambit/protocol';
import { entry, type Ground, insert, type PersonCaller, refuse, span } from '../../foundation/index.ts';
import type { Official } from '../cedar/official.ts';
import { OfficialError } from '../cedar/official-error.ts';
import { denyUnreadable, type Judgement, judge } from '../judge.ts';
import { judgeOfficially } from '../judge-officially.ts';
import { PolicyTextError } from '../publish.ts';
import { newestDomain, type PublishedDomain, publishedDomains } from '../store.ts';
import type { Domain, DomainDraft } from './domain.ts';
import { type DomainQuestion, domainQuestion } from './domain-question.ts';
import { prepareDomain } from './prepare-domain.ts';

/** The domains in force, by tenant and name: the newest published version of each. */
export type Domains = {
  /** Undefined where nothing was ever published under that name. */
  current(tenant: TenantId, name: string): Promise<Domain | undefined>;
  /** By the evaluator that the settings name. */
  judge(domain: Domain, question: DomainQuestion): Promise<Judgement>;
  /** Throws `policy.invalid` with every problem in words. */
  check(name: string, draft: DomainDraft): Promise<Domain>;
  publish(caller: PersonCaller, name: string, draft: DomainDraft, note: string): Promise<PublishedDomain>;
};

type Kept = { readonly digest: string; readonly domain: Promise<Domain> };

// Prepared domains are dear to make and large to keep; of more than these, the one that was asked about longest ago goes.
const keptMax = 100;

export function createDomains(ground: Ground, official: Official, engine: 'compiled' | 'official'): Domains {
  const kept = new Map<string, Kept>();

  async function current(tenant: TenantId, name: string): Promise<Domain | undefined> {
    const newest = await newestDomain(ground, tenant, name);
    if (newest === undefined) return undefined;
    const place = `${tenant} ${name}`;
    const known = kept.get(place);
    if (known?.digest === newest.digest) return known.domain;
    const domain = prepareDomain(newest, official);
    kept.delete(place);
    kept.set(place, { digest: newest.digest, domain });
    if (kept.size > keptMax) kept.delete(kept.keys().next().value!);
    domain.catch(() => {
      if (kept.get(place)?.domain === domain) kept.delete(place);
    });
    return domain;
  }

  async function check(name: string, draft: DomainDraft): Promise<Domain> {
    try {
      return await prepareDomain({ ...draft, name, number: 0 }, official);
    } catch (error) {
      if (error instanceof PolicyTextError) throw refuse('policy.invalid', error.message, error.message);
      if (error instanceof OfficialError) throw refuse('policy.invalid', error.message);
      throw error;
    }
  }

  return {
    current,
    check,
    async judge(domain, question) {
      const asked = domainQuestion(domain, question);
      if (asked.kind === 'unreadable') return denyUnreadable(asked.because);
      return engine === 'official' ? judgeOfficially(domain.set, asked, official) : judge(domain.set, asked);
    },
    publish: (caller, name, draft, note) =>
      span('policy/publish-domain', async () => {
        const { set, byType } = await check(name, draft);
        const number = ((await newestDomain(ground, caller.tenant, name))?.number ?? 0) + 1;
        const { schema, rules, entities } = draft;
        const row: PublishedDomain = {
          name,
          number,
          schema,
          rules,
          entities,
          digest: `sha-256:${hash('sha256', JSON.stringify([number, schema, rules, entities]), 'base64url')}`,
          publishedBy: caller.person,
          publishedAt: ground.clock(),
          note,
        };
        await ground.database.commit({
          tenant: caller.tenant,
          // Two publications at once: one gets the number, the other reads again and decides again.
          changes: [insert(publishedDomains, row, 'state.changed')],
          entries: [
            entry({
              id: ground.newId('entry'),
              kind: 'policy.domain-published',
              who: caller.who,
              keys: [`ambit:domain/${name}`],
              // The directory may be long and is about people: its hash stands in the digest, and the row has it whole.
              detail: {
                ...{ name, number, schema, rules, note },
                digest: row.digest,
                directory: Object.fromEntries([...byType].map(([type, uids]) => [type, uids.length])),
                warnings: set.warnings.map(({ says }) => says),
              },
            }),
          ],
        });
        return row;
      }),
  };
}
