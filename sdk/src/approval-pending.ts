import type { ApprovalId } from '@ambit/protocol';
import { AmbitRefusal, type RefusalParts } from './wire/refusal.ts';

/** A person is being asked, and the time to wait was over first. Nothing was sent; `task.answerTo` goes on waiting. */
export class ApprovalPending extends AmbitRefusal {
  override readonly name = 'ApprovalPending';
  readonly approval: ApprovalId;
  /** Why a person is asked, in sentences. */
  readonly asks: readonly string[];
  /** Epoch milliseconds: when the question ends unanswered. Null where the plane did not say. */
  readonly expiresAt: number | null;

  constructor(parts: RefusalParts, about: Pick<ApprovalPending, 'approval' | 'asks' | 'expiresAt'>) {
    super(parts);
    this.approval = about.approval;
    this.asks = about.asks;
    this.expiresAt = about.expiresAt;
  }
}
