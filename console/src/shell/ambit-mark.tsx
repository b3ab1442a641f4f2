export function AmbitMark({ size = 20 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" className="shrink-0">
      <path d="M14.9 3.5A9 9 0 1 0 20.5 9" fill="none" stroke="var(--accent)" strokeWidth="2.6" strokeLinecap="round" />
      <circle cx="12" cy="12" r="3.4" fill="var(--text)" />
    </svg>
  );
}
