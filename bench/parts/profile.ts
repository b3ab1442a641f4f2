/** A profile of V8, as far as it is read here. */
export type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples?: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas?: readonly number[];
};

export type Share = { readonly where: string; readonly share: number };
export type Summary = {
  /** Time of the thread that was not idle, microseconds. */
  readonly busyUs: number;
  /** By the module whose code ran. */
  readonly self: readonly Share[];
  /** By the nearest module of this project above whatever ran: what that module's own work costs, all in. */
  readonly onBehalfOf: readonly Share[];
  readonly functions: readonly Share[];
};

const rowsMax = 40;
/** Not work of the server: waiting, and the profiler's own. */
const isLeftOut = ({ functionName, url }: CpuProfile['nodes'][number]['callFrame']) =>
  functionName === '(idle)' || functionName === '(root)' || url === 'node:inspector';

/** Where a thread spent its time. */
export function summarise({ nodes, samples = [], timeDeltas = [] }: CpuProfile, root: string): Summary {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const self = new Map<string, number>();
  const behalf = new Map<string, number>();
  const functions = new Map<string, number>();
  let busyUs = 0;
  const owners = new Map<number, string | undefined>();
  function nearest(id: number): string | undefined {
    if (owners.has(id)) return owners.get(id);
    const node = byId.get(id);
    const parent = parents.get(id);
    const own = node && isOurs(node.callFrame.url, root) ? moduleOf(node.callFrame, root) : undefined;
    const found = own ?? (parent === undefined ? undefined : nearest(parent));
    owners.set(id, found);
    return found;
  }
  samples.forEach((id, i) => {
    const frame = byId.get(id)?.callFrame;
    if (frame === undefined || isLeftOut(frame)) return;
    const us = timeDeltas[i] ?? 0;
    busyUs += us;
    const at = moduleOf(frame, root);
    add(self, at, us);
    add(functions, `${frame.functionName || '(anonymous)'} ${at}:${frame.lineNumber + 1}`, us);
    add(behalf, nearest(id) ?? at, us);
  });
  const shares = (of: Map<string, number>): Share[] =>
    [...of]
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, rowsMax)
      .map(([where, us]) => ({ where, share: us / busyUs }));
  return { busyUs, self: shares(self), onBehalfOf: shares(behalf), functions: shares(functions) };
}

function add(to: Map<string, number>, name: string, us: number): void {
  to.set(name, (to.get(name) ?? 0) + us);
}

const isOurs = (url: string, root: string) => url.startsWith(root) && !url.includes('/node_modules/');

/** A file of this project, a package of npm, a module of Node, or what V8 does itself. */
function moduleOf({ url, functionName }: CpuProfile['nodes'][number]['callFrame'], root: string): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)';
  const inPackage = /\/node_modules\/((?:@[^/]+\/)?[^/]+)/g;
  const packages = [...url.matchAll(inPackage)];
  if (packages.length > 0) return packages.at(-1)![1]!;
  return url.startsWith(root) ? url.slice(root.length) : url;
}

const shownMax = 12;

/** The summary, as short as a row can carry it. */
export function timeGoes({ self, onBehalfOf, functions }: Summary): TimeGoes {
  const short = (shares: readonly Share[]) =>
    shares.slice(0, shownMax).map(({ where, share }) => `${(share * 100).toFixed(1)} % ${where}`);
  return { onBehalfOf: short(onBehalfOf), self: short(self), functions: short(functions) };
}

/** By the nearest module of the project, by the module that ran, and by function: shares of the busy time. */
export type TimeGoes = Readonly<Record<'onBehalfOf' | 'self' | 'functions', readonly string[]>>;

export function profileText(title: string, { self, onBehalfOf, functions }: Summary): string {
  const list = (head: string, shares: readonly Share[]) =>
    [`  ${head}`, ...shares.map(({ where, share }) => `  ${(share * 100).toFixed(1).padStart(6)} %  ${where}`)].join(
      '\n',
    );
  return [
    `${title}: busy time`,
    list('by the code that ran', self),
    list('by the nearest module of this project above it', onBehalfOf),
    list('by function', functions),
  ].join('\n');
}
