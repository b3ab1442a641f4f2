import { createServer } from 'node:net';
import { ExampleFault } from './fault.ts';

/** @param what whose port it is, and how to name another, e.g. `where Ambit listens for agents (AMBIT_AGENT_PORT …)`. */
export type Wanted = { readonly port: number; readonly host: string; readonly what: string };

/** Asks for the port as its later holder will. 0 is always free. */
export function requireFree({ port, host, what }: Wanted): Promise<void> {
  return new Promise((free, taken) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      taken(
        new ExampleFault(
          error.code === 'EADDRINUSE'
            ? `port ${port} is taken, ${what}: stop what uses it (another npm start?) and start again`
            : `port ${port} of ${host} cannot be had, ${what}: ${error.message}`,
        ),
      ),
    );
    probe.listen(port, host, () => probe.close(() => free()));
  });
}

type Env = Readonly<Record<string, string | undefined>>;

/** Both listeners of the plane, as its settings say. What is no port at all is left to the plane to refuse. */
export async function requirePlanePortsFree(env: Env): Promise<void> {
  const wanted = [
    { setting: 'AMBIT_AGENT_PORT', fallback: '8420', whose: 'agents' },
    { setting: 'AMBIT_PEOPLE_PORT', fallback: '8421', whose: 'people' },
  ];
  for (const { setting, fallback, whose } of wanted) {
    const port = Number(env[setting] ?? fallback);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) continue;
    const what = `where Ambit listens for ${whose} (${setting} names another)`;
    await requireFree({ port, host: env.AMBIT_HOST ?? '127.0.0.1', what });
  }
}
