import type { AgentId, EntryId, PersonId, TaskId, TenantId } from '@ambit/protocol';
import { entry, type Ground, planeItself, type Refusal, withoutSecrets } from '../foundation/index.ts';
import { plane } from '../identity/index.ts';

/** What a token that was shown without a valid proof says of itself: signed by us, held by nobody knows whom. */
export type ShownToken = {
  readonly tenant: TenantId;
  readonly token: string;
  readonly agent: AgentId;
  readonly requester: PersonId | null;
  readonly task: TaskId | null;
  readonly run: TaskId | null;
};

export type UnprovedRequest = {
  readonly source: string;
  readonly channel: string;
  readonly token: ShownToken | null;
  readonly request: string;
};

export type Unproved = {
  /** Answers the id of the entry that stands for it. */
  record(refusal: Refusal, request: UnprovedRequest): Promise<EntryId | undefined>;
  /** A fault of the plane's own, where no caller is left to hear of it. */
  fault(tenant: TenantId, about: string, error: unknown): Promise<void>;
  /** Ends a minute that is over. */
  sweep(): Promise<void>;
  /** Writes what was counted and not yet written. */
  flush(): Promise<void>;
};

type Count = {
  entry: EntryId | undefined;
  readonly refusal: Refusal;
  readonly request: UnprovedRequest;
  more: number;
};

const minute = 60_000;
/** More sources than this in a minute share one count, so that a flood cannot fill the memory. */
const sourcesMax = 1000;

/**
 * Refusals of callers that proved nothing. The first of a source, code and token in a minute is an entry; the rest are
 * counted into one more entry at the minute's end, so that nobody can fill the log without a credential.
 */
/** @param mayWrite whether the store can be reached; where it cannot, a refusal is counted and waits for nobody. */
export function createUnproved(ground: Ground, mayWrite: () => boolean = () => true): Unproved {
  let counts = new Map<string, Count>();
  let started = 0;

  async function flush(): Promise<void> {
    const done = [...counts.values()].filter((count) => count.more > 0);
    counts = new Map();
    for (const count of done) await write(count.refusal, count.request, count.more);
  }

  async function write(
    refusal: Refusal,
    { source, channel, token, request }: UnprovedRequest,
    more: number,
  ): Promise<EntryId> {
    const id = ground.newId('entry');
    await ground.database.commit({
      tenant: token?.tenant ?? plane,
      entries: [
        entry({
          id,
          kind: more === 0 ? 'call.refused' : 'call.refused-more',
          who: {
            ...planeItself,
            requester: token?.requester ?? null,
            agent: token?.agent ?? null,
            initiator: 'unproved',
            channel,
          },
          task: token?.task ?? null,
          run: token?.run ?? null,
          decision: 'deny',
          code: refusal.code,
          detail: {
            because: withoutSecrets(refusal.because),
            denied: more === 0 ? refusal.parts : { is: 'code' },
            says: withoutSecrets(refusal.says),
            source,
            request: withoutSecrets(request),
            token: token?.token ?? null,
            more,
          },
        }),
      ],
    });
    return id;
  }

  async function sweep(): Promise<void> {
    const now = ground.clock();
    if (now - started < minute || !mayWrite()) return;
    started = now;
    await flush();
  }

  return {
    flush,
    sweep,
    async fault(tenant, about, error) {
      const because = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      const id = ground.newId('entry');
      const said = { kind: 'plane.fault', who: planeItself, code: 'plane.fault', detail: { about, because } };
      await ground.database.commit({ tenant, entries: [entry({ id, ...said })] });
    },
    async record(refusal, request) {
      await sweep();
      const { source, channel, token } = request;
      const own = [source, refusal.code, channel, token?.token ?? ''].join(' ');
      const isOwn = counts.has(own) || counts.size < sourcesMax;
      const name = isOwn ? own : ['others', refusal.code, channel, token?.tenant ?? ''].join(' ');
      const known = counts.get(name);
      if (known !== undefined) {
        known.more++;
        return known.entry;
      }
      const count: Count = { entry: undefined, refusal, request, more: 0 };
      counts.set(name, count);
      if (!mayWrite()) {
        count.more++;
        return undefined;
      }
      try {
        count.entry = await write(refusal, request, 0);
        return count.entry;
      } catch (error) {
        // What could not be written now is counted with the rest.
        count.more++;
        throw error;
      }
    },
  };
}
