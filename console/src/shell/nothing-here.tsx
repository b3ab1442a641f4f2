import { Link } from '@tanstack/react-router';
import { PageTitle } from '../kit/page-title.tsx';

export function NothingHere() {
  return (
    <main className="grid gap-2 p-8">
      <PageTitle tab="Nothing here">Nothing is at this address.</PageTitle>
      <p>
        <Link to="/inbox" className="text-accent underline">
          Go to the inbox
        </Link>
      </p>
    </main>
  );
}
