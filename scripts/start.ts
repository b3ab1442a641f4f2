/** npm start [-- --exit] [--json]: the example shop behind Ambit, and an agent's run through it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const demo = join(import.meta.dirname, '../examples/shop/src/start.ts');
if (!existsSync(demo)) {
  process.stderr.write(
    `ambit: ${demo} is missing from this checkout; fetch the whole repository, then run: npm start\n`,
  );
  process.exit(1);
}
const child = spawn(process.execPath, ['--conditions=ambit-source', demo, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Ctrl-C at a terminal reaches the demo by itself; passing it on would make one press count twice.
  process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
}
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
