import { type PersonId, type TenantId, toBase64 } from '@ambit/protocol';
import { type Checkpoints, logKey, openCheckpoints } from './audit/index.ts';
import type { Config } from './config.ts';
import {
  aloneNode,
  type Database,
  type Ground,
  holdsPostgresStore,
  holdsStore,
  joinNodes,
  type KeySource,
  loadKeys,
  type MoveProgress,
  makeKeys,
  moveStore,
  type Nodes,
  openPostgres,
  openSqlite,
  type PlaneKeys,
  randomId,
  Secret,
  StoreFault,
  steadyClock,
  systemClock,
} from './foundation/index.ts';
import type { Rooms } from './gateway/index.ts';
import { createTenant, firstAdministrator, plane } from './identity/index.ts';
import { publishDefault } from './policy/index.ts';

export type Initialised = { readonly tenant: TenantId; readonly person: PersonId; readonly code: Secret };

/**
 * Makes a new plane: its keys, its store, one organisation with the safe default rules, and the one-time code of its
 * first administrator, which is shown once and kept only as a hash. What exists is never overwritten.
 */
export async function initialise(
  config: Config,
  names: { readonly tenant: string; readonly administrator: string },
): Promise<Initialised> {
  await requireNoStore(config);
  const store = await openStore(config, makeKeys(keySourceOf(config), systemClock));
  try {
    const { tenant } = await createTenant(store.ground, names.tenant);
    await publishDefault(store.ground, tenant.id);
    const { person, code } = await firstAdministrator(store.ground, tenant.id, names.administrator);
    return { tenant: tenant.id, person: person.id, code };
  } finally {
    await store.database.close();
  }
}

/** New keys open nothing of a store that is there, and keys that were given may have a plane in it already. */
async function requireNoStore({ store, dataDirectory }: Config): Promise<void> {
  const isThere = store === null ? holdsStore(dataDirectory) : await holdsPostgresStore(store.unwrap());
  if (!isThere) return;
  const where = store === null ? dataDirectory : 'the database that AMBIT_STORE names';
  throw new StoreFault(`there is a store in ${where} already: nothing was changed`);
}

/**
 * Carries the embedded store of the settings over to an empty PostgreSQL database, and looks at it there as every start
 * does: a log that contradicts a checkpoint that it gave out is told as such. The embedded store is left as it was, with a
 * mark that keeps it from being started.
 */
export async function moveTo(
  config: Config,
  url: string,
  tell: (progress: MoveProgress) => void,
): Promise<{ readonly entries: number; readonly rows: number; readonly root: string; readonly checkpoint: number }> {
  const keys = loadKeys(keySourceOf(config));
  const moved = await moveStore({ directory: config.dataDirectory, url }, tell);
  const there = await openStore({ ...config, store: new Secret(url) }, keys);
  try {
    const checkpoints = await openLog(config, keys, there.ground).catch((error: unknown) => {
      throw new StoreFault('the store was moved as it was, and contradicts a checkpoint: do not start it', {
        cause: error,
      });
    });
    return {
      entries: moved.entries,
      rows: moved.rows,
      root: toBase64(moved.root),
      checkpoint: checkpoints.newest()?.size ?? 0,
    };
  } finally {
    await there.database.close();
  }
}

export const keySourceOf = ({ keyFile: file, keysJson: json, dataDirectory }: Config): KeySource => ({
  file,
  json,
  dataDirectory,
});

/** Compares the log with every checkpoint that is known, before anything goes on with it. */
export const openLog = (config: Config, keys: PlaneKeys, ground: Ground): Promise<Checkpoints> =>
  openCheckpoints(ground, {
    plane,
    key: logKey(config.logOrigin, keys.log),
    everyMilliseconds: config.checkpointSeconds * 1000,
    secondPlaceFile: config.checkpointFile === '' ? null : config.checkpointFile,
  });

export async function openStore(config: Config, keys: PlaneKeys): Promise<{ ground: Ground; database: Database }> {
  const detailKey = keys.derive('log-detail');
  let floor = 0;
  const clock = Object.assign(() => steady(), { untrustedBy: () => steady.untrustedBy?.() ?? 0 });
  let steady = systemClock;
  const database =
    config.store === null
      ? await openSqlite({ directory: config.dataDirectory, detailKey, clock })
      : await openPostgres({ url: config.store.unwrap(), detailKey, clock, heardMsMax: config.storeHeardMs });
  // INVARIANT (nothing un-expires): the plane's time begins no earlier than its newest entry.
  floor = await database.log.newestAt();
  steady = steadyClock(systemClock, floor, config.clockSkewSecondsMax * 1000);
  return { ground: { database, clock, newId: randomId }, database };
}

/** On a store that nodes share they know of each other; the embedded one has one process at a time. */
export async function joinStore(
  config: Config,
  keys: PlaneKeys,
  ground: Ground,
  complain: Rooms['complain'],
): Promise<Nodes> {
  const { database } = ground;
  if (config.store === null) return aloneNode(database.node);
  const { host } = config;
  const own = (port: number) => `http://${host}:${port === 0 ? `0 of ${database.node}` : port}`;
  return joinNodes(ground, {
    plane,
    lostMs: config.nodeLostMs,
    complain,
    same: {
      AMBIT_KEYS: keys.described.map(({ kind, id }) => `${kind}:${id}`).join(' '),
      AMBIT_AGENT_ORIGIN: config.agentOrigin || own(config.agentPort),
      AMBIT_PEOPLE_ORIGIN: config.peopleOrigin || own(config.peoplePort),
      AMBIT_TLS_ORIGIN: config.tlsOrigin || (config.tlsCertificate === null ? '' : own(config.tlsPort)),
      AMBIT_TRUST_DOMAIN: config.trustDomain,
      AMBIT_LOG_ORIGIN: config.logOrigin,
    },
  });
}
