import type { TenantId } from '@ambit/protocol';
import type { Action } from '../catalog/index.ts';
import type { Ground } from '../foundation/index.ts';
import { followLog } from './follow-log.ts';
import { createStreams, type LiveSettings, liveSettings, type Streams, type Telling } from './tell-live.ts';

/** What the views of one node share. */
export type Views = Telling & {
  /** The catalog as it is now. */
  readonly actions: (tenant: TenantId) => Promise<ReadonlyMap<string, Action>>;
  readonly streams: Streams;
  readonly stop: () => void;
};

export function openViews(
  ground: Ground,
  { isStanding, complain, actions }: Pick<Views, 'isStanding' | 'complain' | 'actions'>,
  settings: LiveSettings = liveSettings,
  lookEveryMs?: number,
): Views {
  const log = followLog(ground, lookEveryMs);
  return {
    ground,
    log,
    isStanding,
    complain,
    actions,
    settings,
    streams: createStreams(settings),
    stop: () => log.stop(),
  };
}
