/** The example could not go on, and its message says what to do. */
export class ExampleFault extends Error {
  override readonly name: string = 'ExampleFault';
}

/** It was called wrongly. */
export class UsageFault extends ExampleFault {
  override readonly name = 'UsageFault';
}

/** One line about whatever was thrown, for a person. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error && !(error instanceof ExampleFault) ? ` (${error.cause.message})` : '';
  return `${error.message}${cause}`.replaceAll(/\s+/g, ' ');
}
