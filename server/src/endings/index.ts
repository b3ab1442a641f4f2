/**
 * Endings: how a task ends, all at once. The room promises that one unit ends the task, the tasks below it and the
 * questions under them, that calls on their way are held back or cut, and that one entry lists what died and how long
 * it took, also where an agent, a person or a token took several runs with it. It deliberately kills no loan and no
 * token of a task: those read from their task that they are dead.
 */
export type { Cause, Ending, Reach } from './end.ts';
export { endAgent, endAgentTasks } from './end-agent.ts';
export { endPerson } from './end-person.ts';
export { completeTask, revokeTask } from './end-task.ts';
export { endTemplateKey } from './end-template-key.ts';
export { endToken } from './end-token.ts';
export { countHanging, type Ended, type Left } from './hanging.ts';
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
export { listOrphans, type Orphans } from './orphans.ts';
export { endingsRoutes } from './routes.ts';
export { sweepTasks } from './sweep.ts';
