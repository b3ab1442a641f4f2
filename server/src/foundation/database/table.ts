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
};

export function table<Row extends object>(
  name: string,
  shape: Pick<Table<Row>, 'columns' | 'key' | 'governed'> & Partial<Pick<Table<Row>, 'unique' | 'indexes' | 'added'>>,
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
