/** Part of a list that is ordered by id. */
export type Page = {
  /** The last id of the page before. */
  readonly after?: string | undefined;
  /** 1 to 500; 100 unless said. */
  readonly limit?: number | undefined;
};
