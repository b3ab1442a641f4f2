import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { windowsOf } from './window.ts';

const starts = fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 });
const spans = fc.integer({ min: 1, max: 100_000 });

test('INVARIANT (no seam): all moments of any span share a window', () => {
  fc.assert(
    fc.property(starts, spans, fc.double({ min: 0, max: 1, noNaN: true }), (from, seconds, part) => {
      const later = from + Math.floor(part * seconds * 1000);
      const shared = windowsOf(from, seconds).filter((one) =>
        windowsOf(later, seconds).some(({ start }) => start === one.start),
      );
      assert.ok(shared.length > 0, `${from} and ${later} share no window of ${seconds} s`);
    }),
    { numRuns: 2000 },
  );
});

test('a moment lies in each of its windows, and none lasts longer than a quarter more than the span', () => {
  fc.assert(
    fc.property(starts, spans, (now, seconds) => {
      const windows = windowsOf(now, seconds);
      assert.equal(windows.length, 5);
      for (const { start, end } of windows) {
        assert.ok(start <= now && now < end && Number.isSafeInteger(start));
        assert.equal(end - start, seconds * 1250);
      }
    }),
  );
});
