// Whoever asked their system for less motion, or for colours of their own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { noBrowser } from './browser.ts';
import { openStand, type Stand } from './stand.ts';
import { type Told, tellStory } from './story.ts';

let stand: Stand;
let page: Page;
let told: Told;
before(async () => {
  if (noBrowser !== false) return;
  stand = await openStand({ moves: true });
  page = (await stand.signIn(stand.house.bob)).page;
  told = await tellStory(stand.house);
  // What moves for a tenth of a second is over before a busy machine looks: here it takes ten times as long.
  const cdp = await stand.context.newCDPSession(page);
  await cdp.send('Animation.enable');
  await cdp.send('Animation.setPlaybackRate', { playbackRate: 0.1 });
});
after(() => stand?.close());

const browserTest = (name: string, play: () => Promise<void>) => test(name, { skip: noBrowser }, play);

/** How long whatever moves takes at most, in milliseconds: while the answer's dialog and what finds things open. */
async function longestMotion(): Promise<number> {
  await page.goto(`${stand.url}/inbox/${told.question}`);
  await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
  const seen: number[] = [];
  for (const key of ['a', 'Escape', 'Control+k', 'Escape', 'j']) {
    await page.keyboard.press(key);
    seen.push(...(await page.evaluate<number[]>(motions)));
  }
  return Math.max(0, ...seen);
}

const motions = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
  done(document.getAnimations().map(({ effect }) => effect.getComputedTiming().activeDuration)))))`;

browserTest('nothing moves for whoever asked for less motion, and something does for others', async () => {
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  assert.ok((await longestMotion()) > 50, 'the test would see motion');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  assert.equal(await longestMotion(), 0);
});

type Drawn = { readonly outline: string; readonly ground: string; readonly line: string; readonly ink: string };

const drawn = (selector: string) =>
  page.evaluate<Drawn>(`(() => {
    const { outlineStyle, outlineWidth, backgroundColor, borderColor, color } =
      getComputedStyle(document.querySelector(${JSON.stringify(selector)}));
    return { outline: outlineStyle + ' ' + outlineWidth, ground: backgroundColor, line: borderColor, ink: color };
  })()`);

browserTest('in colours of the system one still sees where the focus is, and what is chosen', async () => {
  await page.emulateMedia({ forcedColors: 'active' });
  await page.goto(`${stand.url}/inbox/${told.question}`);
  await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
  for (const [chosen, other] of [
    ['[role=option][aria-selected=true]', '[role=option][aria-selected=false]'],
    ['main button[aria-pressed=true]', 'main button[aria-pressed=false]'],
    ['nav a[aria-current=page]', 'nav a:not([aria-current])'],
  ] as const)
    assert.notDeepEqual(await drawn(chosen), await drawn(other), chosen);
  await page.keyboard.press('Tab');
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press('Tab');
    assert.match((await drawn(':focus-visible')).outline, /^solid [1-9]/);
  }
  await page.emulateMedia({ forcedColors: 'none' });
});
