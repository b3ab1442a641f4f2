import { fuzzTest } from './fuzz-test.ts';

await fuzzTest('authority');
