import type { Route } from '../../foundation/index.ts';
import type { Issuer } from '../../tokens/index.ts';
import type { Rooms } from '../rooms.ts';
import { authRequestRoutes } from './auth-request.ts';
import { authzenRoutes } from './authzen/routes.ts';

/** Doors that decide and send nothing. A folder to copy: one file a door. */
export function decisionDoors(rooms: Rooms, issuer: Issuer): readonly Route[] {
  return [...authzenRoutes(rooms, () => issuer.url), ...authRequestRoutes(rooms, issuer)];
}
