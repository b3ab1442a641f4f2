import { PasskeyFault } from '@ambit/sdk/operator';
import { Foreign } from './foreign.tsx';
import { sayError } from './states.tsx';

/** Why something was not done, told at once to whoever listens. */
export function Fault({ says }: { readonly says: string | null }) {
  if (says === null) return null;
  return (
    <p role="alert" className="mt-2 text-deny text-interface">
      <Foreign inline text={says} />
    </p>
  );
}

/** Why something that was tried came to nothing: where no answer came, nobody knows that it did. */
export function sayFault(error: unknown): string {
  if (error instanceof PasskeyFault) return `${error.message} Try again.`;
  if (error instanceof TypeError) return 'Ambit could not be reached. Whether it was done is not known: look again.';
  const { says, code } = sayError(error);
  return `${says} (${code})`;
}
