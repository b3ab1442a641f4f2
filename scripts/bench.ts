/** npm run bench [-- [--json] [--write] [--quick] [--only NAME[,NAME]] [--profile NAME] [--list]] */
import { runBench } from '../bench/run-bench.ts';

await runBench(process.argv.slice(2));
