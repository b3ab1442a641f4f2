import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { scratchFolder } from './places.ts';
import { median, rounded } from './statistics.ts';

/** What the figures were measured on, in one sentence. */
export function machineText(): string {
  const all = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const system = /^PRETTY_NAME="?([^"\n]+)/m.exec(releaseText())?.[1] ?? process.platform;
  const cores = `${all.length} cores (${all[0]?.model.trim() ?? 'unknown'})`;
  return `Measured on ${cores}, ${gigabytes} GB, ${system}, Node ${process.versions.node}; one fsync takes ${rounded(fsyncMs())} ms.`;
}

function releaseText(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Of 4 KiB, on the disk of the checkout. */
function fsyncMs(): number {
  const file = join(scratchFolder(), 'fsync');
  const descriptor = openSync(file, 'w');
  const block = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 101 }, () => {
    const started = performance.now();
    writeSync(descriptor, block);
    fdatasyncSync(descriptor);
    return performance.now() - started;
  });
  closeSync(descriptor);
  rmSync(file);
  return median(times);
}
