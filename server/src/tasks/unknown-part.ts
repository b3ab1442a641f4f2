import type { Authority } from '@ambit/protocol';
import { type Action, declaredArguments } from '../catalog/index.ts';

/**
 * What no call can ever meet: an action that the catalog does not have, or an argument that must be there and is none
 * of its action's. Said as a sentence; undefined where there is no such part. Members that an open body may bring
 * beyond those it declares are left alone.
 */
export function unknownPart(authority: Authority, actions: ReadonlyMap<string, Action>): string | undefined {
  for (const grant of authority) {
    const needed = Object.entries(grant.where ?? {}).flatMap(([name, rule]) => (rule.optional === true ? [] : [name]));
    for (const id of grant.actions) {
      const action = actions.get(id);
      if (action === undefined) return `${id}: no such action in the catalog.`;
      const strange = needed.find((name) => !isPossible(action, name));
      if (strange !== undefined) return `${strange} is no argument of ${id}; ${itHas(action)}.`;
    }
  }
  return undefined;
}

function isPossible(action: Action, argument: string): boolean {
  if (declaredArguments(action).some(({ name }) => name === argument)) return true;
  const { body } = action;
  if (body === null || !(argument === 'body' || argument.startsWith('body.'))) return false;
  const parts = argument.split('.');
  const around = parts.map((_, i) => body.objects[parts.slice(0, i).join('.')]);
  return around.findLast((object) => object !== undefined)?.closed !== true;
}

function itHas(action: Action): string {
  const names = declaredArguments(action).map(({ name }) => name);
  return names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
}
