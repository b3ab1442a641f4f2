import type { TaskShown } from '@ambit/sdk/operator';

/** Whether something may still be done under it. */
export const isLive = ({ state }: Pick<TaskShown, 'state'>): boolean =>
  state === 'approved' || state === 'active' || state === 'requested';
