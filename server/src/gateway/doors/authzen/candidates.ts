import { declaredArguments } from '../../../catalog/index.ts';
import { type PointCaller, refuse } from '../../../foundation/index.ts';
import { listAgents, listPersons } from '../../../identity/index.ts';
import type { Rooms } from '../../rooms.ts';
import { type Answer, type Evaluation, membersOf } from './evaluation.ts';
import { decideInDomain } from './in-domain.ts';
import { decideOwn } from './own-things.ts';
import type { Search } from './searched.ts';

/** Who or what could stand in the open place of a search, in an order that holds from page to page. */
export type Candidates = {
  /** Changes where the order or the candidates do: a page of before goes on with nothing. */
  readonly version: string;
  /** Those after one of them, at most `max`; a null question is of one that stands for nothing any more. */
  readonly after: (
    id: string,
    max: number,
  ) => Promise<readonly { readonly id: string; readonly asks: Evaluation | null }[]>;
  /** How many questions one page may ask. */
  readonly perPageMax: number;
  readonly decide: (asked: Evaluation) => Promise<Answer>;
};

const inOrder = (ids: readonly string[], search: Search): Candidates['after'] => {
  const sorted = ids.toSorted((one, other) => (one < other ? -1 : 1));
  return async (id, max) =>
    sorted
      .filter((one) => one > id)
      .slice(0, max)
      .map((one) => ({ id: one, asks: search.with(one) }));
};

/** What the directory of the domain holds of that type, or the actions of its schema. */
export async function candidatesInDomain(rooms: Rooms, caller: PointCaller, search: Search): Promise<Candidates> {
  // The official evaluator is given the whole directory with each question: a page of them would hold up everyone.
  if (rooms.judge !== null) throw refuse('search.not_here', 'the official evaluator judges one question at a time');
  const domain = await rooms.domains.current(caller.tenant, caller.domain ?? '');
  const ids = search.type === null ? domain?.actions.keys() : domain?.byType.get(search.type)?.map(({ id }) => id);
  return {
    version: String(domain?.number ?? 0),
    after: inOrder([...(ids ?? [])], search),
    perPageMax: 1000,
    decide: (asked) => decideInDomain(rooms, caller, asked),
  };
}

/**
 * Agents and persons that stand, or actions of the catalog. What APIs hold is theirs: of resources Ambit knows none. A
 * search for actions has no place for arguments, so those that an action declares are taken from `context.arguments`.
 */
export async function candidatesOfOwn(rooms: Rooms, caller: PointCaller, search: Search): Promise<Candidates> {
  const { ground } = rooms;
  const people = { agent: listAgents, person: listPersons, user: listPersons }[search.type ?? ''];
  const common = { perPageMax: 200, decide: (asked: Evaluation) => decideOwn(rooms, caller, asked) };
  if (search.find === 'subject' && people !== undefined) {
    return {
      ...common,
      version: 'subjects',
      async after(id, limit) {
        const rows: readonly { readonly id: string; readonly state: string }[] = await people(ground, caller.tenant, {
          limit,
          after: id,
        });
        return rows.map((row) => ({ id: row.id, asks: row.state === 'active' ? search.with(row.id) : null }));
      },
    };
  }
  if (search.find !== 'action') return { ...common, version: 'nothing', after: async () => [] };
  const { version, actions } = await rooms.catalog(caller.tenant);
  const given = membersOf(search.context.arguments ?? {});
  const asking: Search = {
    ...search,
    with(id) {
      const names = declaredArguments(actions.get(id)!).map(({ name }) => name);
      const known = Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name)));
      return { ...search.with(id), action: { name: id, properties: { arguments: known } } };
    },
  };
  return { ...common, version, after: inOrder([...actions.keys()], asking) };
}
