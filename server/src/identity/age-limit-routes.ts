import { integer, object, oneOf, text } from '@ambit/protocol';
import { type Ground, type Route, refuse, route } from '../foundation/index.ts';
import { aging } from './age.ts';
import { removeAgeLimit, setAgeLimit } from './set-age-limit.ts';
import { listAgeLimits } from './store.ts';

export function ageLimitRoutes(ground: Ground): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/age-limits',
      who: 'person',
      says: 'Lists how old keys, tokens, tasks and agents may become, and how long an agent may stay unused.',
      run: async ({ caller }) => ({ status: 200, body: { limits: await listAgeLimits(ground, caller.tenant) } }),
    }),
    route({
      method: 'POST',
      path: '/v1/age-limits',
      who: 'administrator',
      says: 'Sets how old things of one kind may become; what is older already ends at once. `unused` suspends agents.',
      body: object({
        of: oneOf(...aging),
        secondsMax: integer({ min: 1, max: 3_153_600_000 }),
        reason: text({ max: 500 }),
      }),
      lowers: async ({ caller, body }) => {
        const before = (await listAgeLimits(ground, caller.tenant)).find(({ of }) => of === body.of);
        if (before === undefined || body.secondsMax <= before.secondsMax) return null;
        return { says: `A ${body.of} could become older than now.`, changes: { before, after: body } };
      },
      run: async ({ caller, body }) => {
        const { limit, entry } = await setAgeLimit(ground, caller, body);
        return { status: 200, body: limit, entry };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/age-limits/:of',
      who: 'administrator',
      says: 'Removes a greatest age.',
      lowers: async ({ params }) => ({
        says: `A ${params.of} could become as old as it likes.`,
        changes: { removed: params.of },
      }),
      run: async ({ caller, params }) => {
        const of = aging.find((one) => one === params.of);
        if (of === undefined) throw refuse('thing.not_found', `${params.of} has no greatest age`);
        return { status: 204, ...(await removeAgeLimit(ground, caller, of)) };
      },
    }),
  ];
}
