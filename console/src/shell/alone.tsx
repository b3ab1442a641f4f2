import { Outlet } from '@tanstack/react-router';
import { OfflineBar } from '../kit/offline-bar.tsx';
import { WaitsBar } from './waits-bar.tsx';

/** A page without the sidebar: for whoever is not signed in, or is on a way of steps. */
export function Alone() {
  return (
    <div className="min-h-full">
      <OfflineBar />
      <WaitsBar />
      <Outlet />
    </div>
  );
}
