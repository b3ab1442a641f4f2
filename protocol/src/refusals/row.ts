/** One reason to refuse: what the wire says, and what the caller may read. */
export type RefusalRow = {
  /** HTTP status code of the answer. */
  readonly status: number;
  /** The OAuth error code (RFC 6749 §5.2, RFC 6750 §3.1, RFC 9449 §5), where an OAuth endpoint or challenge answers. */
  readonly oauth?: string;
  /** The error code of RFC 8935 §2.4, where somebody else's transmitter hears it. */
  readonly secevent?: string;
  /** A short title, the same for every occurrence (RFC 9457 §3.1.3). */
  readonly title: string;
  /** One safe sentence: what to do next. It holds no policy words, no approvers, no sums of others. */
  readonly says: string;
};
