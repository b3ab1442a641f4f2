import type { Shown, ShownValue } from '../approvals/index.ts';
import { ask } from '../approvals/index.ts';
import { type AgentCaller, entry, type Ground, refuse, span } from '../foundation/index.ts';
import type { Decision, Facts } from '../policy/index.ts';
import type { Call } from './call.ts';
import type { Asking } from './caller.ts';
import type { Ruled } from './enforce.ts';
import { describeLimitLeft } from './left.ts';
import { lookAgain, type Reading } from './look-again.ts';
import { argumentsDetail, decisionDetail, whoOf } from './record.ts';
import type { Rooms } from './rooms.ts';

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
        asks: decision.asks.map(({ name, reason }) => ({ ask: name, reason })),
        shown: shownOf(call, facts, look?.shown ?? null),
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

function shownOf(call: Call, facts: Facts, lookedAgain: Shown['lookedAgain']): Shown {
  const [task] = facts.chain;
  const { action } = call;
  return {
    sentence: sentenceOf(call),
    action: action.id,
    method: call.method,
    url: `${call.origin}${call.path}${call.query === '' ? '' : `?${call.query}`}`,
    values: valuesOf(call),
    reversibility: action.undo === null ? action.reversibility : `${action.reversibility} by ${action.undo}`,
    amount: call.money ?? null,
    left: describeLimitLeft(facts),
    requester: facts.requester?.name ?? 'nobody: the agent opened the task itself',
    agent: facts.agents[0]?.name ?? task.agent,
    purpose: `${task.purposeType}: ${task.purposeText}`,
    claim: call.claim.reason,
    lookedAgain,
  };
}

function valuesOf(call: Call): ShownValue[] {
  const values = Object.entries(argumentsDetail(call.arguments)).map(([name, value]) => ({
    name,
    value,
    source: 'call' as const,
  }));
  // THREATS: thin-digest. Header fields make a call another call, so they stand on the card like everything else in it.
  const headers = Object.entries(call.headers)
    .filter(([name, value]) => !(name === 'accept' && value === '*/*') && !call.arguments.has(`header.${name}`))
    .map(([name, value]) => ({ name: `header.${name}`, value, source: 'call' as const }));
  return [...values, ...headers];
}

/** `Refund {body.amount} {body.currency} on order {path.orderId}` with the values of this very call. */
export function sentenceOf(call: Call): string {
  const values = argumentsDetail(call.arguments);
  return call.action.sentence.replaceAll(/\{([A-Za-z0-9._%-]+)\}/g, (hole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? hole : inSentence(value);
  });
}

const plainWord = /^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,63}$/;
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu;

/** THREATS: lying-text. Ids and amounts stand in our sentence; every other text is quoted, with what the eye misses escaped. */
function inSentence(value: unknown): string {
  if (typeof value === 'string' && plainWord.test(value)) return value;
  return (JSON.stringify(value) ?? '').replaceAll(unseen, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);
}
