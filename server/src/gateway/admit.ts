import type { EntryId, TenantId } from '@ambit/protocol';
import { type Change, type Check, entry, type Ground, type Placed, refuse, span } from '../foundation/index.ts';
import { personStands } from '../identity/index.ts';
import { mustStand, type Permit } from '../policy/index.ts';
import { admittedMark, type LoanFor } from '../vault/index.ts';
import type { Call } from './call.ts';
import type { Asking } from './caller.ts';
import { decisionDetail, shownCharges, whoOf } from './record.ts';
import { addSent, aloneAs, findUnknownEffect, lookedAt } from './store.ts';

/**
 * The receipt that a permit was made good: the proof is spent, every budget reserved, the entry durable. Made only
 * here; the vault lends and the gateway sends for nothing less.
 */
class Admitted implements LoanFor {
  readonly [admittedMark] = true;
  readonly tenant: TenantId;
  readonly entry: EntryId;
  /** Where that entry stands in the log. */
  readonly placed: Placed;
  readonly call: Call;
  readonly permit: Permit;
  readonly agent: LoanFor['agent'];
  readonly task: LoanFor['task'];
  readonly origin: string;
  readonly api: string;
  readonly agentUser: LoanFor['agentUser'];
  readonly credential: LoanFor['credential'];

  constructor(tenant: TenantId, at: EntryId, placed: Placed, call: Call, permit: Permit) {
    this.tenant = tenant;
    this.entry = at;
    this.placed = placed;
    this.call = call;
    this.permit = permit;
    const [link] = permit.facts.chain;
    this.agent = link.agent;
    this.task = link.id;
    this.origin = call.origin;
    this.api = call.api.name;
    this.agentUser = permit.facts.agentUser;
    this.credential = permit.facts.credential;
  }
}

export type { Admitted };

export type Admitting = {
  /** The entry that will say so. */
  readonly id: EntryId;
} & (
  | {
      /** The node that sends it. */
      readonly process: string;
      /** What says that it may. */
      readonly checks: readonly Check[];
    }
  /** Marks what is not sent from here, e.g. `handed_over`. */
  | { readonly code: string }
);

/**
 * Makes a permit good, in one unit: everything that the decision read still stands, the proof is spent, the budgets
 * are reserved, the entry is written. A lost race throws `state.changed`, and the caller decides again.
 *
 * INVARIANT (record first): when this returns, the decision is durable, and not one byte has been sent.
 */
export function admit(
  ground: Ground,
  asking: Asking,
  call: Call,
  permit: Permit,
  { id, ...how }: Admitting,
): Promise<Admitted> {
  return span('gateway/admit', async () => {
    const { facts } = permit;
    if (facts.callDigest !== asking.digestOf(call, facts.credential)) {
      throw refuse('plane.fault', 'the permit is for another call');
    }
    requireTrustedClock(ground);
    const { entries } = await ground.database.commit({
      tenant: asking.tenant,
      // INVARIANT (ends together): the last look at whatever the decision stands on is the writer's own, in the same unit.
      standing: facts.stands,
      checks: [
        ...(facts.approval?.by ?? []).map(personStands),
        ...(facts.remembered?.stands ?? []),
        ...('process' in how ? how.checks : []),
      ],
      changes: [
        ...asking.spend,
        ...reservations(permit),
        ...(await answeredUnknown(ground, permit, asking, call)),
        ...('process' in how ? [sent(asking, call, permit, id, how.process)] : []),
      ],
      entries: [
        entry({
          id,
          kind: 'call.decided',
          who: whoOf(asking, facts),
          task: facts.chain[0].id,
          run: facts.chain[0].root,
          about: asking.parked?.approval.entry ?? null,
          action: call.action.id,
          decision: 'permit',
          code: 'code' in how ? how.code : null,
          keys: call.resources,
          detail: decisionDetail(asking, call, facts, {
            because: permit.because,
            policyVersion: permit.policyVersion,
            charges: shownCharges(permit.charges),
          }),
        }),
      ],
    });
    return new Admitted(asking.tenant, id, entries[0]!, call, permit);
  });
}

/** THREATS: clock-back. Nothing un-expires while time stands still, but nothing expires either: so nothing is permitted. */
function requireTrustedClock({ clock }: Ground): void {
  const behind = clock.untrustedBy?.() ?? 0;
  if (behind > 0) throw refuse('plane.clock_behind', `the machine's clock is ${behind} ms behind the time that was`);
}

function reservations({ charges }: Permit): Change[] {
  return charges.map((charge) => ({
    change: 'reserve' as const,
    counter: charge.counter,
    window: charge.window,
    by: charge.by,
    max: charge.max,
    ...(charge.around === undefined ? {} : { around: charge.around }),
    ...(charge.besides === undefined ? {} : { besides: charge.besides }),
    ...(mustStand(charge) ? { expect: charge.used } : {}),
    otherwise: charge.otherwise,
  }));
}

// INVARIANT (record first): known before the first byte, so that a crash in between leaves an outcome to be told.
function sent(asking: Asking, call: Call, { facts }: Permit, id: EntryId, process: string): Change {
  const [{ id: task, root: run }] = facts.chain;
  const effect = call.action.effect === 'write' ? asking.effectDigestOf(call) : null;
  const who = whoOf(asking, facts);
  return addSent({
    entry: id,
    process,
    who,
    task,
    run,
    action: call.action.id,
    keys: call.resources,
    effect,
    callerLeft: 0,
    alone: effect === null || facts.unknownBefore !== null ? null : aloneAs(run, effect),
  });
}

async function answeredUnknown(ground: Ground, { facts }: Permit, asking: Asking, call: Call): Promise<Change[]> {
  if (facts.unknownBefore === null || asking.parked === null) return [];
  const digest = asking.effectDigestOf(call);
  const known = await findUnknownEffect(ground, asking.tenant, digest);
  return known?.state === 'open' ? [lookedAt(digest)] : [];
}
