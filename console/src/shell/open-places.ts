import { pageFiles } from '../page-files.ts';
import { type Place, places } from '../places.ts';

/** What the sidebar may lead to: places whose page is there. */
export const openPlaces: readonly Place[] = places.filter(
  ({ group, page }) => group !== undefined && pageFiles[page] !== undefined,
);

/** The address of a place without its parts that may be missing. */
export const pathOf = ({ path }: Place): string => path.replace(/\/\{-\$\w+\}/g, '');
