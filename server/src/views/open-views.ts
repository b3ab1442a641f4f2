import type { TenantId } from '@ambit/protocol';
import type { CatalogSnapshot } from '../catalog/index.ts';
import type { Ground } from '../foundation/index.ts';
import { followLog } from './follow-log.ts';
import { createStreams, type LiveSettings, liveSettings, type Streams, type Telling } from './tell-live.ts';

/** What the views of one node share. */
export type Views = Telling & {
  /** The catalog as it is now. */
  readonly catalog: (tenant: TenantId) => Promise<Pick<CatalogSnapshot, 'actions' | 'apis'>>;
  readonly streams: Streams;
  readonly stop: () => void;
};

export function openViews(
  ground: Ground,
  { isStanding, complain, catalog }: Pick<Views, 'isStanding' | 'complain' | 'catalog'>,
  settings: LiveSettings = liveSettings,
  lookEveryMs?: number,
): Views {
  const log = followLog(ground, lookEveryMs);
  return {
    ground,
    log,
    isStanding,
    complain,
    catalog,
    settings,
    streams: createStreams(settings),
    stop: () => log.stop(),
  };
}
