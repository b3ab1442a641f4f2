import type { ProposalId } from '@ambit/protocol';
import { Link } from '@tanstack/react-router';
import { UsersRound } from 'lucide-react';
import { Button } from './button.tsx';

type WaitsNoteProps = {
  readonly proposal: ProposalId;
  /** Goes back to the form; absent where it is not left. */
  readonly onAgain?: () => void;
};

/** Stands where the form was once what it asked for waits for a second person: nobody sends it twice. */
export function WaitsNote({ proposal, onAgain }: WaitsNoteProps) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-card border border-accent-line bg-accent-soft px-4 py-2.5 text-interface">
      <UsersRound aria-hidden="true" className="size-4 shrink-0 text-accent" />
      <p>
        What you asked for waits for a second person.{' '}
        <Link
          to="/proposals/{-$proposal}"
          params={{ proposal }}
          className="inline-flex min-h-6 items-center font-medium text-accent underline"
        >
          Open the proposal
        </Link>
      </p>
      {onAgain !== undefined && <Button onClick={onAgain}>Ask for something else</Button>}
    </div>
  );
}
