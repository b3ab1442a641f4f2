import type { Clock } from './clock.ts';
import type { Database } from './database/index.ts';
import type { NewId } from './ids.ts';

/** What nearly every verb stands on: a store, the time, and fresh ids. */
export type Ground = { readonly database: Database; readonly clock: Clock; readonly newId: NewId };
