import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectOperator, enrol, newKey } from '@ambit/sdk/operator';
import { readConfig } from '../src/config.ts';
import { serve } from '../src/main.ts';
import { initialise } from '../src/opening.ts';
import { freePort } from './free-port.ts';
import type { Player } from './house.ts';

/** A plane on its first day: Ada administers it, and nothing else is there. */
export async function openEmptyHouse() {
  const directory = mkdtempSync(join(tmpdir(), 'ambit-empty-'));
  const port = await freePort();
  const config = readConfig({
    AMBIT_DATA: join(directory, 'data'),
    AMBIT_KEYS: join(directory, 'keys', 'ambit.keys'),
    AMBIT_AGENT_PORT: '0',
    AMBIT_PEOPLE_PORT: String(port),
    AMBIT_PEOPLE_ORIGIN: `http://localhost:${port}`,
    AMBIT_CHECKPOINT_FILE: join(directory, 'second-place.txt'),
  });
  const { code } = await initialise(config, { tenant: 'Acme', administrator: 'Ada' });
  const plane = await serve(config);
  const key = await newKey();
  const { person } = await enrol({ url: plane.people, code: code.unwrap(), key });
  const ada: Player = { id: person, key, operator: await connectOperator({ url: plane.people, person, key }) };
  return {
    plane,
    ada,
    async close() {
      await plane.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
