import type { BrowserContext, Page } from '../../console/test/browser.ts';

type Fetched = { readonly path: string; readonly bytes: number; readonly isLater: boolean };

/** Kilobytes, packed as they came, by what they are. */
export type Loaded = Readonly<Record<'page' | 'script' | 'style' | 'fonts', number>>;

// The card is there with the first change of the document after which it is found.
const markCard = `new MutationObserver((_changes, observer) => {
  if (document.querySelector('article') === null) return;
  performance.mark('card');
  observer.disconnect();
}).observe(document, { childList: true, subtree: true })`;

/** Resource Timing (W3C): sizes of bodies as they came over the wire, also of what the browser had kept. */
const fetched = `(() => {
  const [card] = performance.getEntriesByName('card');
  return ['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type)).map((one) => ({
    path: new URL(one.name).pathname,
    bytes: one.encodedBodySize,
    isLater: one.startTime > card.startTime,
  }));
})()`;

/** From now on, each page that is opened keeps when its card was there. */
export const hearCard = (context: BrowserContext): Promise<unknown> => context.addInitScript(markCard);

/**
 * What a browser that has nothing of the console fetches until a card of the inbox stands. Neither answers of the API are counted,
 * nor what is fetched once the card can be read.
 */
export async function firstLoad(page: Page): Promise<Loaded> {
  await page.evaluate('document.fonts.ready.then(() => null)');
  const loaded = { page: 0, script: 0, style: 0, fonts: 0 };
  for (const { path, bytes, isLater } of await page.evaluate<Fetched[]>(fetched)) {
    const kind = kindOf(path);
    // A font is asked for when the first letter of it is drawn: that is part of what the card needs.
    if (!path.startsWith('/v1/') && (kind === 'fonts' || !isLater)) loaded[kind] += bytes / 1000;
  }
  return loaded;
}

function kindOf(path: string): keyof Loaded {
  if (path.endsWith('.woff2')) return 'fonts';
  if (path.endsWith('.js')) return 'script';
  return path.endsWith('.css') ? 'style' : 'page';
}
