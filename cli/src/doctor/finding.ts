/** What was found about one thing, and what to do about it. */
export type Finding = {
  readonly about: string;
  /** `look`: it works, and could be safer. `skipped`: there is nothing here to look at. */
  readonly state: 'good' | 'look' | 'bad' | 'skipped';
  readonly says: string;
  readonly next: string | null;
};

export const good = (about: string, says: string): Finding => ({ about, state: 'good', says, next: null });
export const look = (about: string, says: string, next: string): Finding => ({ about, state: 'look', says, next });
export const bad = (about: string, says: string, next: string): Finding => ({ about, state: 'bad', says, next });
export const skipped = (about: string, says: string): Finding => ({ about, state: 'skipped', says, next: null });
