import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { windowsAround } from '../foundation/index.ts';
import { sliceEnds, sliceOf } from './window.ts';

const starts = fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 });
const spans = fc.integer({ min: 1, max: 100_000 });

test('INVARIANT (no seam): of any two moments of a span, each lies in a slice that counts with that of the other', () => {
  fc.assert(
    fc.property(starts, spans, fc.double({ min: 0, max: 1, noNaN: true }), (from, seconds, part) => {
      const later = from + Math.floor(part * seconds * 1000);
      const [one, other] = [sliceOf(from, seconds), sliceOf(later, seconds)];
      const counted = ({ start, around }: typeof one) => [start, ...windowsAround(start, around)];
      assert.ok(counted(one).includes(other.start) && counted(other).includes(one.start), `${from}, ${later}`);
    }),
    { numRuns: 2000 },
  );
});

test('a moment lies in its slice, which counts for no longer than a quarter more than the span', () => {
  fc.assert(
    fc.property(starts, spans, (now, seconds) => {
      const { start, around } = sliceOf(now, seconds);
      assert.ok(start <= now && now < start + around.ms && Number.isSafeInteger(start));
      assert.equal(sliceEnds(start, around) - start, seconds * 1250);
    }),
  );
});
