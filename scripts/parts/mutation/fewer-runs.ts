/** Stands in for `fast-check` while mutants are tried: the same dice each time, fewer of them, and no shrinking. */
import fc, { type IAsyncProperty, type IProperty, type Parameters } from 'fast-check';

export * from 'fast-check';

/** Whether the test that runs now gets as many runs as it asks for. */
export const runs = { areAll: false };

const runsMax = Number(process.env.AMBIT_MUTATION_RUNS);
const seed = Number(process.env.AMBIT_MUTATION_SEED);

function assertFewer<Given>(property: IAsyncProperty<Given>, asked?: Parameters<Given>): Promise<void>;
function assertFewer<Given>(property: IProperty<Given>, asked?: Parameters<Given>): void;
function assertFewer<Given>(
  property: IAsyncProperty<Given> | IProperty<Given>,
  asked: Parameters<Given> = {},
): Promise<void> | void {
  const numRuns = Math.min(asked.numRuns ?? 100, runs.areAll ? Number.POSITIVE_INFINITY : runsMax);
  return fc.assert(property as IProperty<Given>, { seed, ...asked, numRuns, endOnFailure: true });
}

export { assertFewer as assert };
export default { ...fc, assert: assertFewer };
