import { integer, object, optional, type TenantId, text } from '@ambit/protocol';
import { type Ground, Refusal, type Route, refuse, route } from '../foundation/index.ts';
import type { Domains } from './domains/domains.ts';
import { lowersByRules } from './lowers-by-rules.ts';
import type { PolicySet } from './policy-set.ts';
import { ruleChanges } from './rule-changes.ts';
import type { Rules } from './rules.ts';
import { findPolicy, listDomainVersions, listPolicies } from './store.ts';

const textBytesMax = 262_144;
const policyText = text({ max: textBytesMax });

export function policyRoutes(ground: Ground, rules: Rules, domains: Domains): readonly Route[] {
  return [...rulesRoutes(ground, rules), ...domainRoutes(ground, domains)];
}

function rulesRoutes(ground: Ground, rules: Rules): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/policies',
      who: 'person',
      says: 'Lists the published versions of the organisation’s rules, newest first.',
      run: async ({ caller }) => {
        const rows = await listPolicies(ground, caller.tenant);
        return { status: 200, body: { policies: rows.map(({ text: _text, ...rest }) => rest) } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/policies/:number',
      who: 'person',
      says: 'Shows one version with its text.',
      run: async ({ caller, params }) => {
        const number = /^\d{1,9}$/.test(params.number ?? '') ? Number(params.number) : -1;
        const found = await findPolicy(ground, caller.tenant, number);
        if (found === undefined) throw refuse('thing.not_found', `no policy version ${params.number}`);
        return { status: 200, body: found };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/policies/check',
      who: 'policy',
      body: object({ text: policyText }),
      says: 'Checks a text against the catalog without publishing it, and says which rules in force it adds, changes or removes.',
      run: async ({ caller, body }) => {
        const set = await rules.check(caller.tenant, body.text);
        const before = await inForce(rules, caller.tenant);
        const changes = before === null ? null : ruleChanges(before, set);
        const policies = [...set.about.keys()];
        return { status: 200, body: { version: set.version, policies, warnings: set.warnings, changes } };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/policies',
      who: 'policy',
      body: object({
        text: policyText,
        note: optional(text({ max: 500 })),
        after: optional(integer({ min: 0, max: 999_999_999 })),
      }),
      says: 'Publishes a new version of the rules, after the one that is named; it counts from the next decision on.',
      lowers: async ({ caller, body }) => {
        const after = await rules.check(caller.tenant, body.text);
        return lowersByRules(await inForce(rules, caller.tenant), after);
      },
      run: async ({ caller, body }) => {
        return { status: 201, body: await rules.publish(caller, body.text, body.note ?? '', body.after) };
      },
    }),
  ];
}

/** Null where they do not fit the catalog any more: nobody can say what a text changes, and it may open something. */
async function inForce(rules: Rules, tenant: TenantId): Promise<PolicySet | null> {
  try {
    return await rules.current(tenant);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'policy.denied') return null;
    throw error;
  }
}

const directoryText = text({ max: 2_097_152 });
const domainBody = object({ schema: policyText, rules: policyText, entities: directoryText });

function domainName({ domain = '' }: Readonly<Record<string, string>>): string {
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(domain)) return domain;
  throw refuse('request.malformed', `no name of a domain: ${domain.slice(0, 80)}`, 'Name a domain in small letters.');
}

function domainRoutes(ground: Ground, domains: Domains): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/domains/:domain',
      who: 'policy',
      says: 'The newest version of a domain, whole, and those before it by number.',
      run: async ({ caller, params }) => {
        const name = domainName(params);
        const [newest, ...older] = await listDomainVersions(ground, caller.tenant, name);
        if (newest === undefined) throw refuse('thing.not_found', `no domain ${name}`);
        const told = older.map(({ number, digest, publishedBy, publishedAt, note }) => {
          return { number, digest, publishedBy, publishedAt, note };
        });
        return { status: 200, body: { ...newest, older: told } };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/domains/:domain/check',
      who: 'policy',
      body: domainBody,
      says: 'Checks a domain without publishing it: its schema, its rules, and its directory.',
      run: async ({ params, body }) => {
        const { set, byType } = await domains.check(domainName(params), body);
        const directory = Object.fromEntries([...byType].map(([type, uids]) => [type, uids.length]));
        return { status: 200, body: { policies: [...set.about.keys()], directory, warnings: set.warnings } };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/domains/:domain',
      who: 'policy',
      body: object({
        schema: policyText,
        rules: policyText,
        entities: directoryText,
        note: optional(text({ max: 500 })),
      }),
      says: 'Publishes a new version of a domain, whole; it counts from the next question on.',
      run: async ({ caller, params, body: { note, ...draft } }) => {
        const { entities: _entities, ...row } = await domains.publish(caller, domainName(params), draft, note ?? '');
        return { status: 201, body: row };
      },
    }),
  ];
}
