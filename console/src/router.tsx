import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouteComponent,
  redirect,
} from '@tanstack/react-router';
import { pageFiles } from './page-files.ts';
import { places } from './places.ts';
import { Alone } from './shell/alone.tsx';
import { NothingHere } from './shell/nothing-here.tsx';
import { PageFault } from './shell/page-fault.tsx';
import { Shell } from './shell/shell.tsx';

const root = createRootRoute({ notFoundComponent: NothingHere });
const inside = createRoute({ getParentRoute: () => root, id: 'inside', component: Shell });
const alone = createRoute({ getParentRoute: () => root, id: 'alone', component: Alone });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad() {
    throw redirect({ to: '/inbox', replace: true });
  },
});

const routesOf = (parent: typeof inside | typeof alone, isAlone: boolean) =>
  places
    .filter((place) => (place.isAlone ?? false) === isAlone)
    .flatMap(({ path, page }) => {
      const load = pageFiles[page];
      if (load === undefined) return [];
      return createRoute({
        getParentRoute: () => parent,
        path,
        component: lazyRouteComponent(load, 'Page') as RouteComponent,
      });
    });

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    inside.addChildren(routesOf(inside, false)),
    alone.addChildren(routesOf(alone, true)),
  ]),
  defaultErrorComponent: PageFault,
  defaultPendingMs: 200,
  // What is in the address is what a colleague sees: texts, as they are written.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const given = Object.entries(search).filter(([, value]) => typeof value === 'string' && value !== '');
    const text = new URLSearchParams(given as [string, string][]).toString();
    return text === '' ? '' : `?${text}`;
  },
});
