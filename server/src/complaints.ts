const complaintsEveryMs = 10_000;

/** Tells the operator on standard error; what goes wrong with every call is told once in ten seconds. */
export function createComplaints(clock: () => number): (about: string, error: unknown) => void {
  const told = new Map<string, number>();
  return (about, error) => {
    const because = error instanceof Error ? error.message : String(error);
    const now = clock();
    if (now - (told.get(because) ?? Number.NEGATIVE_INFINITY) < complaintsEveryMs) return;
    if (told.size >= 100) told.clear();
    told.set(because, now);
    console.error(`${about} could not be written: ${because}`);
  };
}
