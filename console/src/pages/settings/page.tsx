import { Link, Navigate, useParams } from '@tanstack/react-router';
import { PageTitle } from '../../kit/page-title.tsx';
import { Credentials } from './credentials.tsx';
import { Keyboard } from './keyboard.tsx';
import { Keys } from './keys.tsx';
import { Notifications } from './notifications.tsx';
import { People } from './people.tsx';

const tabs = [
  { name: 'people', says: 'People', Shows: People },
  { name: 'credentials', says: 'Credentials', Shows: Credentials },
  { name: 'keys', says: 'Keys', Shows: Keys },
  { name: 'notifications', says: 'Notifications', Shows: Notifications },
  { name: 'keyboard', says: 'Keyboard', Shows: Keyboard },
] as const;

export function Page() {
  const { tab } = useParams({ strict: false }) as { readonly tab?: string };
  const current = tabs.find(({ name }) => name === tab);
  if (current === undefined) return <Navigate to="/settings/{-$tab}" params={{ tab: 'people' }} replace />;
  const { Shows, says } = current;
  return (
    <div className="mx-auto grid max-w-[944px] content-start gap-6 px-8 py-6 max-sm:px-4">
      <PageTitle tab={`Settings, ${says}`}>Settings</PageTitle>
      <nav aria-label="Settings" className="flex flex-wrap gap-1 border-line border-b pb-2">
        {tabs.map(({ name, says: own }) => (
          <Link
            key={name}
            to="/settings/{-$tab}"
            params={{ tab: name }}
            activeProps={{ className: 'bg-hover text-text', 'aria-current': 'page' }}
            inactiveProps={{ className: 'text-text-2' }}
            className="inline-flex min-h-8 items-center rounded-control px-3 font-medium text-interface hover:bg-hover max-sm:min-h-11"
          >
            {own}
          </Link>
        ))}
      </nav>
      <Shows />
    </div>
  );
}
