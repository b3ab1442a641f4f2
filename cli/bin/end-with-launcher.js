/**
 * Preloaded (`--import`) into a process that stands in for its launcher or belongs to it; the launcher's process id is
 * the query of the module's URL. Nobody can catch SIGKILL and hand it on, so this one looks whether the launcher is
 * still there, and ends the way SIGTERM would end it. Plain JavaScript; it imports nothing but Node.
 */
import { isMainThread } from 'node:worker_threads';

const launcher = Number(new URL(import.meta.url).search.slice(1));
const everyMilliseconds = 250;
const graceMilliseconds = 10_000;
/** False in what this process starts in turn with the same options: there only the process id can be asked about. */
const isOurParent = process.ppid === launcher;

function isGone() {
  // A killed launcher that nobody has reaped still has its id; its children have another parent at once.
  if (isOurParent && process.ppid !== launcher) return true;
  try {
    process.kill(launcher, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

if (isMainThread && Number.isSafeInteger(launcher) && launcher > 0) {
  const looking = setInterval(() => {
    if (!isGone()) return;
    clearInterval(looking);
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMilliseconds).unref();
    process.kill(process.pid, 'SIGTERM');
  }, everyMilliseconds).unref();
}
