/**
 * Endings: how a task ends, all at once. The room promises that one unit ends the task, the tasks below it and the
 * questions under them, that calls on their way are held back or cut, and that one entry lists what died and how long
 * it took. It deliberately kills no token and no loan: those read from their task that they are dead.
 */
export type { Cause, Ending, Reach } from './end.ts';
export { endAgentTasks } from './end-agent.ts';
export { completeTask, revokeTask } from './end-task.ts';
export type { Ended } from './hanging.ts';
export { hearEndings } from './hear.ts';
export {
  type CutSignal,
  CutSwitch,
  createLive,
  type Elsewhere,
  type Live,
  type OpenCall,
  type Opened,
} from './live.ts';
export { endingsRoutes } from './routes.ts';
export { sweepTasks } from './sweep.ts';
