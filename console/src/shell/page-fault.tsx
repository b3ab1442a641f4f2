import type { ErrorComponentProps } from '@tanstack/react-router';
import { PageTitle } from '../kit/page-title.tsx';
import { ErrorState } from '../kit/states.tsx';

/** A page that broke is the console's own fault: nothing was sent by it. */
export function PageFault({ error, reset }: ErrorComponentProps) {
  return (
    <div className="p-4">
      <PageTitle tab="Something broke">This page broke.</PageTitle>
      <ErrorState what="It could not be drawn. Nothing was sent." error={error} onTryAgain={reset} />
    </div>
  );
}
