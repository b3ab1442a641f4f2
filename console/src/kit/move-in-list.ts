/** Moves the focus among what is marked `data-in-list`: the link that has it opens by `↵`. */
export function moveInList(by: 1 | -1): void {
  const all = [...document.querySelectorAll<HTMLElement>('[data-in-list]')];
  const at = all.indexOf(document.activeElement as HTMLElement);
  all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]?.focus();
}
