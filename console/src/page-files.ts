import type { ComponentType } from 'react';

type PageFile = { readonly Page: ComponentType };

const found = import.meta.glob<PageFile>('./pages/*/page.tsx');

/** The pages that are there, by the name of their folder: each is its own file of the build, loaded when it is opened. */
export const pageFiles: Readonly<Record<string, () => Promise<PageFile>>> = Object.fromEntries(
  Object.entries(found).map(([path, load]) => [path.split('/')[2] ?? '', load]),
);
