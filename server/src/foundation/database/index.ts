export * from './database.ts';
export { type DetailSeal, holdsStore, openSqlite } from './sqlite.ts';
export { type AnyTable, type ColumnKind, declaredTables, type Table, table } from './table.ts';
export * from './unit.ts';
export { rowHash } from './writer.ts';
