import type { TaskId, TemplateKeyId, TenantId } from '@ambit/protocol';
import { type Change, type Ground, insert, table, update } from '../../foundation/index.ts';

/** The task that a static key opened last. Not governed: it gives nothing, a task says itself whose it is. */
type KeyTask = { readonly key: TemplateKeyId; readonly task: TaskId };
const keyTasks = table<KeyTask>('template_key_tasks', {
  columns: { key: 'text', task: 'text' },
  key: ['key'],
  governed: false,
});

export const findKeyTask = ({ database }: Ground, tenant: TenantId, key: TemplateKeyId) =>
  database.find(keyTasks, tenant, { key });

/** Of two who would open the next one at once, one does. */
export const nameKeyTask = (key: TemplateKeyId, task: TaskId, last: KeyTask | undefined): Change =>
  last === undefined
    ? insert(keyTasks, { key, task }, 'state.changed')
    : update(keyTasks, { key }, { task }, { where: { task: last.task } });
