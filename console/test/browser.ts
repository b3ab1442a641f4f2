import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

export type { BrowserContext, Page } from 'playwright-core';

const { CHROMIUM_PATH: named } = process.env;
const whole = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** The same engine without windows and menus of its own, which cost as much as a page does. */
const bare = ['/usr/bin/chromium-headless-shell'];
const firstOf = (...places: readonly (string | undefined)[]) =>
  places.find((place) => place !== undefined && existsSync(place));

/** Why tests in a browser cannot run here, or false. `npm run test:console` lets none of them off. */
export const noBrowser: string | false =
  firstOf(named, ...bare, ...whole) !== undefined
    ? false
    : 'no Chromium here: install the package chromium, or name its binary in CHROMIUM_PATH';
/** The same where a page needs what is around it, too. */
export const noWholeBrowser: string | false =
  firstOf(named, ...whole) !== undefined
    ? false
    : noBrowser || 'the shell of Chromium alone is here: install the package chromium, too';

export type Look = {
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Whether things move, as for most people; in tests they do not. */
  readonly moves?: boolean;
  /** For a page elsewhere whose certificate no browser knows: a provider on loopback. */
  readonly ignoreHTTPSErrors?: boolean;
  /** Whether the page needs more than an engine, as notices do. */
  readonly isWhole?: boolean;
};

/** A browser that has never been anywhere, with a profile of its own that goes with it. */
export async function openBrowser({
  colorScheme = 'light',
  viewport = { width: 1440, height: 900 },
  moves = false,
  ignoreHTTPSErrors = false,
  isWhole = false,
}: Look = {}) {
  const found = firstOf(named, ...(isWhole ? [] : bare), ...whole);
  if (found === undefined) throw new Error(String(isWhole ? noWholeBrowser : noBrowser));
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
