/** The first ten minutes: what `npm start` prints leads a person into the console, to a question that they can answer. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { buildConsole } from '../../scripts/parts/build-console.ts';
import { freePort } from '../../server/test/free-port.ts';
import { addAuthenticator } from './authenticator.ts';
import { noBrowser, openBrowser } from './browser.ts';

const directory = mkdtempSync(join(tmpdir(), 'ambit-first-minutes-'));
const example = join(import.meta.dirname, '../../examples/shop/src/start.ts');
let started: ChildProcess | undefined;

after(async () => {
  if (started?.exitCode === null && started.kill('SIGTERM')) await once(started, 'exit');
  rmSync(directory, { recursive: true, force: true });
});

/** The example as a newcomer starts it, and what it has said so far. */
async function startExample(): Promise<{ readonly url: string; says(what: RegExp): Promise<RegExpExecArray> }> {
  const port = await freePort();
  const env = {
    ...process.env,
    AMBIT_AGENT_PORT: '0',
    AMBIT_PEOPLE_PORT: `${port}`,
    AMBIT_DATA: join(directory, 'data'),
    AMBIT_KEYS: join(directory, 'keys/ambit.keys'),
  };
  const child = spawn(process.execPath, ['--conditions=ambit-source', example], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  started = child;
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  return {
    url: `http://localhost:${port}`,
    async says(what) {
      for (;;) {
        const found = what.exec(text);
        if (found !== null) return found;
        assert.equal(child.exitCode, null, `it ended, and said:\n${text}`);
        const told = once(child.stderr, 'data', { signal: AbortSignal.timeout(60_000) });
        await told.catch(() => assert.fail(`${what} was not said in a minute, but:\n${text}`));
      }
    },
  };
}

test('Bob makes a passkey with the code that npm start prints, and answers in the browser', {
  skip: noBrowser,
}, async () => {
  await buildConsole();
  const { url, says } = await startExample();
  const [, code = ''] = await says(/one-time code.*\n\s+(ten_\S+)\n/);
  await says(/refunds 80\.00: waits for Bob/);
  const browser = await openBrowser();
  try {
    const page = await browser.context.newPage();
    await addAuthenticator(browser.context, page);
    await page.goto(url);
    await page.getByRole('button', { name: 'I have a one-time code' }).click();
    await page.getByLabel('One-time code').fill(code);
    await page.getByRole('button', { name: 'Make a passkey' }).click();
    // What was asked before that passkey is withdrawn: it could not have answered it.
    const [, asked = ''] = await says(
      /the run begins again[\s\S]*ended now: 1 of their tasks, 1 open questions[\s\S]*approval answer (apr_\w+)/,
    );
    await page.goto(`${url}/inbox/${asked}`);
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    const confirm = page.getByRole('alertdialog').getByRole('button', { name: 'Use passkey' });
    await confirm.waitFor();
    // What is pressed in the first moment answers nothing.
    await page.waitForTimeout(1000);
    await confirm.click();
    await says(/the run begins again[\s\S]*refunds 80\.00: 201/);
    await page.getByRole('link', { name: 'See the run' }).click();
    await page.getByRole('list', { name: 'What happened' }).waitFor();
  } finally {
    await browser.close();
  }
});
