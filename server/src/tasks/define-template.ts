import { entry, type Ground, insert, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { purposeTypes, templates } from './store.ts';
import { requireFillable, type Template } from './template.ts';

export function defineTemplate(
  ground: Ground,
  caller: PersonCaller,
  input: Omit<Template, 'id' | 'state'>,
): Promise<Template> {
  return span('tasks/define-template', async () => {
    const purpose = await ground.database.find(purposeTypes, caller.tenant, { name: input.purposeType });
    if (purpose?.state !== 'active') throw refuse('task.purpose_unknown', `no purpose type ${input.purposeType}`);
    requireFillable(input);
    const row: Template = { ...input, id: ground.newId('template'), state: 'active' };
    await ground.database.commit({
      tenant: caller.tenant,
      changes: [insert(templates, row)],
      entries: [entry({ id: ground.newId('entry'), kind: 'task.template-defined', who: caller.who, detail: row })],
    });
    return row;
  });
}
