import { type ReactNode, useEffect, useRef } from 'react';

type PageTitleProps = {
  readonly children: ReactNode;
  /** What stands in the tab: our words only. */
  readonly tab: string;
  readonly isSentence?: boolean;
};

let isFirst = true;

/** The one heading of a page. It takes the focus when the page opens, except where the browser itself has just begun. */
export function PageTitle({ children, tab, isSentence = false }: PageTitleProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${tab} · Ambit`;
  }, [tab]);
  useEffect(() => {
    if (!isFirst) heading.current?.focus({ preventScroll: true });
    isFirst = false;
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1} className={isSentence ? 'text-sentence text-balance' : 'text-title'}>
      {children}
    </h1>
  );
}
