import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { noBrowser } from './browser.ts';
import { requireFit } from './fit.ts';
import { openStand, requireAccessible, type Stand } from './stand.ts';
import { type Told, tellStory } from './story.ts';
import { type Cast, type Walk, walks } from './walks.ts';

/** So many pages are walked in one test: more than that takes a busy machine longer than a test may. */
const partMax = 8;

/**
 * Tests that walk every address which one of these looks at: what a machine can see of WCAG 2.2 AA, in both themes, and
 * whether it holds on a narrow screen.
 */
export function walkPages(cast: readonly (Cast | null)[]): void {
  let stand: Stand;
  let told: Told;
  let visit: { readonly who: Cast | null; readonly page: Page } | undefined;
  before(async () => {
    if (noBrowser !== false) return;
    stand = await openStand({ viewport: { width: 1280, height: 800 } });
  });
  after(() => stand?.close());

  /** The page of whoever looks: one for all parts, since a passkey that is newer than a question answers it no more. */
  async function pageOf(who: Cast | null): Promise<Page> {
    if (visit?.who === who) return visit.page;
    await visit?.page.close();
    const page = who === null ? await stand.context.newPage() : (await stand.signIn(stand.house[who])).page;
    if (who !== null) told ??= await tellStory(stand.house);
    visit = { who, page };
    return page;
  }

  /** Everything that is wrong is said at once: whoever changed a part of the kit sees each page that it broke. */
  async function walk(page: Page, part: readonly Walk[]): Promise<void> {
    const faults: string[] = [];
    for (const one of part) {
      try {
        await one.before?.(stand.house);
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.goto(stand.url + one.path(stand.house, told));
        await one.ready(page);
        await requireAccessible(page);
        await requireFit(page);
      } catch (error) {
        faults.push(`${one.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    if (faults.length > 0) assert.fail(faults.join('\n'));
  }

  for (const who of cast) {
    const theirs = Object.values(walks)
      .flat()
      .filter((walked) => walked.who === who);
    for (let from = 0; from < theirs.length; from += partMax) {
      const part = theirs.slice(from, from + partMax);
      const which = theirs.length <= partMax ? '' : `, from ${part[0]?.name} on`;
      test(
        `what ${who ?? 'nobody who is signed in'} sees is accessible, and fits whoever reads large or narrow${which}`,
        { skip: noBrowser },
        async () => walk(await pageOf(who), part),
      );
    }
  }
}
