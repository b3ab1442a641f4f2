import { Link } from '@tanstack/react-router';
import { UsersRound, X } from 'lucide-react';
import { putUp, usePutUp } from '../plane/put-up.ts';

/** Stands over every page after a change was put up for a second person, whichever page asked for it. */
export function WaitsBar() {
  const proposal = usePutUp();
  return (
    <div role="status">
      {proposal !== null && (
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 border-accent-line border-b bg-accent-soft px-4 py-1.5 text-interface">
          <UsersRound aria-hidden="true" className="size-4 shrink-0 text-accent" />
          <strong className="font-semibold">Waits for a second person.</strong>
          <span>Nothing is changed before they confirm it.</span>
          <Link
            to="/proposals/{-$proposal}"
            params={{ proposal }}
            onClick={putUp.forget}
            className="inline-flex min-h-7 items-center font-medium text-accent underline max-sm:min-h-11"
          >
            See the proposal
          </Link>
          <button
            type="button"
            onClick={putUp.forget}
            className="ml-auto flex size-7 items-center justify-center rounded-control hover:bg-hover max-sm:size-11"
          >
            <X aria-hidden="true" className="size-4" />
            <span className="sr-only">Close this notice</span>
          </button>
        </p>
      )}
    </div>
  );
}
