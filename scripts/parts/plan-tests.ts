/**
 * In which order the files of tests run, and which of them share a process. Nothing here decides what a test finds: a wrong
 * figure costs seconds, no more.
 */

/** Files that run in one process, one after the other; seconds are what they took once, on two quiet cores. */
export type Batch = { readonly files: readonly string[]; readonly seconds: number; readonly needsBrowser: boolean };

/** What a file takes that is named in none of the others, by how its path begins. The first that fits counts. */
const usualSeconds: readonly (readonly [path: string, seconds: number])[] = [
  ['server/test/faults/kill-under-load', 60],
  ['console/test/states', 60],
  ['console/test/every-page', 50],
  ['server/test/attacks/stale-fact', 45],
  ['server/test/nodes/lost-node', 40],
  ['console/test/', 14],
  ['server/test/nodes/', 12],
  ['server/test/faults/', 10],
  ['server/test/fuzz/', 10],
  ['server/test/releases/', 10],
  ['test/', 8],
  ['examples/', 4],
  ['cli/src/plane', 5],
  ['server/test/', 3],
  ['', 0.6],
];

/** Where files may share a process: loading all the rooms costs more than most of their tests. */
const sharing =
  /^(server\/src|server\/test\/(attacks|journeys|conformance)|protocol\/src|sdk\/src|console\/(src|test))\//;

/**
 * What belongs to the whole process, and what is measured of it: a file that changes it, reads it or imports what does has a
 * process of its own, as has one that holds something to its milliseconds.
 */
const ownsProcess =
  /\bprocess\.(chdir|memoryUsage|cpuUsage|on|once|exitCode|env\.\w+ =)|\bglobalThis\.\w+ =|\bDate\.now =|\bMath\.random =|\bmock\.|setDefaultCACertificates|setGlobalDispatcher|performance\.now/;

const batchFilesMax = 12;
const batchSecondsMax = 42;

/** The longest first, so that none of them is what everybody waits for in the end. `read` answers undefined where no such file is. */
export function planTests(
  files: readonly string[],
  { share, read }: { readonly share: boolean; readonly read: (file: string) => string | undefined },
): Batch[] {
  const owns = ownership(read);
  const together = new Map<string, string[]>();
  const batches: Batch[] = [];
  for (const file of files) {
    const place = sharing.exec(file)?.[0];
    if (!share || place === undefined || secondsOf(file) > batchSecondsMax || owns(file)) batches.push(batchOf([file]));
    else together.set(place, [...(together.get(place) ?? []), file]);
  }
  for (const all of together.values()) {
    const perBatch = Math.max(1, Math.min(batchFilesMax, Math.floor(batchSecondsMax / secondsOf(all[0] ?? ''))));
    for (let from = 0; from < all.length; from += perBatch) batches.push(batchOf(all.slice(from, from + perBatch)));
  }
  return batches.sort((a, b) => b.seconds - a.seconds);
}

function batchOf(files: readonly string[]): Batch {
  const seconds = files.reduce((sum, file) => sum + secondsOf(file), 0);
  return { files, seconds, needsBrowser: files.some((file) => file.startsWith('console/test/')) };
}

const secondsOf = (file: string) => usualSeconds.find(([path]) => file.startsWith(path))?.[1] ?? 0;

/** Whether a file or what it imports beside the sources does something to its whole process. */
function ownership(read: (file: string) => string | undefined): (file: string) => boolean {
  const known = new Map<string, boolean>();
  const owns = (file: string): boolean => {
    const before = known.get(file);
    if (before !== undefined) return before;
    // Where files import each other in a circle, the others tell.
    known.set(file, false);
    const text = read(file) ?? '';
    const imported = [...text.matchAll(/\b(?:from|import) ?\(?'(\.[^']+)'/g)].map(([, path = '']) => path);
    const isOwn =
      ownsProcess.test(text) ||
      imported
        .map((path) => resolveFrom(file, path))
        .filter(isOfTests)
        .some(owns);
    known.set(file, isOwn);
    return isOwn;
  };
  return owns;
}

const isOfTests = (file: string) => /^(server\/test|examples)\//.test(file) || /\btest(ing)?\b/.test(file);

const resolveFrom = (file: string, path: string) => new URL(path, `file:///${file}`).pathname.slice(1);
