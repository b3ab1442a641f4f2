import type { Lane, Part } from '@ambit/sdk/operator';
import type { WhoShown } from '../../kit/who.tsx';

/** Who a part is, as marks and names show it; its id where no name is known. */
export function whoOf(part: Part): WhoShown {
  if ('agent' in part) return { kind: 'agent', name: part.name ?? part.agent };
  if ('person' in part) return { kind: 'person', name: part.name ?? part.person };
  return { kind: 'agent', name: 'text' in part ? part.text : part.value };
}

/** What a task is for, in the words of whoever opened it; null where it does not say. */
export function purposeOf({ purpose }: Lane): string | null {
  if (typeof purpose !== 'object' || purpose === null || !('text' in purpose)) return null;
  return typeof purpose.text === 'string' && purpose.text !== '' ? purpose.text : null;
}
