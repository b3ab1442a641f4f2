// The file with the plane's own keys is missing, unreadable, open to others or cut short when the plane starts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeKeys } from '../../src/foundation/index.ts';
import { serve } from '../../src/main.ts';
import { openStage, type Stage } from './stage.ts';

const isRoot = process.getuid?.() === 0;
const rights = '-dac_override,-dac_read_search';
const bare = ['setpriv', `--bounding-set=${rights}`, `--inh-caps=${rights}`];
const canDrop = !isRoot || spawnSync(bare[0] ?? '', [...bare.slice(1), 'true']).status === 0;

let stage: Stage;
let file: string;
before(async () => {
  stage = await openStage();
  file = stage.house.config.keyFile;
  await stage.plane.stop();
});
after(async () => {
  try {
    await stage.plane.start();
    assert.equal((await stage.pay()).response.status, 201);
  } finally {
    await stage.close();
  }
});

/** It does not start, says why and what to do, shows no key, and leaves the data as it was. */
async function refuses(says: RegExp, start: () => Promise<unknown> = () => serve(stage.house.config)): Promise<void> {
  const data = join(stage.house.config.dataDirectory, 'ambit.db');
  const before = statSync(data).mtimeMs;
  await assert.rejects(start(), (error: Error) => {
    assert.match(error.message, says);
    assert.doesNotMatch(error.message, /PRIVATE KEY|"master"/);
    return true;
  });
  assert.equal(statSync(data).mtimeMs, before);
}

test('without its key file the plane does not start, and makes no new one', async () => {
  renameSync(file, `${file}.away`);
  try {
    await refuses(/there is no key file .*: run `ambit init`, or bring back your copy/);
    assert.equal(existsSync(file), false);
  } finally {
    renameSync(`${file}.away`, file);
  }
});

test('with a key file that others may read it does not start', async () => {
  for (const mode of [0o640, 0o604, 0o660]) {
    chmodSync(file, mode);
    await refuses(/others can read the key file .*: run `chmod 600 /);
  }
  chmodSync(file, 0o600);
});

test('with a key file that it may not read itself it does not start', {
  skip: canDrop ? false : 'needs setpriv of util-linux where tests run as root',
}, async () => {
  chmodSync(file, 0o000);
  try {
    const start = () => stage.plane.start(isRoot ? { through: bare } : {});
    await refuses(/the key file .* cannot be read \(EACCES\): make it a file of the user that runs Ambit/, start);
  } finally {
    chmodSync(file, 0o600);
  }
});

test('with half a key file, or an empty one, it does not start', async () => {
  const whole = readFileSync(file, 'utf8');
  try {
    for (const kept of [whole.slice(0, whole.length / 2), '']) {
      writeFileSync(file, kept);
      await refuses(/the key file .* cannot be read .*: bring back your copy/);
    }
  } finally {
    writeFileSync(file, whole);
  }
});

test('with the keys of another plane it does not start on this data', async () => {
  const whole = readFileSync(file, 'utf8');
  const dataDirectory = `${stage.house.config.dataDirectory}-other`;
  makeKeys({ file: `${file}.other`, json: null, dataDirectory }, Date.now);
  try {
    writeFileSync(file, readFileSync(`${file}.other`, 'utf8'));
    const says = /is not of this log.*Was the key file or the name of the log changed\?/s;
    await assert.rejects(serve(stage.house.config), says);
  } finally {
    writeFileSync(file, whole);
  }
});
