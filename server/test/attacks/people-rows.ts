import { readFileSync } from 'node:fs';

/** A row of the people's listener. test/docs.test.ts holds that docs/api.md is what the route tables say. */
export type Row = {
  readonly method: string;
  readonly path: string;
  readonly who: string;
  /** It is told by a name or an id, in its path, query or body, what it is about. */
  readonly isAbout: boolean;
};

export function peoplesRows(): readonly Row[] {
  const page = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');
  const part = page.split('## The people’s listener')[1]?.split('\n## ')[0] ?? '';
  const bodies = new Map(
    [...part.matchAll(/^\*\*([A-Z]+ \S+)\*\*\n\n```text\n([^`]*)```/gm)].map(([, a, b]) => [a, b]),
  );
  const found = [...part.matchAll(/^\| `([A-Z]+) (\/[^`]*)` \| ([a-z-]+) \|/gm)];
  return found.map(([, method = '', path = '', who = '']) => {
    const isAbout = path.includes('{') || (bodies.get(`${method} ${path}`) ?? '').includes('id of one ');
    return { method, path, who, isAbout };
  });
}

export const nameOf = ({ method, path }: Row): string => `${method} ${path}`;

/** The row that a request goes to. What is spelled out comes before what a name stands for. */
export function rowAt(rows: readonly Row[], method: string, pathname: string): Row | undefined {
  const fits = ({ path }: Row) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname);
  const found = rows.filter((row) => row.method === method && fits(row));
  return found.find(({ path }) => path === pathname) ?? found[0];
}
