import { object, optional, text } from '@ambit/protocol';
import { type Ground, type Route, refuse, route } from '../foundation/index.ts';
import type { Rules } from './rules.ts';
import { findPolicy, listPolicies } from './store.ts';

const textBytesMax = 262_144;
const policyText = text({ max: textBytesMax });

export function policyRoutes(ground: Ground, rules: Rules): readonly Route[] {
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
      says: 'Checks a text against the catalog without publishing it.',
      run: async ({ caller, body }) => {
        const set = await rules.check(caller.tenant, body.text);
        return { status: 200, body: { version: set.version, policies: [...set.about.keys()], warnings: set.warnings } };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/policies',
      who: 'policy',
      body: object({ text: policyText, note: optional(text({ max: 500 })) }),
      says: 'Publishes a new version of the rules; it counts from the next decision on.',
      run: async ({ caller, body }) => ({ status: 201, body: await rules.publish(caller, body.text, body.note ?? '') }),
    }),
  ];
}
