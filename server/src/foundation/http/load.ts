import { type Refusal, refuse } from '../errors.ts';

/** How many requests of a listener are being worked on, and whether another one can be. */
export type Load = {
  /** What a request hears that has to be turned away now, before anything of it is looked at; null where it may go on. */
  refusal(): Refusal | null;
  /** While there is too little room to record them, requests are turned away too. */
  keepRoom(isLow: boolean): void;
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

// One for all, since they are told when there is least time for it.
const tooBusy = refuse('plane.too_busy', 'as many requests are being worked on as there may be', undefined, {
  'retry-after': '1',
});
const nearlyFull = refuse('store.nearly_full', 'what is free on the disk is kept for people', undefined, {
  'retry-after': '60',
});

export function createLoad(atOnceMax: number): Load {
  let working = 0;
  let isLow = false;
  return {
    refusal() {
      if (isLow) return nearlyFull;
      return working >= atOnceMax ? tooBusy : null;
    },
    keepRoom(now) {
      isLow = now;
    },
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
