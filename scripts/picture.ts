/** node scripts/bootstrap.mjs picture < trace: draws what `ambit run show` printed as docs/run.svg. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { traceToSvg } from './parts/trace-picture.ts';

const trace = await text(process.stdin);
const start = trace.indexOf('Run tsk_');
if (start === -1) {
  process.stderr.write(
    'No run came on standard input; try: ambit run show <task> | node scripts/bootstrap.mjs picture\n',
  );
  process.exit(1);
}
const file = join(import.meta.dirname, '../docs/run.svg');
writeFileSync(file, traceToSvg(trace.slice(start)));
process.stdout.write(`${file} is drawn\n`);
