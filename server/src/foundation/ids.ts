import { formatId, type Id, type IdKind } from '@ambit/protocol';
import { randomPart } from './random.ts';

export type NewId = <K extends IdKind>(kind: K) => Id<K>;

/** Ids of 104 random bits: nobody can guess one, and no two nodes need to agree. */
export const randomId: NewId = (kind) => formatId(kind, randomPart(13));
