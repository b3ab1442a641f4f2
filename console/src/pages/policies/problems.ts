export type ProblemShown = { readonly line: number | null; readonly says: string };

/** The plane says each problem on a line of its own, with the line of the text that it is on: `line 3, policy x: …`. */
export function problemsIn(says: string): readonly ProblemShown[] {
  return says.split('\n').map((one) => {
    const line = /^line (\d+)/.exec(one)?.[1];
    return { line: line === undefined ? null : Number(line), says: one };
  });
}
