import type { AgentId, ApprovalId, Bounds, EntryId, PersonId, RememberedId, TaskId } from '@ambit/protocol';

/**
 * A person's yes to one call, remembered for equal or smaller calls of the same task, within bounds that the person
 * signed with the answer. It gives nothing: it only answers questions that would be asked anew. It stands beside its
 * task, with counters of its own, and ends with it.
 */
export type Remembered = {
  readonly id: RememberedId;
  readonly task: TaskId;
  readonly run: TaskId;
  readonly agent: AgentId;
  readonly action: string;
  /** The question whose answer it is. */
  readonly approval: ApprovalId;
  /** The entry of that answer, with the signature over the bounds. */
  readonly answered: EntryId;
  /** Whose yes it is. */
  readonly person: PersonId;
  /** Exactly as signed. */
  readonly bounds: Bounds;
  /** `expired` by itself, `ended` by a person or with its task. */
  readonly state: 'standing' | 'expired' | 'ended';
  readonly rememberedAt: number;
  /** Epoch milliseconds: that of the bounds. */
  readonly expiresAt: number;
  readonly endedAt: number | null;
};

/** How many of one task may stand at once. */
export const rememberedMax = 16;

export const isRemembered = ({ state, expiresAt }: Remembered, now: number): boolean =>
  state === 'standing' && now < expiresAt;
