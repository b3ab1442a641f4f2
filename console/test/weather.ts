import type { CDPSession, Page } from 'playwright-core';

/** How the plane answers a page: as it does, not yet, or that it broke. */
export type Weather = 'fair' | 'held' | 'failing';

/** What is asked while a page stands already: who looks, and what changes. */
const isOfShell = (url: string): boolean => ['/v1/me', '/v1/live'].includes(new URL(url).pathname);

const broken = {
  type: 'urn:ambit:refusal:plane.fault',
  title: 'Something inside the plane failed',
  status: 500,
  detail: 'The plane failed inside. Nothing was done; look into its own log.',
  code: 'plane.fault',
};
const failing = {
  responseCode: 500,
  responseHeaders: [{ name: 'content-type', value: 'application/problem+json' }],
  body: Buffer.from(JSON.stringify(broken)).toString('base64'),
};

/** A page that went on to another one, or was closed, waits for no answer any more. */
const isGone = /Invalid InterceptionId|closed/;

/**
 * Stands between a page and its plane. What is asked of the API only: what the page is made of comes as it always does, out of the
 * browser's memory where it is there.
 */
export async function weatherOf(page: Page): Promise<{ readonly become: (next: Weather) => Promise<void> }> {
  const session: CDPSession = await page.context().newCDPSession(page);
  let weather: Weather = 'fair';
  let held: string[] = [];
  const pass = async (requestId: string, now = weather): Promise<void> => {
    if (now === 'held') return void held.push(requestId);
    const answering =
      now === 'fair'
        ? session.send('Fetch.continueRequest', { requestId })
        : session.send('Fetch.fulfillRequest', { requestId, ...failing });
    await answering.catch((error: Error) => {
      if (!isGone.test(error.message)) throw error;
    });
  };
  session.on('Fetch.requestPaused', ({ requestId, request }) =>
    pass(requestId, isOfShell(request.url) ? 'fair' : weather),
  );
  await session.send('Fetch.enable', { patterns: [{ urlPattern: `${new URL(page.url()).origin}/v1/*` }] });
  return {
    async become(next) {
      weather = next;
      const released = held;
      held = [];
      await Promise.all(released.map((one) => pass(one)));
    },
  };
}
