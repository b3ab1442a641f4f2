import type { ActionInShort, ActionShown, Classification, Lowered, Review } from '@ambit/sdk/operator';
import { answer, type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { readJson, readText } from '../files.ts';
import { count, file, many, may, maybe, need, pair, told, whether, words } from '../kinds.ts';
import { indent, type Line, line, quote, table } from '../line.ts';
import { nothing } from '../program.ts';
import { countOf } from '../show/count.ts';
import { showTime } from '../show/times.ts';
import type { World } from '../world.ts';

const api = told(words, 'the name of an API');
const exampleAction = 'shop:refunds.create';

export const catalogCommands: readonly Command[] = [
  command({
    name: 'catalog import',
    says: 'Imports an OpenAPI 3.0, 3.1 or Swagger 2.0 description, by file or by address.',
    example: 'ambit catalog import shop --file openapi.json --server https://shop.example',
    args: { name: told(words, 'what the API is called here: small letters, digits and dashes') },
    flags: {
      file: may(file, 'the description, JSON or YAML'),
      from: may(words, 'its address instead; Ambit fetches it'),
      server: may(words, 'where the API is; needed the first time, a description cannot say it'),
      zone: may(words, 'the zone it lives in; the first time default unless given'),
      environment: may(words, 'e.g. production, which it is the first time unless given'),
      tags: whether('send signed tags (agent, task, purpose) along to it'),
      takesTokens: whether('it verifies tokens itself: agents may get tokens that are for it'),
    },
    async run({ world, operator, args, flags: { file: path, from, server, zone, environment, tags, takesTokens } }) {
      const source = await sourceOf(world, path, from);
      const report = await (await operator()).catalog.import({
        name: args.name,
        ...source,
        ...(server !== undefined && { server }),
        ...(zone !== undefined && { zone }),
        ...(environment !== undefined && { environment }),
        ...(tags && { wantsTags: true }),
        ...(takesTokens && { takesTokens: true }),
      });
      const { api, added, changed, removed, unchanged } = report;
      return answer(
        report,
        line`${api.name} at ${api.origin}: ${countOf(added.length, 'action')} added, ${changed.length} changed, ${removed.length} removed, ${unchanged} as before.`,
        ...report.raised.map(
          ({ action, field, from: was, to }) => line`raised   ${action} ${field}: ${show(was)} → ${show(to)}`,
        ),
        ...showReview(report.review),
        line`Next: ambit catalog ${waits(report.review) ? 'show' : 'list'} ${api.name}`,
      );
    },
  }),
  command({
    name: 'catalog list',
    says: 'Lists APIs, or with one named its actions.',
    example: 'ambit catalog list shop',
    args: { api: maybe(told(words, 'the name of an API')) },
    flags: { after: may(words, 'the last action of the page before') },
    async run({ operator, args: { api }, flags: { after } }) {
      const { catalog } = await operator();
      if (api === undefined) {
        const listed = await catalog.list();
        const rows = listed.apis.map((one) => [
          one.name,
          one.origin,
          one.format,
          one.revision,
          showTime(one.importedAt),
        ]);
        return answer(
          listed,
          ...(rows.length === 0 ? [nothing] : table(['name', 'origin', 'format', 'revision', 'imported'], rows)),
        );
      }
      const page = await catalog.actions({ api, ...(after !== undefined && { after }) });
      // Refused by name where there is no such API: an empty list would read as an API without actions.
      if (page.actions.length === 0) await catalog.show(api);
      const rows = page.actions.map((one) => [
        one.id,
        one.method,
        one.path,
        one.effect,
        one.reversibility,
        one.held === null ? one.state : 'held',
      ]);
      const more = page.next === null ? [] : [line`More: ambit catalog list ${api} --after ${page.next}`];
      return answer(
        page,
        ...(rows.length === 0 ? [nothing] : table(['action', 'method', 'path', 'effect', 'undo', 'state'], rows)),
        ...more,
        ...sayProposed(page.actions),
      );
    },
  }),
  command({
    name: 'catalog show',
    says: 'Shows an API with what waits for a person, or one action with who said what about it.',
    example: `ambit catalog show ${exampleAction}`,
    args: { name: told(words, 'the name of an API, or the id of an action') },
    async run({ operator, args: { name } }) {
      const { catalog } = await operator();
      if (name.includes(':')) {
        const action = await catalog.action(name);
        return answer(action, ...showAction(action));
      }
      const api = await catalog.show(name);
      return answer(
        api,
        line`${api.name} at ${api.origin}${api.basePath}, revision ${api.revision}`,
        line`title    ${quote(api.title)}, as its description says`,
        line`lives    zone ${api.zone}, ${api.environment}`,
        ...(api.wantsTags ? [line`tags     signed ones are sent along`] : []),
        ...(api.takesTokens ? [line`tokens   it verifies tokens itself: agents may get some that are for it`] : []),
        ...api.notes.map(({ place, says }) => line`note     ${place}: ${says}`),
        ...showReview(api.review),
      );
    },
  }),
  command({
    name: 'catalog set',
    says: 'Classifies one action; counts at once, upwards and downwards.',
    example: `ambit catalog set ${exampleAction} --field reversibility=irreversible --field effect=write`,
    args: { action: told(words, 'the id of an action: ambit catalog list <api>') },
    flags: {
      field: many(pair, 'a field and its value, as JSON or as plain text'),
      file: may(file, 'JSON file with the fields instead'),
      revision: may(count, 'refuse where the API has changed since this revision'),
    },
    async run({ world, operator, args, flags }) {
      const classification = await classificationOf(world, flags.field, flags.file);
      const set = await (await operator()).catalog.set(args.action, classification, flags.revision);
      return answer(
        set,
        line`${set.actions.join(', ')} is classified (${set.entry}).`,
        ...set.lowered.map(showLowered),
      );
    },
  }),
  command({
    name: 'catalog confirm',
    says: 'Confirms what a description proposes, as you saw it at that revision.',
    example: 'ambit catalog confirm shop --revision 3 --action shop:orders.get',
    args: { api },
    flags: {
      revision: need(count, 'the revision you saw: ambit catalog show <api>'),
      action: many(words, 'only this action; all unless given'),
    },
    async run({ operator, args, flags: { revision, action } }) {
      const what = { revision, ...(action.length > 0 && { actions: action }) };
      const done = await (await operator()).catalog.confirm(args.api, what);
      return answer(
        done,
        line`${countOf(done.confirmed.length, 'action')} confirmed (${done.entry}).`,
        ...done.lowered.map(showLowered),
      );
    },
  }),
  command({
    name: 'catalog overlay',
    says: 'Lays a classification file, YAML or JSON, over the actions of an API.',
    example: 'ambit catalog overlay shop shop.overlay.yaml --revision 3',
    args: { api, file },
    flags: { revision: may(count, 'refuse where the API has changed since this revision') },
    async run({ world, operator, args, flags }) {
      const overlay = await readText(world, args.file);
      const done = await (await operator()).catalog.overlay(args.api, overlay, flags.revision);
      return answer(
        done,
        line`${countOf(done.actions.length, 'action')} classified (${done.entry}).`,
        ...done.lowered.map(showLowered),
      );
    },
  }),
  command({
    name: 'catalog move',
    says: 'Moves an API to another server.',
    example: 'ambit catalog move shop --server https://shop-2.example --revision 3',
    args: { api },
    flags: { server: need(words, 'the new origin'), revision: need(count, 'the revision you saw') },
    async run({ operator, args, flags }) {
      const moved = await (await operator()).catalog.move(args.api, flags);
      return answer(moved, line`${moved.name} is at ${moved.origin} now, revision ${moved.revision}.`);
    },
  }),
  command({
    name: 'catalog unmatched',
    says: 'Lists calls that matched no action and were refused, folded by method and shape.',
    example: 'ambit catalog unmatched',
    async run({ operator }) {
      const groups = await (await operator()).catalog.unmatched();
      const rows = groups.map((one) => [
        one.id,
        one.api,
        one.method,
        one.count,
        showTime(one.lastAt),
        quote(one.shape),
      ]);
      return answer(
        groups,
        ...(rows.length === 0 ? [nothing] : table(['id', 'api', 'method', 'calls', 'last', 'shape'], rows)),
      );
    },
  }),
  command({
    name: 'catalog promote',
    says: 'Turns a group of unmatched calls into an action of the strictest classification.',
    example: 'ambit catalog promote <group> --operation orders.export',
    args: { group: told(words, 'a group: ambit catalog unmatched') },
    flags: { operation: may(words, 'the second half of the new action’s id') },
    async run({ operator, args, flags }) {
      const action = await (await operator()).catalog.promote(args.group, flags.operation);
      return answer(action, line`${action.id} is an action now. Next: ambit catalog show ${action.id}`);
    },
  }),
];

async function sourceOf(world: World, path: string | undefined, url: string | undefined) {
  if (path !== undefined && url === undefined) return { text: await readText(world, path) };
  if (url !== undefined && path === undefined) return { url };
  throw new CliFault('usage', 'Name the description: either --file or --from.', 'See: ambit catalog import --help');
}

async function classificationOf(
  world: World,
  fields: readonly (readonly [string, string])[],
  path: string | undefined,
): Promise<Partial<Classification>> {
  if (path !== undefined && fields.length === 0) return (await readJson(world, path)) as Partial<Classification>;
  if (path === undefined && fields.length > 0)
    return Object.fromEntries(fields.map(([name, text]) => [name, fieldOf(name, text)]));
  throw new CliFault('usage', 'Say what to set: either --field, or --file.', 'See: ambit catalog set --help');
}

const counts: ReadonlySet<string> = new Set<keyof Classification>(['undoSeconds']);

// What is a text to the plane stays one: a decimal such as `0.5`, or a cost of `2`, is not a JSON number there.
function fieldOf(name: string, text: string): unknown {
  if (counts.has(name) && /^\d{1,15}$/.test(text)) return Number(text);
  return /^(true|false|null|[[{"].*)$/s.test(text) ? parsed(text) : text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliFault('usage', 'A --field has a value that begins like JSON and is none.', 'Correct it', {
      cause: error,
    });
  }
}

const show = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const showLowered = ({ action, field, from, to }: Lowered): Line =>
  line`lowered  ${action} ${field}: ${show(from)} → ${show(to)}`;

function sayProposed(actions: readonly ActionInShort[]): readonly Line[] {
  if (!actions.some(({ state, held }) => state === 'proposed' && held === null)) return [];
  return [
    line`proposed: it can be called; until somebody confirms its description, the strictest reading of it counts (ambit catalog confirm --help).`,
  ];
}

/** Whether a person has something to confirm or to map. */
const waits = ({ held, opaque, pending }: Review): boolean => held.length + opaque.length + pending.length > 0;

function showReview(review: Review): readonly Line[] {
  return [
    line`${countOf(review.actions, 'action')}, ${review.reads} of them known to be reads.`,
    ...review.held.map(({ action, because }) => line`held     ${action}: ${because}`),
    ...review.opaque.map((action) => line`opaque   ${action}: denied until it is mapped`),
    ...review.mintsCredential.map((action) => line`mints    ${action}: its answer carries a credential`),
    ...review.wideParameters.map(
      ({ action, argument }) =>
        line`wide     ${action} ${argument}: its description has no pattern, so any text passes; add pattern: there and import again`,
    ),
    ...review.pending.map(
      ({ action, field, now, proposed, lowers }) =>
        line`pending  ${action} ${field}: ${show(now)} → ${show(proposed)}${lowers ? ', which lowers a gate' : ''}`,
    ),
  ];
}

function showAction(action: ActionShown): readonly Line[] {
  const fields = Object.entries(action.sources).map(([name, source]) => [
    name,
    show(action[name as keyof Classification]),
    source,
  ]);
  const values = [...action.parameters.map(({ argument }) => argument), ...Object.keys(action.body?.arguments ?? {})];
  return [
    line`${action.id}, ${action.state}${action.held === null ? '' : `, held: ${action.held}`}`,
    line`${action.method} ${action.path}`,
    line`summary    ${quote(action.summary)}, as its description says`,
    line`arguments  ${values.join(', ') || 'none'}`,
    ...table(['field', 'value', 'said by'], fields).map((one) => indent(1, one)),
  ];
}
