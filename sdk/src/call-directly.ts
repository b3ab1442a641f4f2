import type { TaskId } from '@ambit/protocol';
import { bodyOf } from './call.ts';
import type { Self } from './self.ts';
import { keepToken } from './token.ts';
import { openWire, send } from './wire/wire.ts';

/**
 * Calls of a task to one API that verifies tokens itself. `resource` is its address as the catalog has it, origin and
 * base path. Throws `TypeError` for what is no such address, and for paths that lead out of it: nothing else sees the token.
 */
export function callDirectly(self: Self, task: TaskId, resource: string) {
  const { origin, basePath } = placeOf(resource);
  const wire = openWire(origin, self.wire);
  const tokens = keepToken(self, task, undefined, resource);
  return async (path: string, init: RequestInit = {}): Promise<Response> => {
    const url = URL.parse(`${resource}${path.startsWith('/') ? path : `/${path}`}`);
    if (url?.origin !== origin || !url.pathname.startsWith(`${basePath}/`)) {
      throw new TypeError(`${path} leads out of ${resource}.`);
    }
    const request = new Request(url, init);
    const { method, headers, signal } = request;
    const body = await bodyOf(request, init.body);
    const token = (await tokens.current()).text;
    return send(wire, self.proofKey, { method, path: url.pathname + url.search, token, headers, body, signal });
  };
}

function placeOf(resource: string): { readonly origin: string; readonly basePath: string } {
  const url = URL.parse(resource);
  const basePath = url?.pathname.replace(/\/$/, '');
  if (url === null || `${url.origin}${basePath}` !== resource) {
    throw new TypeError(`${resource} is no address of an API, such as https://payments.example/v2.`);
  }
  return { origin: url.origin, basePath: basePath ?? '' };
}
