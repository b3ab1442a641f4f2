/**
 * Why the official build gave no answer: `refused` the input, `lost` (it trapped, stalled or was closed), `busy`, or
 * `failed` with errors of its own. Where a decision was wanted, each of these is a denial.
 */
export type OfficialFault = 'refused' | 'lost' | 'busy' | 'failed';

export class OfficialError extends Error {
  override readonly name = 'OfficialError';
  readonly fault: OfficialFault;

  constructor(fault: OfficialFault, message: string) {
    super(`the official Cedar build gave no answer: ${message}`);
    this.fault = fault;
  }
}
