/** An address of the console. Its page is `pages/<page>/page.tsx`; where that is not there yet, nothing leads to it. */
export type Place = {
  /** As TanStack Router writes it: `$task` is a part of the address, `{-$approval}` one that may be missing. */
  readonly path: string;
  /** The folder of the page. */
  readonly page: string;
  /** Our words only: they stand in the tab of the browser. */
  readonly title: string;
  /** Where it stands in the sidebar, if it does. */
  readonly group?: 'first' | 'work' | 'rules' | 'proof';
  /** `G` and this letter lead there. */
  readonly letter?: string;
  /** Whether it stands alone, without the sidebar and without a person signed in. */
  readonly isAlone?: boolean;
};

/** In the order of the sidebar. */
export const places: readonly Place[] = [
  { path: '/inbox/{-$approval}', page: 'inbox', title: 'Inbox', group: 'first', letter: 'i' },
  { path: '/me', page: 'me', title: 'Acting for me', group: 'first', letter: 'm' },
  { path: '/runs', page: 'runs', title: 'Runs', group: 'work', letter: 'r' },
  { path: '/runs/$task', page: 'run', title: 'Run' },
  { path: '/tasks', page: 'tasks', title: 'Tasks', group: 'work', letter: 't' },
  { path: '/tasks/new', page: 'new-task', title: 'New task' },
  { path: '/tasks/$task', page: 'task', title: 'Task' },
  { path: '/agents', page: 'agents', title: 'Agents', group: 'work', letter: 'a' },
  { path: '/agents/new', page: 'new-agent', title: 'New agent' },
  { path: '/agents/$agent/{-$tab}', page: 'agent', title: 'Agent' },
  { path: '/catalog', page: 'catalog', title: 'Catalog', group: 'rules', letter: 'c' },
  { path: '/catalog/unmatched', page: 'unmatched', title: 'Unmatched calls' },
  { path: '/catalog/$api/import', page: 'import-api', title: 'Import an API' },
  { path: '/catalog/$api/{-$action}', page: 'action', title: 'Action' },
  { path: '/policies', page: 'policies', title: 'Policies', group: 'rules', letter: 'p' },
  { path: '/policies/$versions', page: 'policy', title: 'Policy' },
  { path: '/proposals/{-$proposal}', page: 'proposals', title: 'Proposals', group: 'rules', letter: 'w' },
  { path: '/log', page: 'log', title: 'Log', group: 'proof', letter: 'l' },
  { path: '/log/$entry', page: 'entry', title: 'Entry' },
  { path: '/settings/{-$tab}', page: 'settings', title: 'Settings' },
  { path: '/start/{-$step}', page: 'start', title: 'Your first decided call', isAlone: true },
  { path: '/sign-in', page: 'sign-in', title: 'Sign in', isAlone: true },
  { path: '/sign-in/callback', page: 'sign-in-callback', title: 'Sign in', isAlone: true },
];
