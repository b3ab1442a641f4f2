import type { Ground } from '../foundation/index.ts';
import { followLog } from './follow-log.ts';
import { createStreams, type LiveSettings, liveSettings, type Streams, type Telling } from './tell-live.ts';

/** What the views of one node share. */
export type Views = Telling & { readonly streams: Streams; readonly stop: () => void };

export function openViews(
  ground: Ground,
  { isStanding, complain }: Pick<Telling, 'isStanding' | 'complain'>,
  settings: LiveSettings = liveSettings,
  lookEveryMs?: number,
): Views {
  const log = followLog(ground, lookEveryMs);
  return { ground, log, isStanding, complain, settings, streams: createStreams(settings), stop: () => log.stop() };
}
