/**
 * Tasks: what is being done, for whom, why, with what authority and until when. The room promises that a task names a
 * person only with that person's proof, that a child never exceeds its parent, and that a task belongs to the one key
 * that accepted it. It deliberately does not know tokens, decisions or approvals: they ask whether their task lives.
 */
export { acceptTask } from './accept.ts';
export { type Actor, type Delegated, type Delegation, delegateTask } from './delegate.ts';
export { type Elevation, elevationsMax, isStanding } from './elevation.ts';
export { narrowTask } from './narrow.ts';
export { type OpenLimits, type OpenTask, openOwnTask, openTask } from './open.ts';
export { openUndo } from './open-undo.ts';
export { isRemembered, type Remembered, rememberedMax } from './remembered.ts';
export { isWithin } from './require-narrower.ts';
export { agentTasksRoutes, tasksRoutes } from './routes.ts';
export {
  elevationOfApproval,
  elevationStands,
  elevations,
  elevationsOfRun,
  findChain,
  findElevation,
  findRemembered,
  findTask,
  findUndo,
  newestTasksOfAgent,
  purposeTypes,
  rememberedAnswers,
  rememberedBy,
  rememberedOfRun,
  rememberedStands,
  standingElevations,
  standingRemembered,
  taskIn,
  tasks,
  tasksBelow,
  tasksOfAgent,
  tasksOfRequester,
  tasksOfRun,
  type Undo,
} from './store.ts';
export {
  type Chain,
  delegatesMax,
  depthMax,
  isLive,
  type Origin,
  type Purpose,
  type Task,
  type TaskState,
} from './task.ts';
export type { Template } from './template.ts';
export { taskOfKey } from './template-keys/task-of-key.ts';
export { unknownPart } from './unknown-part.ts';
