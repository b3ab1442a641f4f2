import type { Page, Route } from 'playwright-core';

/** How the plane answers a page: as it does, not yet, or that it broke. */
export type Weather = 'fair' | 'held' | 'failing';

/** What is asked while a page stands already: who looks, and what changes. */
const isOfShell = (url: URL): boolean => ['/v1/me', '/v1/live'].includes(url.pathname);

const broken = {
  type: 'urn:ambit:refusal:plane.fault',
  title: 'Something inside the plane failed',
  status: 500,
  detail: 'The plane failed inside. Nothing was done; look into its own log.',
  code: 'plane.fault',
};
const failing = { status: 500, contentType: 'application/problem+json', body: JSON.stringify(broken) };

/** Stands between a page and its plane. */
export async function weatherOf(page: Page): Promise<{ readonly become: (next: Weather) => Promise<void> }> {
  let weather: Weather = 'fair';
  let held: Route[] = [];
  const pass = (route: Route): Promise<void> => {
    if (weather === 'held') held.push(route);
    else return weather === 'fair' ? route.continue() : route.fulfill(failing);
    return Promise.resolve();
  };
  await page.route((url) => url.pathname.startsWith('/v1/') && !isOfShell(url), pass);
  return {
    async become(next) {
      weather = next;
      const released = held;
      held = [];
      await Promise.all(released.map(pass));
    },
  };
}
