import { entry, type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { isAdministrator, listPersons } from '../identity/index.ts';
import { addTwoPersons, changeTwoPersons, findTwoPersons, type TwoPersons } from './store.ts';

const personsMax = 500;

/** Sets whether lowering a gate takes two persons. To want it no more lowers a gate itself. */
export function setTwoPersons(ground: Ground, by: PersonCaller, required: boolean): Promise<TwoPersons> {
  return span('proposals/set-two-persons', async () => {
    const before = await findTwoPersons(ground, by.tenant);
    if (required) await requireAnother(ground, by);
    const row: TwoPersons = {
      gates: 'all',
      required: required ? 'yes' : 'no',
      setBy: by.person,
      setAt: ground.clock(),
    };
    await ground.database.commit({
      tenant: by.tenant,
      changes: [before === undefined ? addTwoPersons(row) : changeTwoPersons(before, row)],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'proposal.two-persons-set',
          who: by.who,
          detail: { before: before?.required ?? 'no', after: row.required },
        }),
      ],
    });
    return row;
  });
}

/** Alone, nobody could ever lower anything again, not even this. */
async function requireAnother(ground: Ground, { tenant, person }: PersonCaller): Promise<void> {
  const persons = await listPersons(ground, tenant, { limit: personsMax });
  if (persons.some((one) => one.id !== person && isAdministrator(one))) return;
  throw refuse('proposal.nobody_else', `${person} is the only administrator`);
}
