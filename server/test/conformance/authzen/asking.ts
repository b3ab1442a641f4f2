import assert from 'node:assert/strict';
import type { House } from '../../house.ts';

export type Answer = { readonly decision: boolean; readonly context: Record<string, unknown> };

/** An enforcement point as a program that speaks AuthZEN over HTTP. */
export type Asking = {
  readonly id: string;
  readonly raw: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>;
  /** The answer, which must be a 200. */
  readonly ask: <T = Answer>(path: string, body: unknown) => Promise<T>;
};

let points = 0;

export async function registerPoint(
  house: House,
  rights: { readonly domain?: string; readonly maySearch?: boolean } = {},
): Promise<Asking> {
  const name = `point-${++points}`;
  const { id, secret } = await house.ada.operator.points.register({ name, kind: 'authzen', ...rights });
  const raw: Asking['raw'] = (path, body, headers = {}) =>
    fetch(`${house.plane.agents}/access/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}`, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    id,
    raw,
    async ask(path, body) {
      const response = await raw(path, body);
      const text = await response.text();
      assert.equal(response.status, 200, text);
      return JSON.parse(text);
    },
  };
}
