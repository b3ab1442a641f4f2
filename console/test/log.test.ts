// Alice looks into the log: she finds an entry, and her browser proves it without believing the plane.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import {
  type EntryId,
  entryProofShape,
  parse,
  parseVerifierKey,
  type Receipt,
  toBase64Url,
  verifyEntryProof,
  verifyReceipt,
} from '@ambit/protocol';
import type { Page } from 'playwright-core';
import { asked, atWork, type Working } from '../../server/test/attacks/questions.ts';
import { refund } from '../../server/test/attacks/witness.ts';
import { order } from '../../server/test/house.ts';
import { noBrowser } from './browser.ts';
import { openStand, requireAccessible, type Stand } from './stand.ts';

let stand: Stand;
let page: Page;
let working: Working;
let denied: EntryId;
before(async () => {
  if (noBrowser !== false) return;
  stand = await openStand();
  const { house } = stand;
  working = await atWork(house);
  const { agent, token, task } = working;
  await agent.call(token, 'GET', `/api/shop/orders/${order}`);
  assert.equal((await refund(agent, token, '180.00')).status, 403);
  await asked(house, working, '80.00');
  const found = await house.carol.operator.log.search({ task, decision: 'deny' });
  denied = found.entries[0]?.header.id ?? assert.fail('nothing was denied');
  page = (await stand.signIn(house.alice, '/log')).page;
});
after(() => stand?.close());

