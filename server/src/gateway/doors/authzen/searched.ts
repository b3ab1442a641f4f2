import { anything, integer, object, optional, parse, type ShapeOf, text } from '@ambit/protocol';
import { context, doing, type Evaluation, membersOf, named, pick, properties, typed } from './evaluation.ts';

/** The place of a question that a search leaves open. */
export type Find = 'subject' | 'resource' | 'action';

const unnamed = object({ type: typed, properties });
const page = object({
  token: optional(text({ min: 0, max: 2000 })),
  limit: optional(integer({ min: 0, max: 2_147_483_647 })),
  properties: optional(anything()),
});

const shapes = {
  subject: object({ subject: unnamed, action: doing, resource: named, context, page: optional(page) }),
  resource: object({ subject: named, action: doing, resource: unnamed, context, page: optional(page) }),
  action: object({ subject: named, resource: named, context, page: optional(page) }),
};

/** A search of AuthZEN 1.0 §8, and the question that a candidate makes of it. */
export type Search = {
  readonly find: Find;
  /** The entity type that is looked for; null where actions are. */
  readonly type: string | null;
  /** What was asked, without the page: a page is a part of this search and of no other. */
  readonly asked: Readonly<Record<string, unknown>>;
  readonly context: Readonly<Record<string, unknown>>;
  readonly with: (id: string) => Evaluation;
  readonly token: string | null;
  readonly limit: number;
};

const limitMax = 1000;
const limitUsual = 100;

/** An id in the open place is ignored, as the standard says; so are fields that it does not know. */
export function readSearch(find: Find, body: unknown): Search {
  const { subject, action, resource, context: given, page: wanted } = membersOf(body);
  const thing = (at: Find) => (at === find ? ['type', 'properties'] : ['type', 'id', 'properties']);
  const members = {
    subject: pick(subject, thing('subject')),
    ...(find === 'action' ? {} : { action: pick(action, ['name', 'properties']) }),
    resource: pick(resource, thing('resource')),
    ...(given === undefined ? {} : { context: given }),
    ...(wanted === undefined ? {} : { page: pick(wanted, ['token', 'limit', 'properties']) }),
  };
  const { page: part, ...asked } = parse<ShapeOf<(typeof shapes)[Find]>>(shapes[find], members);
  const open = find === 'action' ? null : asked[find];
  return {
    find,
    type: open?.type ?? null,
    asked,
    context: asked.context ?? {},
    with: (id) => ({ ...asked, [find]: find === 'action' ? { name: id } : { ...open, id } }) as Evaluation,
    token: part?.token || null,
    limit: Math.min(part?.limit ?? limitUsual, limitMax),
  };
}
