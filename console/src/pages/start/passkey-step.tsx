import { FingerprintPattern } from 'lucide-react';
import { Foreign } from '../../kit/foreign.tsx';
import type { Progress } from './steps.ts';

export function PasskeyStep({ progress: { passkey } }: { readonly progress: Progress }) {
  if (passkey === null)
    return (
      <p role="alert" className="rounded-card border border-ask-line bg-ask-soft p-4 text-interface">
        You have no passkey here yet. Sign out, and sign in with a one-time code: your device makes one then. An
        administrator hands out codes.
      </p>
    );
  return (
    <p className="flex items-center gap-3 rounded-card border border-permit-line bg-permit-soft p-4 text-body">
      <FingerprintPattern aria-hidden="true" className="size-5 shrink-0 text-permit" />
      <span>
        “<Foreign inline text={passkey} />” is enrolled. Each of your answers will be a signature by it, kept in the
        log.
      </span>
    </p>
  );
}
