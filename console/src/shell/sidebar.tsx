import { Link } from '@tanstack/react-router';
import {
  BookOpen,
  Bot,
  Inbox,
  ListTree,
  LogOut,
  type LucideIcon,
  Scale,
  ScrollText,
  Settings,
  ShieldCheck,
  Target,
  UserRoundCheck,
  UsersRound,
} from 'lucide-react';
import { Foreign } from '../kit/foreign.tsx';
import { Peek } from '../kit/peek.tsx';
import { Time } from '../kit/when.tsx';
import { initialsOf, WhoMark } from '../kit/who.tsx';
import { pageFiles } from '../page-files.ts';
import { Finder } from '../palette/finder.tsx';
import type { Place } from '../places.ts';
import { useLiveState } from '../plane/live.ts';
import { useReach } from '../plane/reach.ts';
import { usePlane, useSession } from '../plane/session-provider.tsx';
import { useVerifiedLog } from '../plane/verified-log.ts';
import { AmbitMark } from './ambit-mark.tsx';
import { openPlaces, pathOf } from './open-places.ts';
import { useCounts } from './use-counts.ts';

const icons: Readonly<Record<string, LucideIcon>> = {
  inbox: Inbox,
  me: UserRoundCheck,
  runs: ListTree,
  tasks: Target,
  agents: Bot,
  catalog: BookOpen,
  policies: Scale,
  proposals: UsersRound,
  log: ScrollText,
};
const groups = [
  ['first', ''],
  ['work', 'Work'],
  ['rules', 'Rules'],
  ['proof', 'Proof'],
] as const;

/**
 * Where people go, in the order of how often. On narrow screens it folds to icons and opens over the page to whoever points at it
 * or comes by keys; on phones it is behind a button.
 */
export function Sidebar({ isOpen }: { readonly isOpen: boolean }) {
  return (
    <div className={`relative shrink-0 sm:w-14 xl:w-[216px] ${isOpen ? 'max-sm:flex-1' : 'max-sm:hidden'}`}>
      <nav
        id="sidebar"
        aria-label="Pages"
        className="flex h-full flex-col gap-1 overflow-y-auto border-line bg-canvas px-2.5 py-3 sm:border-r sm:max-xl:absolute sm:max-xl:inset-y-0 sm:max-xl:z-20 sm:max-xl:w-14 sm:max-xl:hover:w-[216px] sm:max-xl:hover:shadow-floats sm:max-xl:has-focus-visible:w-[216px] sm:max-xl:has-focus-visible:shadow-floats"
      >
        <div className="flex h-9 items-center gap-3 px-2 max-sm:hidden">
          <AmbitMark />
          <span className="folds grid min-w-0 leading-tight">
            <span className="font-semibold text-interface">Ambit</span>
            <Organisation />
          </span>
        </div>
        <Finder />
        {groups.map(([group, title]) => (
          <Group key={group} title={title} places={openPlaces.filter((place) => place.group === group)} />
        ))}
        <div className="mt-auto grid gap-2 pt-4">
          <VerifiedLog />
          <Live />
          <Me />
        </div>
      </nav>
    </div>
  );
}

function Group({ title, places }: { readonly title: string; readonly places: readonly Place[] }) {
  const counts = useCounts();
  if (places.length === 0) return null;
  return (
    <>
      {title !== '' && <p className="folds px-2 pt-4 pb-1 text-caption text-text-2">{title}</p>}
      <ul className="grid gap-0.5">
        {places.map((place) => (
          <li key={place.path}>
            <Item place={place} count={counts[place.page] ?? null} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Item({ place, count }: { readonly place: Place; readonly count: number | null }) {
  const Icon = icons[place.page];
  return (
    <Link
      to={pathOf(place)}
      activeProps={{ className: 'bg-hover text-text', 'aria-current': 'page' }}
      inactiveProps={{ className: 'text-text-2' }}
      className="group relative flex min-h-8 items-center gap-2.5 rounded-control px-2 font-medium text-interface hover:bg-hover max-sm:min-h-12"
    >
      {Icon !== undefined && <Icon aria-hidden="true" className="size-4 shrink-0" strokeWidth={1.75} />}
      <span className="folds">{place.title}</span>
      {count !== null && count > 0 && (
        <span className="ml-auto min-w-5 rounded-[5px] bg-ask-soft px-1 text-center font-semibold text-ask text-caption sm:max-xl:absolute sm:max-xl:top-0 sm:max-xl:right-0">
          {count}
        </span>
      )}
    </Link>
  );
}

const lived = {
  opening: 'Connecting',
  live: 'Live',
  lost: 'Connecting again',
  asking: 'Read again every 5 s',
} as const;

/** Whether what is seen is what is. */
function Live() {
  const { lostSince } = useReach();
  const live = useLiveState();
  const isLive = lostSince === null && live.is === 'live';
  return (
    <p className="flex min-h-6 items-center gap-2.5 px-2 text-caption sm:max-xl:px-3">
      <span aria-hidden="true" className={`drawn size-2 rounded-full ${isLive ? 'bg-permit' : 'bg-ask'}`} />
      <span className="folds">{lostSince === null ? lived[live.is] : 'Not connected'}</span>
    </p>
  );
}

/** Whose plane this is: nobody answers for one organisation what they read of another. */
function Organisation() {
  const { me } = usePlane();
  if (me.tenantName === null) return null;
  return (
    <span className="text-caption text-text-2 wrap-anywhere">
      <Foreign inline text={me.tenantName} />
    </span>
  );
}

/** How far this browser itself has proved the log, and what that covers. */
function VerifiedLog() {
  const seen = useVerifiedLog();
  if (seen === null) return null;
  return (
    <p className="folds px-2 text-caption text-text-2">
      <Peek
        says={
          <>
            When an entry was verified here last, the log’s newest checkpoint signed its first{' '}
            {seen.size.toLocaleString()} entries. That entry is among them, and they go on from what this browser saw
            first on <Time at={seen.since} as="day" />. The other entries were not read:{' '}
            <code className="code">ambit audit verify</code> reads all.
          </>
        }
      >
        <span className="inline-flex items-center gap-2.5">
          <ShieldCheck aria-hidden="true" className="size-3.5 shrink-0" />
          Log verified to entry {(seen.size - 1).toLocaleString()}
        </span>
      </Peek>
    </p>
  );
}

function Me() {
  const { me } = usePlane();
  const { exit } = useSession();
  const who = { kind: 'person', name: me.name } as const;
  return (
    <div className="flex items-center gap-2 border-line border-t px-2 pt-3 sm:max-xl:flex-col sm:max-xl:px-0">
      <WhoMark who={who} />
      <span className="folds min-w-0 flex-1 font-medium text-interface wrap-anywhere">
        <Foreign inline text={me.name} />
        <span className="sr-only"> ({initialsOf(who)})</span>
      </span>
      {pageFiles.settings !== undefined && (
        <Link
          to="/settings"
          className="flex size-7 items-center justify-center rounded-control hover:bg-hover max-sm:size-11"
        >
          <Settings aria-hidden="true" className="size-4" />
          <span className="sr-only">Settings</span>
        </Link>
      )}
      <button
        type="button"
        onClick={() => void exit()}
        className="flex size-7 items-center justify-center rounded-control text-text-2 hover:bg-hover max-sm:size-11"
      >
        <LogOut aria-hidden="true" className="size-4" />
        <span className="sr-only">Sign out</span>
      </button>
    </div>
  );
}
