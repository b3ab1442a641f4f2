import type { EntryId } from '@ambit/protocol';
import type { ImportPreview as PreviewTold } from '@ambit/protocol/wire';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { requireRole } from '../identity/index.ts';
import type { ActionRecord } from './action.ts';
import { type Api, readServer } from './api.ts';
import { type Description, readOpenApi } from './importers/openapi.ts';
import { type Merge, mergeImport, review } from './merge-import.ts';
import { recordChange } from './record-change.ts';
import {
  actionsMax,
  addApi,
  addRecord,
  apisMax,
  changeApi,
  changeRecord,
  findApi,
  listApis,
  listRecords,
} from './store.ts';

export type ApiImport = {
  readonly name: string;
  readonly text: string;
  /** Where the API lives, e.g. `https://api.example.com/v3`. Needed the first time; later only `changeOrigin` moves it. */
  readonly server?: string | undefined;
  readonly zone?: string | undefined;
  readonly environment?: string | undefined;
  readonly wantsTags?: boolean | undefined;
  readonly takesTokens?: boolean | undefined;
  /** The digest that a person was shown of this text: another text is refused. */
  readonly digest?: string | undefined;
};

export type ImportReport = ImportPreview & { readonly entry: EntryId };

/** What an import would make of the catalog. */
export type ImportPreview = Omit<PreviewTold, 'api'> & { readonly api: Api };

/** Takes a description in, the first time or again. Its classification proposes; where the API lives is not its to say. */
export function importApi(ground: Ground, by: PersonCaller, ask: ApiImport): Promise<ImportReport> {
  return span('catalog/import-api', async () => {
    const { preview, merge, isNew } = await plan(ground, by, ask);
    const { api, raised, moved } = preview;
    const entry = await recordChange(ground, by, {
      kind: 'catalog.imported',
      keys: [`catalog:api/${ask.name}`],
      changes: [
        isNew ? addApi(api) : changeApi(api),
        ...merge.added.map(addRecord),
        ...merge.changed.map(changeRecord),
        ...merge.removed.map(changeRecord),
      ],
      detail: {
        api: ask.name,
        digest: api.descriptionDigest,
        ...names(merge),
        raised,
        held: preview.review.held,
        moved,
      },
    });
    return { ...preview, entry };
  });
}

/** What that import would do, and nothing of it done. */
export async function previewImport(ground: Ground, by: PersonCaller, ask: ApiImport): Promise<ImportPreview> {
  return (await plan(ground, by, ask)).preview;
}

type Planned = { readonly preview: ImportPreview; readonly merge: Merge; readonly isNew: boolean };

async function plan(ground: Ground, by: PersonCaller, ask: ApiImport): Promise<Planned> {
  requireRole(by, 'catalog');
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(ask.name) || ask.name === 'ambit') throw badName(ask.name);
  const description = readOpenApi(ask.name, ask.text);
  if (ask.digest !== undefined && ask.digest !== description.digest)
    throw refuse('catalog.confirmation_stale', `${ask.name} is described by ${description.digest}, not ${ask.digest}`);
  const known = await findApi(ground, by.tenant, ask.name);
  if (known === undefined) await requireRoom(ground, by);
  const old = known === undefined ? [] : await listRecords(ground, by.tenant, ask.name);
  const merge = mergeImport(old, description.operations);
  const records = recordsAfter(old, merge);
  if (records.length > actionsMax) throw refuse('catalog.too_many', `${ask.name} would have ${records.length} actions`);
  const api = known === undefined ? newApi(ground, by, ask, description) : nextApi(ground, by, ask, known, description);
  const moved =
    known !== undefined && known.servers.join(' ') !== api.servers.join(' ')
      ? { from: known.servers, to: api.servers }
      : null;
  const { unchanged, raised } = merge;
  const preview = { api, ...names(merge), unchanged, raised, moved, review: review(records) };
  return { preview, merge, isNew: known === undefined };
}

function badName(name: string): Error {
  const says =
    'The name of an API is made of at most 40 small letters, digits and dashes, starts with a letter, and is not ambit.';
  return refuse('catalog.description_invalid', `${JSON.stringify(name.slice(0, 60))} as a name: ${says}`, says);
}

async function requireRoom(ground: Ground, by: PersonCaller): Promise<void> {
  const apis = await listApis(ground, by.tenant);
  if (apis.length >= apisMax) throw refuse('catalog.too_many', `${by.tenant} has ${apis.length} APIs`);
}

function names(merge: Merge): { added: string[]; changed: string[]; removed: string[] } {
  const ids = (records: readonly ActionRecord[]) => records.map((record) => record.shape.id);
  return { added: ids(merge.added), changed: ids(merge.changed), removed: ids(merge.removed) };
}

function recordsAfter(old: readonly ActionRecord[], merge: Merge): ActionRecord[] {
  const records = new Map(old.map((record) => [record.shape.id, record]));
  for (const record of [...merge.added, ...merge.changed, ...merge.removed]) records.set(record.shape.id, record);
  return [...records.values()];
}

function newApi(ground: Ground, by: PersonCaller, ask: ApiImport, description: Description): Api {
  const proposals = description.servers.filter((url) => url !== '/').join(', ');
  if (ask.server === undefined) {
    const hint = proposals === '' ? '' : ` The description proposes ${proposals}.`;
    throw refuse(
      'catalog.origin_missing',
      `${ask.name} came without a server`,
      `Name the server that ${ask.name} lives at.${hint}`,
    );
  }
  return {
    name: ask.name,
    ...readServer(ask.server),
    zone: ask.zone ?? 'default',
    environment: ask.environment ?? 'production',
    wantsTags: ask.wantsTags ?? false,
    takesTokens: ask.takesTokens ?? false,
    ...described(ground, by, description),
    revision: 1,
  };
}

/** INVARIANT (moved-origin): an import never moves an API that is known; `changeOrigin` does, in a person's name. */
function nextApi(ground: Ground, by: PersonCaller, ask: ApiImport, known: Api, description: Description): Api {
  if (ask.server !== undefined) {
    const { origin, basePath } = readServer(ask.server);
    if (origin !== known.origin || basePath !== known.basePath) {
      const says = `${ask.name} lives at ${known.origin}${known.basePath}; an import does not move it, changing its origin does.`;
      throw refuse('catalog.origin_invalid', says, says);
    }
  }
  if (ask.zone !== undefined && ask.zone !== known.zone) throw fixed(ask.name, 'zone', known.zone);
  if (ask.environment !== undefined && ask.environment !== known.environment)
    throw fixed(ask.name, 'environment', known.environment);
  return {
    ...known,
    ...described(ground, by, description),
    wantsTags: ask.wantsTags ?? known.wantsTags,
    takesTokens: ask.takesTokens ?? known.takesTokens,
    revision: known.revision + 1,
  };
}

// Rules that keep zones and environments apart would otherwise be a re-import away from not applying.
function fixed(name: string, field: string, value: string): Error {
  const says = `${name} is in ${field} ${value}; import it under another name to have it in a second one.`;
  return refuse('catalog.overlay_invalid', says, says);
}

function described(ground: Ground, by: PersonCaller, description: Description) {
  return {
    title: description.title,
    format: description.format,
    descriptionVersion: description.version,
    descriptionDigest: description.digest,
    servers: description.servers,
    security: description.security,
    notes: description.notes,
    importedAt: ground.clock(),
    importedBy: by.person,
  };
}
