/**
 * Audit: remembers what was asked, decided and done, and proves it. It knows entries, the tree over them, and the
 * checkpoints that sign it. It promises that nothing it signed can be changed, dropped or reordered unseen, and that a
 * tenant reads its own entries only. It deliberately does not know why anything was decided: rooms write their own
 * entries, with the change they are about, and audit reads them back as they are.
 */
export { type CheckpointSettings, type Checkpoints, openCheckpoints, type SignedCheckpoint } from './checkpoint.ts';
export { type AgentUses, usesOfAgent } from './decision-stats.ts';
export { type EntryKind, entryKinds, kindSentence } from './entry.ts';
export { type ExportOptions, exportLines, exportLog } from './export.ts';
export { LogFault } from './log-fault.ts';
export { type LogKey, logKey } from './log-key.ts';
export { noteKeys } from './note-keys.ts';
export { proveConsistency, proveInclusion } from './prove.ts';
export { receiptHeader, receiptOf, receiptOfPlaced } from './receipt.ts';
export { auditRoutes, findReadableEntry, mayReadAllRuns, type RunRooms, storyOf } from './routes.ts';
export { entriesOfTask, readDetail } from './store.ts';
export { type Story, type TracedEntry, traceRun } from './trace.ts';
export { attemptToUndo, mayNotRepeat, undoneUntil } from './undoing.ts';
export { anchorsIn, type ExportCheck, verifyExport } from './verify.ts';