const browserTest = (name: string, play: () => Promise<void>) => test(name, { skip: noBrowser }, play);
const rows = () => page.getByRole('list', { name: 'Entries, newest first' }).getByRole('listitem');
const search = async (text: string) => {
  await page.keyboard.press('/');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
};
const open = async (entry: EntryId) => {
  await page.goto(`${stand.url}/log/${entry}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
};
const verify = () => page.getByRole('button', { name: 'Verify on this page' }).click();
const proven = /Entry [\d,]+ is in the log that the checkpoint of \d\d:\d\d signs\./;

/** Members of answers that are altered below. */
type Answer = {
  header: { decision: string };
  detail: { detail: object };
  checkpoint: string;
  key: string;
  size: number;
  path: string[];
};

/** The plane as somebody on the way, or the plane itself, would have it answer. */
async function answering(url: string, change: (body: Answer) => unknown, run: () => Promise<void>) {
  await page.route(url, async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as Answer;
    change(body);
    await route.fulfill({ response, json: body });
  });
  await run();
  await page.unroute(url);
}

browserTest('entries are found by any field, which stands in the address', async () => {
  await rows().first().waitFor();
  await search('refund-bot deny shop:order/*');
  await page.waitForURL((url) => url.searchParams.get('q') === 'refund-bot deny shop:order/*');
  await rows().filter({ hasText: 'shop:refunds.create' }).waitFor();
  assert.equal(await rows().count(), 1);
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await page.waitForURL((url) => url.searchParams.get('q') === 'refund-bot shop:order/* decision:ask');
  await rows().filter({ hasText: 'Ask' }).first().waitFor();
});

browserTest('what cannot be read, and what is not there, is said', async () => {
  await search('agent:nobody');
  await page.getByText('No agent here is called “nobody”.').waitFor();
  await search('kind:call.never');
  await page.getByText('No entry is like that.').waitFor();
  await page.getByRole('link', { name: 'Show all entries' }).click();
  await rows().first().waitFor();
  await page.getByText('A person with the role auditor sees all of it.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Export the log' }).isDisabled(), true);
});

browserTest('an entry says who, what and why, and the browser proves it', async () => {
  await search('deny');
  await rows().first().waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  await page.keyboard.press('o');
  await page.waitForURL(`${stand.url}/log/${denied}`);
  await page.getByRole('heading', { name: /may not refund 180.00/ }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Save the proof' }).isDisabled(), true);
  await page.keyboard.press('v');
  await page.getByText(proven).waitFor();
  const sidebar = page.getByRole('navigation', { name: 'Pages' });
  await sidebar.getByText('Acme').waitFor();
  await sidebar.getByText(/^Log verified to entry \d+$/).waitFor();
  await page.getByText('the first checkpoint that this browser saw').waitFor();
  await page.getByText('Sentences and names are the plane’s telling of them, and no part of it.').waitFor();
});

browserTest('the proof is a file that is checked without the page', async () => {
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the proof' }).click();
  const saved = await saving;
  assert.equal(saved.suggestedFilename(), `${denied}.json`);
  const file = JSON.parse(readFileSync(await saved.path(), 'utf8')) as { key: string; receipt: Receipt };
  assert.ok(verifyReceipt(file.receipt, parseVerifierKey(file.key, sha256), sha256, verifyEd25519));
  assert.equal(file.receipt.entry, denied);
  const proof = parse(entryProofShape, file);
  const { key } = await stand.house.carol.operator.log.checkpoint();
  const verdict = verifyEntryProof(proof, { key, sha256, verify: verifyEd25519 });
  assert.ok(verdict.ok && verdict.detail === 'whole', verdict.says);
});

browserTest('an auditor saves the log as a table, with a row for each entry of the organisation', async () => {
  const { page: hers } = await stand.signInElsewhere(stand.house.carol, '/log');
  const saving = hers.waitForEvent('download');
  await hers.getByRole('button', { name: 'As a table (CSV)' }).click();
  const saved = await saving;
  assert.equal(saved.suggestedFilename(), 'ambit-log.csv');
  const [head, ...lines] = readFileSync(await saved.path(), 'utf8')
    .trimEnd()
    .split('\r\n');
  assert.match(head ?? '', /^index,at,entry,kind,decision,code,initiator,/);
  assert.match(lines.find((line) => line.includes(denied)) ?? '', /,call\.decided,deny,/);
  assert.match(lines.at(-1) ?? '', /,log\.exported,/);
});

browserTest('a log that went on begins with what the browser saw before', async () => {
  await working.agent.call(working.token, 'GET', `/api/shop/orders/${order}`);
  await open(denied);
  await verify();
  await page.getByText(proven).waitFor();
  await page.getByText(/begins with the [\d,]+ entries that this browser saw before/).waitFor();
});

browserTest('an entry, a detail, a signature or a path that was altered fails, and nothing can be saved', async () => {
  const one = `${stand.url}/v1/log/entries/${denied}`;
  const forged: readonly [string, (body: Answer) => unknown, RegExp][] = [
    [one, (body) => Object.assign(body.header, { decision: 'permit' }), /as it is shown is not in the log/],
    [one, (body) => Object.assign(body.detail.detail, { forged: 'yes' }), /detail is not the one that was written/],
    [
      `${stand.url}/v1/log/checkpoint`,
      (body) => Object.assign(body, { checkpoint: twisted(body.checkpoint) }),
      /does not verify/,
    ],
    [`${stand.url}/v1/log/proof/inclusion?*`, (body) => body.path.reverse(), /is not in the log/],
    [`${stand.url}/v1/log/checkpoint`, (body) => Object.assign(body, { key: otherKey }), /another key for its log/],
    [
      `${stand.url}/v1/log/proof/consistency?*`,
      (body) => Object.assign(body, { path: [] }),
      /does not begin with what this browser saw/,
    ],
  ];
  for (const [url, change, says] of forged) {
    // Longer than what the browser saw, so that there is something to compare.
    await working.agent.call(working.token, 'GET', `/api/shop/orders/${order}`);
    await answering(url, change, async () => {
      await open(denied);
      await verify();
      await page.getByText('The proof failed. Do not rely on this entry.').waitFor();
      await page.getByText(says).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Save the proof' }).isDisabled(), true, String(says));
    });
  }
  await requireAccessible(page);
});

browserTest('a log that became shorter is no log', async () => {
  await answering(
    `${stand.url}/v1/log/checkpoint`,
    (body) => Object.assign(body, { size: 1 }),
    async () => {
      await open(denied);
      await verify();
      await page
        .getByText(/This browser saw a log of \d+ entries. Now the plane shows one of 1: a log only grows./)
        .waitFor();
    },
  );
});

browserTest('what is not one’s own entry, or none, is said to be missing; a phone shows it all', async () => {
  await page.goto(`${stand.url}/log/ent_nothing`);
  await page.getByText('This is not the id of an entry.').waitFor();
  await page.goto(`${stand.url}/log/ent_00000000000000000000`);
  await page.getByText('This entry could not be loaded.').waitFor();
  await page.setViewportSize({ width: 320, height: 700 });
  for (const path of [`/log/${denied}`, '/log']) {
    await page.goto(stand.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page
      .getByText(/not in the log|This page can check|deny|decided|shop:/i)
      .first()
      .waitFor();
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(width <= 320, `${path} is ${width} pixels wide`);
  }
});

// Other arithmetic than the page has.
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const verifyEd25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(publicKey) }, format: 'jwk' });
  return verifySignature(null, message, key, signature);
};

const otherKey = 'other.example/log+8fc5e9ff+AR9Pn+B9xj2j2dHsTW7lYYZLnY4kJ3zqPzYxDS5nGpSj';

/** The note with another letter in its signature. */
function twisted(note: string): string {
  const at = note.length - 10;
  return `${note.slice(0, at)}${note[at] === 'A' ? 'B' : 'A'}${note.slice(at + 1)}`;
}
