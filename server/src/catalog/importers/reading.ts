import type { JsonMap, Place } from './document.ts';

export type DescriptionFormat = 'openapi-3.1' | 'openapi-3.0' | 'swagger-2.0';

export type SecurityScheme = {
  readonly name: string;
  readonly kind: string;
  readonly in: string | null;
  readonly key: string | null;
};

/** Something a person should look at. It never stops an import. */
export type ImportNote = { readonly place: Place; readonly says: string };

/** One description while it is read. */
export type Reading = {
  readonly root: JsonMap;
  readonly api: string;
  readonly format: DescriptionFormat;
  readonly servers: readonly string[];
  readonly security: readonly SecurityScheme[];
  readonly notes: ImportNote[];
};

/** One operation and where it stands. */
export type Found = {
  readonly method: string;
  readonly path: string;
  readonly place: Place;
  readonly item: JsonMap;
  readonly operation: JsonMap;
};

const notesMax = 1000;

export function note(reading: Reading, place: Place, says: string): void {
  if (reading.notes.length < notesMax) reading.notes.push({ place, says });
}
