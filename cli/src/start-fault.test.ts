import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFault } from './start-fault.ts';

const logFault = (says: string) => Object.assign(new Error(says), { name: 'LogFault' });

test('a second place that cannot be used is not taken for a log that was changed', () => {
  const missing = logFault(
    'The folder of the second place for checkpoints, /mnt/none, cannot be written: mount it, or name another file.',
  );
  assert.match(startFault('Ambit did not start', missing).next, /AMBIT_CHECKPOINT_FILE/);
  const unreadable = logFault('The second place for checkpoints cannot be read (EACCES): make it a file of this user.');
  assert.match(startFault('Ambit did not start', unreadable).next, /AMBIT_CHECKPOINT_FILE/);
});

test('a log that contradicts its checkpoint keeps its own next step', () => {
  const changed = logFault('The checkpoint kept in the second place contradicts the store. It is shorter.');
  assert.match(startFault('Ambit did not start', changed).next, /Start nothing else on this data/);
});
