type BudgetBarProps = {
  readonly title: string;
  /** Decimal strings of one unit: money of one currency, or counts. */
  readonly spent: string;
  readonly thisCall?: string;
  readonly limit: string;
  /** Their texts, as they are to be read. */
  readonly says: { readonly left: string; readonly spent: string; readonly thisCall?: string };
};

/** What of a limit is gone, what this call would take, and what would be left. The words are the truth, the bar only draws them. */
export function BudgetBar({ title, spent, thisCall = '0', limit, says }: BudgetBarProps) {
  const width = (amount: string) => `${Math.min(100, (100 * Number(amount)) / Math.max(Number(limit), 1e-9))}%`;
  return (
    <div className="text-caption">
      <div className="flex flex-wrap justify-between gap-x-4 text-text-2">
        <span>{title}</span>
        <span>{says.left}</span>
      </div>
      <div
        aria-hidden="true"
        className="mt-1 flex h-2 gap-px overflow-hidden rounded-full border border-line bg-sunken"
      >
        <span className="drawn bg-text-2" style={{ width: width(spent) }} />
        {says.thisCall !== undefined && <span className="drawn bg-ask" style={{ width: width(thisCall) }} />}
      </div>
      <div className="mt-1 flex flex-wrap gap-x-4 text-text-2">
        <Legend ink="bg-text-2" says={says.spent} />
        {says.thisCall !== undefined && <Legend ink="bg-ask" says={says.thisCall} />}
      </div>
    </div>
  );
}

function Legend({ ink, says }: { readonly ink: string; readonly says: string }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <span aria-hidden="true" className={`drawn size-2 rounded-[2px] ${ink}`} />
      {says}
    </span>
  );
}
