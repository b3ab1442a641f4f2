import { createHash } from 'node:crypto';
import type { TenantId } from '@ambit/protocol';
import type { UnmatchedGroup } from '@ambit/protocol/wire';
import { type Ground, Refusal } from '../foundation/index.ts';
import type { ActionShape, Parameter } from './action.ts';
import { nameFromPath } from './importers/openapi.ts';
import type { RequestLine } from './match-call.ts';
import { parseTemplate } from './path-template.ts';
import { readPath } from './read-path.ts';
import { addUnmatched, countUnmatched, countUnmatchedGroups, findUnmatched } from './store.ts';
import { encodeText } from './wire-text.ts';

export type { UnmatchedGroup };

export const unmatchedGroupsMax = 500;

const idLike = [
  /^[0-9]+$/,
  /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
  /^[0-9a-f]{12,}$/i,
  /^[A-Za-z]{1,6}[_-][A-Za-z0-9]*[0-9][A-Za-z0-9]*$/,
  /^(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_-]{12,}$/,
  /^[^@]+@[^@]+$/,
  /^.{41,}$/,
];

// What a path template may say literally.
const plainSegment = /^[A-Za-z0-9\-._~!$&'()*+,=:@]*$/;

/** The shape of a path: `/orders/1042/export` → `/orders/{id}/export`. Undefined where the path has no one meaning. */
export function foldPath(rawPath: string): string | undefined {
  const segments = segmentsOf(rawPath);
  if (segments === undefined) return undefined;
  let ids = 0;
  const folded = segments.map((segment) => {
    if (!idLike.some((pattern) => pattern.test(segment)))
      return plainSegment.test(segment) ? segment : encodeText(segment);
    ids++;
    return ids === 1 ? '{id}' : `{id${ids}}`;
  });
  return `/${folded.join('/')}`;
}

function segmentsOf(rawPath: string): string[] | undefined {
  try {
    return readPath(rawPath);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

export function groupId(api: string, method: string, shape: string): string {
  return createHash('sha256').update(`${api} ${method} ${shape}`).digest('base64url').slice(0, 22);
}

/** What a person may turn a group into. It has no schema yet: every parameter takes one plain segment, no body is read. */
export function proposeAction(
  group: Pick<UnmatchedGroup, 'api' | 'method' | 'shape'>,
  operation?: string,
): ActionShape | undefined {
  const parsed = parseTemplate(group.shape);
  if ('fault' in parsed) return undefined;
  const name = operation ?? nameFromPath(group.method, group.shape);
  const parameters = [...group.shape.matchAll(/\{(id[0-9]*)\}/g)].map(
    ([, id = '']): Parameter => ({
      in: 'path',
      name: id,
      argument: `path.${id}`,
      required: true,
      schema: {},
      style: 'comma',
    }),
  );
  return {
    id: `${group.api}:${name}`,
    api: group.api,
    operation: name,
    method: group.method,
    template: parsed.template,
    parameters,
    body: ['POST', 'PUT', 'PATCH'].includes(group.method) ? openJsonBody : null,
    summary: '',
    hints: { answerNames: [], setsCookie: false, elsewhere: null },
  };
}

const openJsonBody = {
  required: false,
  mediaTypes: [{ type: 'application/json', reader: 'json' as const }],
  arguments: {},
  objects: {},
  styles: {},
};

export type Unmatched = {
  /** Keeps that a call matched nothing. Never throws for what the caller sent; writes rarely, whatever is sent. */
  note(tenant: TenantId, api: string, line: RequestLine): Promise<void>;
};

const remembered = 5000;
const methods = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/;

/** Counts in memory and writes when a count has doubled, so that a flood of calls is not a flood of writes. */
export function createUnmatched(ground: Ground): Unmatched {
  const counts = new Map<string, number>();
  return {
    async note(tenant, api, line) {
      const shape = methods.test(line.method) ? foldPath(line.rawPath) : undefined;
      if (shape === undefined || shape.length > 300) return;
      const id = groupId(api, line.method, shape);
      const key = `${tenant} ${id}`;
      const count = (counts.get(key) ?? 0) + 1;
      if (counts.size >= remembered && !counts.has(key)) counts.clear();
      counts.set(key, count);
      if ((count & (count - 1)) === 0)
        await keep(ground, tenant, { id, api, method: line.method, shape, example: line.rawPath.slice(0, 300), count });
    },
  };
}

async function keep(ground: Ground, tenant: TenantId, seen: Omit<UnmatchedGroup, 'firstAt' | 'lastAt'>): Promise<void> {
  const now = ground.clock();
  const known = await findUnmatched(ground, tenant, seen.id);
  const isFull = known === undefined && (await countUnmatchedGroups(ground, tenant)) >= unmatchedGroupsMax;
  if (isFull) return;
  const change =
    known === undefined
      ? addUnmatched({ ...seen, firstAt: now, lastAt: now })
      : countUnmatched(seen.id, { count: known.count + Math.ceil(seen.count / 2), lastAt: now });
  try {
    await ground.database.commit({ tenant, changes: [change], entries: [] });
  } catch (error) {
    // Another gateway kept the same group at the same moment: once is enough.
    if (!(error instanceof Refusal)) throw error;
  }
}
