import { ask } from '../approvals/index.ts';
import { type AgentCaller, entry, type Ground, refuse, span } from '../foundation/index.ts';
import type { Decision, Facts } from '../policy/index.ts';
import type { Call } from './call.ts';
import type { Asking } from './caller.ts';
import type { Ruled } from './enforce.ts';
import { lookAgain, type Reading } from './look-again.ts';
import { decisionDetail, whoOf } from './record.ts';
import type { Rooms } from './rooms.ts';
import { shownOf } from './shown.ts';

/** The request that will be read again when a person has said yes. It holds no credential and no proof. */
export type ParkedRequest = {
  readonly api: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly mediaType: string | null;
  readonly body: string | null;
  readonly claim: Call['claim'];
  readonly trace: Call['trace'];
  readonly caller: AgentCaller;
};

type Asked = Extract<Decision, { kind: 'ask' }>;

/** Parks the exact call, sealed, and asks a person. Nothing is held while it waits: no budget, no connection, no loan. */
export function park(
  rooms: Rooms,
  asking: Asking,
  call: Call,
  facts: Facts,
  decision: Asked,
  read: Reading,
): Promise<Ruled> {
  return span('gateway/park', async (): Promise<Ruled> => {
    const { ground } = rooms;
    const [task] = facts.chain;
    const [agent] = facts.agents;
    const id = ground.newId('entry');
    await requireFirst(ground, asking);
    const look = await lookAgain(await rooms.catalog(asking.tenant), call, read);
    const approval = await ask(
      ground,
      {
        tenant: asking.tenant,
        task: task.id,
        run: task.root,
        agent: task.agent,
        owner: agent?.owner ?? facts.owners[0]!.id,
        requester: facts.requester?.id ?? null,
        jkt: asking.caller.jkt,
        action: call.action.id,
        callDigest: facts.callDigest,
        asks: decision.asks.map(({ name, reason, over }) => ({ ask: name, reason, ...(over && { over }) })),
        shown: shownOf(call, facts, decision, look?.shown ?? null),
        sealed: rooms.parking.seal(
          JSON.stringify(parkedRequest(call, asking.caller)),
          parkedFor(asking.tenant, facts.callDigest),
        ),
        lookAgainDigest: look?.digest ?? null,
        who: asking.caller.who,
        changes: asking.spend,
        entry: entry({
          id,
          kind: 'call.decided',
          who: whoOf(asking, facts),
          task: task.id,
          run: task.root,
          action: call.action.id,
          decision: 'ask',
          code: 'approval.needed',
          keys: call.resources,
          detail: decisionDetail(asking, call, facts, {
            because: decision.asks,
            policyVersion: decision.policyVersion,
          }),
        }),
      },
      rooms.settings.approvals,
    );
    return { kind: 'parked', tenant: asking.tenant, approval: approval.id, entry: id };
  });
}

/** A request that was heard before sets nothing in motion, not even the look that an approver would be shown. */
async function requireFirst({ database }: Ground, { tenant, spend }: Asking): Promise<void> {
  const checks = spend.flatMap((change) => (change.change === 'insert' ? [{ ...change, is: 'absent' as const }] : []));
  if (checks.length > 0) await database.commit({ tenant, checks, entries: [] });
}

export const parkedFor = (tenant: string, callDigest: string): string => `parked|${tenant}|${callDigest}`;

function parkedRequest(call: Call, caller: AgentCaller): ParkedRequest {
  const { body } = call;
  if (body !== null && 'stream' in body)
    throw refuse('gateway.body_streamed', `${call.action.id} passes its body on unread`);
  return {
    api: call.api.name,
    method: call.method,
    path: call.path,
    query: call.query,
    headers: call.headers,
    mediaType: body?.mediaType ?? null,
    body: body === null ? null : Buffer.from(body.bytes).toString('base64'),
    claim: call.claim,
    trace: call.trace,
    caller,
  };
}
