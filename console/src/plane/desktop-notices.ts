import type { ApprovalId } from '@ambit/protocol';
import type { ListedQuestion } from '@ambit/sdk/operator';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { sayNotice } from './say-notice.ts';

type State = 'on' | 'off' | 'refused';

const keptAs = 'ambit-desktop-notices';
const isThere = (): boolean => 'Notification' in window;

/** Whether this browser tells of questions beside the page. Kept here; another browser is asked by itself. */
export const desktopNotices = {
  state(): State {
    if (localStorage.getItem(keptAs) !== 'on') return 'off';
    return isThere() && Notification.permission === 'granted' ? 'on' : 'refused';
  },
  async turnOn(): Promise<State> {
    if (isThere()) await Notification.requestPermission();
    localStorage.setItem(keptAs, 'on');
    return desktopNotices.state();
  },
  async turnOff(): Promise<State> {
    localStorage.setItem(keptAs, 'off');
    return 'off';
  },
};

/**
 * Tells of questions that came while nobody looked at the page: how many and from whom, and no word that an agent wrote. Whoever
 * clicks on it is led to the first of them. `waiting` is undefined until it was read: what waited before is no news.
 */
export function useDesktopNotices(waiting: readonly ListedQuestion[] | undefined): void {
  const known = useRef<ReadonlySet<ApprovalId> | null>(null);
  const navigate = useNavigate();
  useEffect(() => {
    if (waiting === undefined) return;
    const before = known.current;
    known.current = new Set(waiting.map(({ id }) => id));
    const come = before === null ? [] : waiting.filter(({ id }) => !before.has(id)).toSorted(soonestFirst);
    const [first] = come;
    if (first === undefined || !document.hidden || desktopNotices.state() !== 'on') return;
    const notice = new Notification('Ambit', { body: sayNotice(come), tag: 'ambit-questions' });
    notice.addEventListener('click', () => {
      window.focus();
      void navigate({ to: '/inbox/{-$approval}', params: { approval: first.id }, search: {} });
      notice.close();
    });
  }, [waiting, navigate]);
}

const soonestFirst = (one: ListedQuestion, other: ListedQuestion): number => one.expiresAt - other.expiresAt;
