import { useEffect, useRef } from 'react';

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

/** Tells of questions that came while nobody looked at the page: how many, and no word that an agent wrote. */
export function useDesktopNotices(waiting: number): void {
  const before = useRef(waiting);
  useEffect(() => {
    const more = waiting - before.current;
    before.current = waiting;
    if (more <= 0 || !document.hidden || desktopNotices.state() !== 'on') return;
    const notice = new Notification('Ambit', {
      body: more === 1 ? '1 question from an agent' : `${more} questions from agents`,
      tag: 'ambit-questions',
    });
    notice.addEventListener('click', () => {
      window.focus();
      notice.close();
    });
  }, [waiting]);
}
