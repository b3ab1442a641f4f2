import type { TenantId } from '@ambit/protocol';
import { randomId } from '../ids.ts';
import { entry, insert, planeItself, table } from './index.ts';
import { handClock, openTestPostgresAt } from './testing.ts';

export type Page = { id: string; text: string };
export const pages = table<Page>('test_pages', { columns: { id: 'text', text: 'text' }, key: ['id'], governed: true });

/** As a program: writes until it is killed, and says the id of each entry and row that was acknowledged. */
async function writeFor(url: string, tenant: TenantId): Promise<never> {
  const database = await openTestPostgresAt(url, handClock());
  const one = async (): Promise<never> => {
    while (true) {
      const note = entry({ id: randomId('entry'), kind: 'test.said', who: planeItself });
      await database.commit({ tenant, changes: [insert(pages, { id: note.id, text: '' })], entries: [note] });
      process.stdout.write(`${note.id}\n`);
    }
  };
  return Promise.race([one(), one(), one(), one()]);
}

const [, script, url, tenant] = process.argv;
if (script === import.meta.filename && url !== undefined) await writeFor(url, tenant as TenantId);
