/** Something that ends, and is made anew before it does. */
export type Renewed<T> = {
  readonly current: () => Promise<T>;
  /** Forgets `old`, so that the next one who asks has another made. */
  readonly drop: (old: T) => void;
  /** The one that was made last and not dropped; makes none. */
  readonly made: () => T | undefined;
};

export type Renewing<T> = {
  readonly make: () => Promise<T>;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** How long before its end another is made. */
  readonly earlyMilliseconds: (one: T) => number;
  readonly first?: T | undefined;
};

/** Keeps one `T` in use. Whoever comes while one is being made gets that one. */
export function renewed<T extends { readonly expiresAt: number }>(how: Renewing<T>): Renewed<T> {
  let one = how.first;
  let making: Promise<T> | undefined;

  async function make(): Promise<T> {
    try {
      one = await how.make();
      return one;
    } finally {
      making = undefined;
    }
  }

  return {
    async current() {
      if (one !== undefined && how.clock() < one.expiresAt - how.earlyMilliseconds(one)) return one;
      making ??= make();
      return making;
    },
    drop(old) {
      if (one === old) one = undefined;
    },
    made: () => one,
  };
}
