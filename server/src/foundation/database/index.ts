export * from './database.ts';
export { rowHash } from './explained.ts';
export { type MoveProgress, moveStore } from './move.ts';
export { holdsPostgresStore, openPostgres } from './postgres.ts';
export { whyNotPostgresUrl } from './postgres-url.ts';
export { holdsStore, openSqlite } from './sqlite.ts';
export { type AnyTable, type ColumnKind, declaredTables, type Table, table } from './table.ts';
export * from './unit.ts';
