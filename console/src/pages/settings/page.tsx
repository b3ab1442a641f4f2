import { Link, Navigate, useParams } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { PageTitle } from '../../kit/page-title.tsx';
import { Credentials } from './credentials.tsx';
import { Keyboard } from './keyboard.tsx';
import { Keys } from './keys.tsx';
import { Notifications } from './notifications.tsx';
import { People } from './people.tsx';
import { settingsTabs } from './tabs.ts';

const shows: Readonly<Record<(typeof settingsTabs)[number]['name'], ComponentType>> = {
  people: People,
  credentials: Credentials,
  keys: Keys,
  notifications: Notifications,
  keyboard: Keyboard,
};

export function Page() {
  const { tab } = useParams({ strict: false }) as { readonly tab?: string };
  const current = settingsTabs.find(({ name }) => name === tab);
  if (current === undefined) return <Navigate to="/settings/{-$tab}" params={{ tab: 'people' }} replace />;
  const { name: own, says } = current;
  const Shows = shows[own];
  return (
    <div className="mx-auto grid max-w-[944px] content-start gap-6 px-8 py-6 max-sm:px-4">
      <PageTitle tab={`Settings, ${says}`}>Settings</PageTitle>
      <nav aria-label="Settings" className="flex flex-wrap gap-1 border-line border-b pb-2">
        {settingsTabs.map(({ name, says: called }) => (
          <Link
            key={name}
            to="/settings/{-$tab}"
            params={{ tab: name }}
            activeProps={{ className: 'bg-hover text-text', 'aria-current': 'page' }}
            inactiveProps={{ className: 'text-text-2' }}
            className="inline-flex min-h-8 items-center rounded-control px-3 font-medium text-interface hover:bg-hover max-sm:min-h-11"
          >
            {called}
          </Link>
        ))}
      </nav>
      <Shows />
    </div>
  );
}
