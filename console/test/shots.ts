import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openStand } from './stand.ts';
import { type Told, tellStory } from './story.ts';
import { type Walk, walks } from './walks.ts';

const desk = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };
/** Whoever's passkey is newer than a question cannot answer it: Bob comes before the story is told. */
const inOrder = [null, 'bob', 'alice', 'carol', 'ada'] as const;

/** Where pictures go: what readers of the documents see is kept in git, all others are for whoever works on the page. */
export type Folders = { readonly docs: string; readonly others: string };

/** Plays the story in a house of its own, and takes every picture in both themes, at a desk and on a phone. */
export async function takeShots(folders: Folders, only: string): Promise<readonly string[]> {
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  const stand = await openStand({ viewport: desk, isWhole: true });
  const wanted = Object.values(walks)
    .flat()
    .filter(({ name }) => name.includes(only));
  const taken: string[] = [];
  const failed: Error[] = [];
  let told: Told | undefined;
  try {
    for (const who of inOrder) {
      const his = wanted.filter((walk) => walk.who === who);
      if (his.length === 0 && who !== 'bob') continue;
      const page = who === null ? await stand.context.newPage() : (await stand.signIn(stand.house[who])).page;
      if (who !== null) told ??= await tellStory(stand.house);
      for (const walk of his) {
        await walk.before?.(stand.house);
        // Whoever is not signed in sees nothing of the story.
        const path = walk.path(stand.house, told ?? ({} as Told));
        await take(page, walk, stand.url + path, folders).then(
          (files) => taken.push(...files),
          (error: unknown) => failed.push(new Error(walk.name, { cause: error })),
        );
      }
      await page.close();
    }
  } finally {
    await stand.close();
  }
  // One page that is not as it should be keeps nobody from looking at the others.
  if (failed.length > 0)
    throw new AggregateError(failed, `not taken: ${failed.map(({ message }) => message).join(', ')}`);
  return taken;
}

async function take(page: Page, { name, ready, shownOn }: Walk, url: string, folders: Folders): Promise<string[]> {
  const files: string[] = [];
  for (const [size, viewport] of [
    ['', desk],
    ['-phone', phone],
  ] as const) {
    const isShown = shownOn === 'both' || (shownOn === 'desk' && viewport === desk);
    await page.setViewportSize(viewport);
    await page.goto(url);
    await ready(page);
    await page.mouse.move(0, 0);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const file = join(isShown ? folders.docs : folders.others, `${name}${size}-${colorScheme}.png`);
      await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
      files.push(file);
    }
  }
  return files;
}
