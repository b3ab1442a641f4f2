import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

export type { BrowserContext, Page } from 'playwright-core';

const places = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const found = places.find((place) => place !== undefined && existsSync(place));

/** Why tests in a browser cannot run here, or false. `npm run test:console` lets none of them off. */
export const noBrowser: string | false =
  found !== undefined ? false : 'no Chromium here: install the package chromium, or name its binary in CHROMIUM_PATH';

export type Look = {
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Whether things move, as for most people; in tests they do not. */
  readonly moves?: boolean;
  /** For a page elsewhere whose certificate no browser knows: a provider on loopback. */
  readonly ignoreHTTPSErrors?: boolean;
};

/** A browser that has never been anywhere, with a profile of its own that goes with it. */
export async function openBrowser({
  colorScheme = 'light',
  viewport = { width: 1440, height: 900 },
  moves = false,
  ignoreHTTPSErrors = false,
}: Look = {}) {
  if (found === undefined) throw new Error(String(noBrowser));
  const profile = mkdtempSync(join(tmpdir(), 'ambit-browser-'));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: found,
    headless: true,
    colorScheme,
    viewport,
    ignoreHTTPSErrors,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: moves ? 'no-preference' : 'reduce',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync', '--font-render-hinting=none'],
    ],
  });
  context.setDefaultTimeout(10_000);
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
