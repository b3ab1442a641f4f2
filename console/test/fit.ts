import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

/** What a reader may set for themselves: the spaces that WCAG 1.4.12 names. */
const spaced =
  '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }';

/** A usual screen, the same at 200 %, and at 400 %. */
const widths = [1280, 640, 320];

/** Finds what stands out of the screen, is cut off, or has to be scrolled sideways to be read. Decoration may be. */
const misfits = `(() => {
  const wide = document.documentElement.clientWidth;
  const rightOf = (one) => one.getBoundingClientRect().right;
  const says = (one) => one.tagName.toLowerCase() + ' “' + one.textContent.trim().slice(0, 40) + '”';
  // What is there for ears only is one pixel wide.
  const isForEars = (one) => one !== null && (one.getBoundingClientRect().width <= 1 || isForEars(one.parentElement));
  const faultOf = (one) => {
    const { overflowX, overflowY, display, position, webkitLineClamp } = getComputedStyle(one);
    const isOut = rightOf(one) > wide + 1 && position !== 'fixed';
    // Of what stands out, the innermost is what makes it.
    const isInner = isOut && ![...one.children].some((child) => rightOf(child) > wide + 1);
    if (isOut) return isInner ? 'stands out by ' + Math.round(rightOf(one) - wide) : null;
    const isWider = one.scrollWidth > one.clientWidth + 1 && display !== 'inline';
    if (isWider && /auto|scroll/.test(overflowX)) return 'scrolls sideways';
    if (isWider && /hidden|clip/.test(overflowX)) return 'is cut';
    // What folds says how much more there is.
    const isLower = one.scrollHeight > one.clientHeight + 1 && webkitLineClamp === 'none';
    return isLower && /hidden|clip/.test(overflowY) ? 'is cut below' : null;
  };
  return [...document.querySelectorAll('body *')]
    .filter((one) => one.textContent.trim() !== '' && one.closest('[aria-hidden="true"], .react-flow') === null)
    .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !isForEars(one))
    .flatMap((one) => (faultOf(one) === null ? [] : [says(one) + ' ' + faultOf(one)]));
})()`;

const dress = (css: string) => `(() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(${JSON.stringify(css)});
  document.adoptedStyleSheets = [sheet];
})()`;

/** Everything can be read with wide spaces and at 400 %, without scrolling sideways. */
export async function requireFit(page: Page): Promise<void> {
  const said: string[] = [];
  await page.evaluate(dress(spaced));
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    // The page hears of its new size, and draws itself by it.
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    const found = await page.evaluate<string[]>(misfits);
    said.push(...found.map((one) => `  at ${width} px, ${one}`));
  }
  if (said.length > 0) assert.fail(`${page.url()}\n${said.join('\n')}`);
}
