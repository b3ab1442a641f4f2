/**
 * `refused`: a rule of this door said no. `unreachable`: no connection came to be. `busy`: too much waits already.
 * `timeout` and `broken`: the other side was late, hung up, or spoke something that is not HTTP. `cut`: we ended it.
 */
export type FaultKind = 'refused' | 'unreachable' | 'busy' | 'timeout' | 'broken' | 'cut';

/** An exchange that did not end by itself. */
export class OutboundFault extends Error {
  readonly kind: FaultKind;
  /** False only where it is certain that not one byte of the request was written. */
  readonly sent: boolean;

  constructor(kind: FaultKind, because: string, sent: boolean, options?: ErrorOptions) {
    super(because, options);
    this.name = 'OutboundFault';
    this.kind = kind;
    this.sent = sent;
  }
}
