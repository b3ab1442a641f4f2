// The disk takes no more. A limit on the size of files makes the system itself refuse to write; a small file system of
// its own, where this machine lets us mount one, is full in earnest.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { refused, until } from '../attacks/witness.ts';
import { namesHeard, openStage, type Stage } from './stage.ts';

const hasPrlimit = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0;

/** Pays until a payment is refused; answers the names of those that went through. */
async function payUntilRefused(stage: Stage): Promise<string[]> {
  const paid: string[] = [];
  for (let i = 0; i < 400; i++) {
    const { name, response } = await stage.pay();
    if (response.status !== 201) {
      await refused(response, 'store.unavailable');
      return paid;
    }
    paid.push(name);
    await response.arrayBuffer();
  }
  return assert.fail('the disk never got full');
}

/** While nothing can be written, nothing is let out; once it can, the plane goes on by itself. */
async function playFull(stage: Stage, lift: () => void): Promise<void> {
  const paid = await payUntilRefused(stage);
  for (let i = 0; i < 5; i++) {
    const told = await refused((await stage.pay()).response, 'store.unavailable');
    assert.match(told.detail, /Nothing was done\. Try again/);
  }
  await assert.rejects(stage.house.openTask(), /store|Nothing was done/, 'a change without its entry');
  const [heard, written] = [namesHeard(stage.upstream), stage.plane.written()];
  lift();
  assert.deepEqual(heard, paid, 'something was sent that could not be written down');
  assert.match(written, /disk (is full|failed)/, 'the operator is not told');
  const { response } = await until('an ordinary answer', async () => {
    const tried = await stage.pay();
    return tried.response.status === 201 ? tried : undefined;
  });
  assert.equal(response.status, 201);
  await until('the outcome of every call', async () => {
    const log = await stage.holds();
    const ended = new Set(log.filter(({ header }) => header.kind === 'call.outcome').map(({ header }) => header.about));
    const permits = log.filter(({ header }) => header.kind === 'call.decided' && header.decision === 'permit');
    return permits.every(({ header }) => ended.has(header.id)) ? true : undefined;
  });
}

test('where the system refuses to let files grow, every call is refused until it does not', {
  skip: hasPrlimit ? false : 'needs prlimit of util-linux',
}, async () => {
  const stage = await openStage();
  try {
    const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(stage.plane.pid), `--fsize=${bytes}`]);
    const { size } = statSync(join(stage.house.config.dataDirectory, 'ambit.db-wal'));
    limit(`${size + 100_000}:unlimited`);
    await playFull(stage, () => limit('unlimited:unlimited'));
  } finally {
    await stage.close();
  }
});

test('on a disk that is full in earnest, every call is refused until there is room again', {
  skip: canMount() ? false : 'this user may not mount a file system',
}, async () => {
  const disk = mkdtempSync(join(tmpdir(), 'ambit-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]);
  const usual = process.env.TMPDIR;
  process.env.TMPDIR = disk;
  try {
    // Without the reserve that turns agents away before the disk is full: this is about what happens then.
    const stage = await openStage({ env: { AMBIT_DISK_RESERVE_MEBIBYTES: '0' } });
    try {
      const filler = join(disk, 'filler');
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(filler, Buffer.alloc(Number(bavail) * Number(bsize) - 200_000));
      await playFull(stage, () => rmSync(filler));
    } finally {
      await stage.close();
    }
  } finally {
    if (usual === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = usual;
    // Lazily: where the stage did not open, what it left open must not hide why.
    execFileSync('umount', ['--lazy', disk]);
    rmdirSync(disk);
  }
});

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const place = mkdtempSync(join(tmpdir(), 'ambit-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place]).status === 0;
  if (mounted) execFileSync('umount', [place]);
  rmdirSync(place);
  return mounted;
}
