/** How many requests of a listener are being worked on, and whether another one can be. */
export type Load = {
  /** Whether a request that arrives now has to be turned away, before anything of it is looked at. */
  isFull(): boolean;
  /** A place for a request that goes on, whether or not there was one. */
  enter(): Place;
};

/** Held while a request costs the plane its own work: not while its body, an upstream or a person is waited for. */
export type Place = {
  /** Twice counts once. */
  rest(): void;
  /** Goes on after a rest: what was let in is brought to its end. */
  work(): void;
};

export function createLoad(atOnceMax: number): Load {
  let working = 0;
  return {
    isFull: () => working >= atOnceMax,
    enter() {
      let isWorking = true;
      working++;
      return {
        rest() {
          if (isWorking) working--;
          isWorking = false;
        },
        work() {
          if (!isWorking) working++;
          isWorking = true;
        },
      };
    },
  };
}
