import { hash } from 'node:crypto';
import type { TenantId, Who } from '@ambit/protocol';
import { entry, type Ground, insert, type PersonCaller, planeItself, refuse, span } from '../foundation/index.ts';
import type { Official } from './cedar/official.ts';
import { OfficialError } from './cedar/official-error.ts';
import { defaultPolicies } from './default-policies.cedar.ts';
import { denyUnreadable, type Judgement } from './judge.ts';
import { judgeOfficially } from './judge-officially.ts';
import { type PolicySet, PolicyTextError, preparePolicySet } from './publish.ts';
import { type ActionForSchema, type Question, toCedar } from './question.ts';
import { policySchema } from './schema.ts';
import { newestPolicy, type PublishedPolicy, publishedPolicies } from './store.ts';

/** The rules in force, by tenant: the newest published text, checked against the catalog as it is now. */
export type Rules = {
  /** Prepared and kept until the text or the catalog changes. Without a published text the default rules hold. */
  current(tenant: TenantId): Promise<PolicySet>;
  /** Checks a text against the catalog without publishing it; throws `policy.invalid` with every problem in words. */
  check(tenant: TenantId, text: string): Promise<PolicySet>;
  /** `after` is the version that the text was made from: where another is in force meanwhile, it is not published. */
  publish(caller: PersonCaller, text: string, note: string, after?: number): Promise<PublishedPolicy>;
};

/** What the rules need of the catalog: its version, and the actions that a rule may name. */
export type CatalogView = (
  tenant: TenantId,
) => Promise<{ readonly version: string; readonly actions: readonly ActionForSchema[] }>;

type Kept = { readonly key: string; readonly set: Promise<PolicySet> };

export function createRules(ground: Ground, official: Official, catalog: CatalogView): Rules {
  const kept = new Map<TenantId, Kept>();

  async function current(tenant: TenantId): Promise<PolicySet> {
    const [view, newest] = await Promise.all([catalog(tenant), newestPolicy(ground, tenant)]);
    const key = `${newest?.number ?? 0} ${view.version}`;
    const known = kept.get(tenant);
    if (known?.key === key) return known.set;
    const set = prepare(newest?.text ?? defaultPolicies, view.actions).catch((error: unknown) => {
      throw error instanceof PolicyTextError ? outgrown(error) : error;
    });
    kept.set(tenant, { key, set });
    set.catch(() => {
      if (kept.get(tenant)?.set === set) kept.delete(tenant);
    });
    return set;
  }

  function prepare(text: string, actions: readonly ActionForSchema[]): Promise<PolicySet> {
    return preparePolicySet({ text, schema: policySchema(actions) }, official);
  }

  async function check(tenant: TenantId, text: string): Promise<PolicySet> {
    try {
      return await prepare(text, (await catalog(tenant)).actions);
    } catch (error) {
      if (error instanceof PolicyTextError) throw refuse('policy.invalid', error.message, error.message);
      if (error instanceof OfficialError) throw refuse('policy.invalid', error.message);
      throw error;
    }
  }

  function publish(caller: PersonCaller, text: string, note: string, after?: number): Promise<PublishedPolicy> {
    return span('policy/publish', async () => {
      const set = await check(caller.tenant, text);
      await requireNewest(ground, caller.tenant, after);
      return commitPolicy(ground, caller.tenant, caller.who, {
        text,
        note,
        publishedBy: caller.person,
        warnings: set.warnings.map(said),
      });
    });
  }

  return { current, check, publish };
}

/** The catalog went on and the text stayed: what it meant cannot be told, so nothing is permitted until a person looks. */
const outgrown = ({ message }: PolicyTextError) =>
  refuse('policy.denied', `the published rules do not fit the catalog any more; publish them anew: ${message}`);

const said = (problem: PolicySet['warnings'][number]) => problem.says;

async function requireNewest(ground: Ground, tenant: TenantId, after: number | undefined): Promise<void> {
  const newest = (await newestPolicy(ground, tenant))?.number ?? 0;
  if (after === undefined || after === newest) return;
  const says = `Version ${newest} is in force, and this text was made from version ${after}. Look at what changed, then publish again.`;
  throw refuse('state.changed', `version ${newest} is in force, not ${after}`, says);
}

type NewPolicy = Pick<PublishedPolicy, 'text' | 'note' | 'publishedBy'> & { readonly warnings: readonly string[] };

async function commitPolicy(ground: Ground, tenant: TenantId, who: Who, made: NewPolicy): Promise<PublishedPolicy> {
  const { warnings, ...rest } = made;
  const row: PublishedPolicy = {
    ...rest,
    number: ((await newestPolicy(ground, tenant))?.number ?? 0) + 1,
    digest: `sha-256:${hash('sha256', made.text, 'base64url')}`,
    publishedAt: ground.clock(),
  };
  await ground.database.commit({
    tenant,
    // Two publications at once: one gets the number, the other reads again and decides again.
    changes: [insert(publishedPolicies, row, 'state.changed')],
    entries: [entry({ id: ground.newId('entry'), kind: 'policy.published', who, detail: { ...row, warnings } })],
  });
  return row;
}

/** A new tenant starts with the safe set as its first version, so that there is a text to read and change. */
export function publishDefault(ground: Ground, tenant: TenantId): Promise<PublishedPolicy> {
  return commitPolicy(ground, tenant, planeItself, {
    text: defaultPolicies,
    note: 'The safe default set.',
    publishedBy: 'plane',
    warnings: [],
  });
}

/** The official evaluator's word on plain data; a call that does not fit its action is denied without asking it. */
export async function judgeQuestionOfficially(
  set: PolicySet,
  question: Question,
  official: Official,
): Promise<Judgement> {
  const asked = toCedar(question);
  return asked.kind === 'question' ? judgeOfficially(set, asked, official) : denyUnreadable(asked.because);
}
