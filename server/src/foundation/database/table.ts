export type ColumnKind = 'text' | 'integer' | 'json';

/**
 * One table of one room. Every row has its tenant, which is not a field of `Row`: it is named with every read and
 * write, so that no statement can forget it. Kinds are the ones that SQLite and PostgreSQL share.
 */
export type Table<Row extends object> = {
  readonly name: string;
  readonly columns: { readonly [K in keyof Row & string]-?: ColumnKind };
  /** Columns that name a row within its tenant. */
  readonly key: readonly (keyof Row & string)[];
  readonly unique: readonly (readonly (keyof Row & string)[])[];
  readonly indexes: readonly (readonly (keyof Row & string)[])[];
  /** A governed row's hash stands in the entry of each change: verification finds rows that no entry explains. */
  readonly governed: boolean;
  /**
   * Columns that came after a release. Nothing in one of them is as if the row lacked it, so that rows which an older
   * release wrote are still what their entries say.
   */
  readonly added?: readonly (keyof Row & string)[];
  /**
   * Rows of these kinds only say that something was used up, until when. They are inserted, and checks ask whether they are
   * there; nobody changes one, and what is over is forgotten. A store may keep them in another form than a row each: reads
   * need not find them.
   */
  readonly once?: Once<keyof Row & string>;
};

/** The columns of what counts once; the others are empty. */
export type Once<Name> = {
  readonly kind: Name;
  readonly kinds: readonly string[];
  /** The base64url of a SHA-256. */
  readonly digest: Name;
  /** Epoch milliseconds. */
  readonly until: Name;
};

export function table<Row extends object>(
  name: string,
  shape: Pick<Table<Row>, 'columns' | 'key' | 'governed'> &
    Partial<Pick<Table<Row>, 'unique' | 'indexes' | 'added' | 'once'>>,
): Table<Row> {
  const made = { name, unique: [], indexes: [], ...shape };
  tables.set(name, made);
  return made;
}

// Filled while the rooms are imported; the store reads it once, when it opens.
const tables = new Map<string, Table<never>>();

/** Every table that the imported rooms declared. */
export function declaredTables(): readonly AnyTable[] {
  return [...tables.values()] as unknown as AnyTable[];
}

/** A table whose row type has been forgotten: what the store itself works with. */
export type AnyTable = Table<Record<string, unknown>>;

export function eraseRow<Row extends object>(of: Table<Row>): AnyTable {
  return of as unknown as AnyTable;
}
