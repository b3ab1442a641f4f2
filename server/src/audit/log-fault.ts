/** The log is not the one that this plane signed, or its second place cannot be used: the plane does not start. */
export class LogFault extends Error {
  constructor(says: string, options?: ErrorOptions) {
    super(says, options);
    this.name = 'LogFault';
  }
}
