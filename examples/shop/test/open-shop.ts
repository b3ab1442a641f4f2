import type { TestContext } from 'node:test';
import { type ShopOptions, startShop } from '../src/index.ts';

export const apiKey = 'test-key-0123456789abcdef';

/** A shop with a clock that stands still until it is moved; it closes with the test. */
export async function openShop(t: TestContext, options: Partial<ShopOptions> = {}) {
  const time = { now: Date.UTC(2026, 10, 2, 9) };
  const shop = await startShop({ apiKey, clock: () => time.now, ...options });
  t.after(shop.close);
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${shop.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  };
  return { shop, time, send };
}

export const refundOf = (amount: string, currency = 'USD') => ({ amount, currency });
