import { anything, either, list, object, optional, parse, record, ShapeFault, text } from '@ambit/protocol';
import { refuse } from '../foundation/index.ts';
import type { ActionRecord } from './action.ts';
import { isMap, readDocument } from './importers/document.ts';
import { printTemplate } from './path-template.ts';
import { readWords, type Words } from './proposal.ts';

/**
 * A file in which a person classifies actions, in YAML or JSON. Either by operation:
 *
 *     actions:
 *       orders.get: { effect: read, reach: internal }
 *       calendar.get: { patterns: { path.calendarId: '^[A-Za-z0-9@.#_-]+$' } }
 *
 * or in the manner of OpenAPI Overlay 1.0, where `target` is a path item and method, or `operationId` names it:
 *
 *     overlay: 1.0.0
 *     actions:
 *       - { target: "$.paths['/orders'].get", update: { x-ambit: { effect: read } } }
 *       - { operationId: orders.get, update: { x-ambit: { reach: internal } } }
 */
export type OverlayWord = { readonly action: string; readonly words: Words };

const overlayShape = object({
  overlay: optional(text({ max: 20 })),
  info: optional(anything()),
  actions: either(
    record(anything(), { max: 5000 }),
    list(
      object({
        target: optional(text({ max: 1000 })),
        operationId: optional(text({ max: 300 })),
        update: object({ 'x-ambit': anything() }),
      }),
      { max: 5000 },
    ),
  ),
});

export function readOverlay(api: string, overlay: string, records: readonly ActionRecord[]): OverlayWord[] {
  const value = readDocument(overlay);
  try {
    const { actions } = parse(overlayShape, value);
    const words = Array.isArray(actions)
      ? actions.map((one) => ({ action: targetOf(api, one, records), value: one.update['x-ambit'] }))
      : Object.entries(isMap(value.actions) ? value.actions : {}).map(([name, one]) => ({
          action: actionId(api, name),
          value: one,
        }));
    return words.map(({ action, value }) => ({ action: known(action, records), words: wordsOf(api, action, value) }));
  } catch (error) {
    if (error instanceof ShapeFault) throw refuse('catalog.overlay_invalid', error.message, error.message);
    throw error;
  }
}

function wordsOf(api: string, action: string, value: unknown): Words {
  try {
    return readWords(api, value);
  } catch (error) {
    if (error instanceof ShapeFault)
      throw new ShapeFault(`${action}${error.path === '' ? '' : `: ${error.path}`}`, error.must);
    throw error;
  }
}

const actionId = (api: string, name: string) => (name.startsWith(`${api}:`) ? name : `${api}:${name}`);

function known(action: string, records: readonly ActionRecord[]): string {
  if (records.some((record) => record.shape.id === action)) return action;
  throw new ShapeFault(action, 'is no action of this API');
}

type Target = { readonly target?: string; readonly operationId?: string };

function targetOf(api: string, { target, operationId }: Target, records: readonly ActionRecord[]): string {
  if (operationId !== undefined) return actionId(api, operationId);
  const match = /^\$\.paths\[(['"])(.+)\1\]\.([a-z]+)$/.exec(target ?? '');
  if (match === null)
    throw new ShapeFault(target ?? 'actions', "must have an operationId, or a target such as $.paths['/orders'].get");
  const found = records.find(
    ({ shape }) => printTemplate(shape.template) === match[2] && shape.method === match[3]?.toUpperCase(),
  );
  if (found === undefined) throw new ShapeFault(target ?? '', 'is no operation of this API');
  return found.shape.id;
}
