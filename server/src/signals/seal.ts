/** Seals what others entrusted to us: headers that open their endpoints. `bound` says whose; it opens for nothing else. */
export type Seal = {
  readonly seal: (plain: string, bound: string) => string;
  readonly open: (box: string, bound: string) => string;
};
