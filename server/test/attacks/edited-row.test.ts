// With SQL on the store Mallory widens a grant, swaps a key, softens a rule and answers a question; the log was not touched.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { anchorsIn, verifyExport } from '../../src/audit/index.ts';
import { type House, openHouse } from '../house.ts';
import { edit } from './offline.ts';
import { asked, atWork, type Waiting } from './questions.ts';
import { refund } from './witness.ts';

let house: House;
let waiting: Waiting;
before(async () => {
  house = await openHouse();
  waiting = await asked(house, await atWork(house));
  const point = { name: 'edge', kind: 'authzen' } as const;
  await house.ada.operator.points.register(point);
});
// The harness itself must find what was done here.
after(() => assert.rejects(house.close(), { message: /the log of the journey does not verify/ }));

async function verdict() {
  const { checkpointFile } = house.config;
  const anchors = anchorsIn(readFileSync(checkpointFile, 'utf8'), checkpointFile);
  return verifyExport(await house.carol.operator.log.export({ rows: true, details: true }), { anchors });
}

test('before anything was edited, every row is explained', async () => {
  const { ok, findings } = await verdict();
  assert.deepEqual([ok, findings], [true, []]);
});

/** Long enough for the plane to take up what it finds open. */
const upkeep = () => new Promise((done) => setTimeout(done, 2500));

type Edit = { readonly table: string; readonly sql: string };
/** One edit in each table that gives somebody power. */
const edits: readonly Edit[] = [
  { table: 'tasks', sql: `UPDATE tasks SET authority = replace(authority, '100.00', '9000.00')` },
  { table: 'persons', sql: `UPDATE persons SET roles = '["administrator"]' WHERE name = 'Alice'` },
  {
    table: 'person_keys',
    sql: `UPDATE person_keys SET label = 'laptop of Bob' WHERE person = (SELECT id FROM persons WHERE name = 'Alice')`,
  },
  { table: 'agents', sql: `UPDATE agents SET state = 'suspended' WHERE name = 'mallory-bot'` },
  { table: 'agent_keys', sql: `UPDATE agent_keys SET notAfter = notAfter + 1000000` },
  { table: 'policies', sql: `UPDATE policies SET note = 'reviewed by Ada'` },
  { table: 'actions', sql: '' },
  { table: 'apis', sql: `UPDATE apis SET origin = 'https://mallory.example'` },
  { table: 'credentials', sql: `UPDATE credentials SET api = NULL` },
  { table: 'credential_doors', sql: `DELETE FROM credential_doors` },
  { table: 'purpose_types', sql: `UPDATE purpose_types SET says = 'Anything.'` },
  { table: 'enforcement_points', sql: `UPDATE enforcement_points SET kind = 'auth-request'` },
];

test('every edited, added or removed row of authority, keys, policy, catalog and roles is found', async () => {
  await edit(house, (file) => {
    for (const { table } of edits) kept.set(table, file.prepare(`SELECT * FROM ${table}`).all() as Kept[]);
    for (const { table, sql } of edits) {
      const before = JSON.stringify(file.prepare(`SELECT * FROM ${table}`).all());
      file.exec(sqlOf(file, table, sql));
      assert.notEqual(
        JSON.stringify(file.prepare(`SELECT * FROM ${table}`).all()),
        before,
        `nothing was edited in ${table}`,
      );
    }
    file.exec(
      `INSERT INTO approval_rules ("tenant", "action", "role", "answersNeeded", "notRequester", "notOwner", "ttlSeconds")
       SELECT tenant, '*', 'auditor', 0, 'false', 'false', 600 FROM tasks LIMIT 1`,
    );
  });
  await house.restart();
  const { ok, findings } = await verdict();
  assert.equal(ok, false);
  const said = findings.map((one) => one.says).join('\n');
  for (const { table } of [...edits, { table: 'approval_rules' }])
    assert.match(said, new RegExp(`\\b${table}\\b`), `no finding names ${table}`);
  assert.ok(findings.every((one) => !/undefined|\[object/.test(one.says)));
});

test('and no edited row gives anybody anything: whatever needs it is refused and says whom to tell', async () => {
  const refused = { code: 'store.row_unexplained', status: 503 };
  await assert.rejects(house.alice.operator.me(), refused);
  await assert.rejects(house.ada.operator.policies.publish('permit(principal, action, resource);'), refused);
  await assert.rejects(house.ada.operator.catalog.list(), refused);
  await assert.rejects(house.bob.operator.approvals.rules(), refused);
  await edit(house, (file) => {
    for (const [table, rows] of kept) putBack(file, table, rows);
    file.exec('DELETE FROM approval_rules');
  });
  await house.restart();
  assert.equal((await verdict()).ok, true, 'what was put back is explained again');
});

type Kept = Readonly<Record<string, string | number | null>>;
const kept = new Map<string, readonly Kept[]>();

function putBack(file: Parameters<Parameters<typeof edit>[1]>[0], table: string, rows: readonly Kept[]): void {
  file.exec(`DELETE FROM ${table}`);
  for (const row of rows) {
    const names = Object.keys(row);
    const columns = names.map((name) => `"${name}"`).join(', ');
    file
      .prepare(`INSERT INTO ${table} (${columns}) VALUES (${names.map(() => '?').join(', ')})`)
      .run(...names.map((name) => row[name] ?? null));
  }
}

/** Statements that need to know the columns of the table as it is. */
function sqlOf(file: Parameters<Parameters<typeof edit>[1]>[0], table: string, sql: string): string {
  if (table !== 'actions') return sql;
  const columns = (file.pragma('table_info("actions")') as { name: string; type: string }[]).map((one) => one.name);
  const column = columns.find((name) => !['tenant', 'id', 'api', 'operation'].includes(name));
  return `UPDATE actions SET "${column}" = replace("${column}", 'irreversible', 'reversible')`;
}

type File = Parameters<Parameters<typeof edit>[1]>[0];
type Counter = { readonly counter: string; readonly win: number; readonly used: string };
const budgetsOf = (file: File, like: string) =>
  file.prepare('SELECT counter, win, used FROM counters WHERE counter LIKE ?').all(like) as Counter[];

test('a budget that SQL emptied, raised or threw away is found, by name and with what the log explains', async () => {
  const working = await atWork(house);
  for (const amount of ['20.00', '21.50'])
    assert.equal((await refund(working.agent, working.token, amount)).status, 201);
  const own = `sum|USD|task:${working.task}|%`;
  const { ok, counters } = await verdict();
  assert.ok(ok && (counters ?? 0) > 0);
  const edits: Record<string, readonly [string, RegExp]> = {
    emptied: [
      `UPDATE counters SET used = '0.00' WHERE counter LIKE '${own}'`,
      /holds 0\.00, and the log explains 41\.5:/,
    ],
    lowered: [
      `UPDATE counters SET used = '41.49' WHERE counter LIKE '${own}'`,
      /holds 41\.49, and the log explains 41\.5:/,
    ],
    raised: [
      `UPDATE counters SET used = '250.00' WHERE counter LIKE '${own}'`,
      /holds 250\.00, and the log explains 41\.5:/,
    ],
    gone: [`DELETE FROM counters WHERE counter LIKE '${own}'`, /is gone, and the log explains 41\.5/],
    moved: [`UPDATE counters SET win = 60000 WHERE counter LIKE '${own}'`, /is gone, and the log explains 41\.5/],
    garbled: [`UPDATE counters SET used = 'none' WHERE counter LIKE '${own}'`, /holds none, and/],
  };
  const before: Counter[] = [];
  const restored = (file: File) => {
    file.exec(`DELETE FROM counters WHERE counter LIKE '${own}'`);
    const put = file.prepare('INSERT INTO counters SELECT tenant, ?, ?, ? FROM tasks LIMIT 1');
    for (const { counter, win, used } of before) put.run(counter, win, used);
  };
  for (const [how, [sql, says]] of Object.entries(edits)) {
    await edit(house, (file) => {
      if (before.length === 0) before.push(...budgetsOf(file, own));
      assert.ok(before.length > 0);
      restored(file);
      file.exec(sql);
    });
    await house.restart();
    const { ok: isFine, findings } = await verdict();
    assert.equal(isFine, false, how);
    assert.ok(
      findings.every((one) => one.what === 'counter-edited'),
      JSON.stringify(findings),
    );
    assert.match(findings.map((one) => one.says).join('\n'), says, how);
  }
  await edit(house, restored);
  await house.restart();
  assert.equal((await verdict()).ok, true, 'what was put back is explained again');
});

test('a budget that nobody ever spent on is found too, and without details nothing is said of budgets', async () => {
  await edit(house, (file) => {
    file.exec(`INSERT INTO counters SELECT tenant, 'calls|limit:made-up|tenant|3600', 0, '7' FROM tasks LIMIT 1`);
  });
  await house.restart();
  const { findings } = await verdict();
  assert.match(findings.map((one) => one.says).join(), /made-up.* holds 7, and the log explains 0:/);
  const blind = await verifyExport(await house.carol.operator.log.export({ rows: true }));
  assert.deepEqual([blind.counters, blind.ok], [null, true]);
  await edit(house, (file) => {
    file.exec(`DELETE FROM counters WHERE counter LIKE '%made-up%'`);
  });
  await house.restart();
});

test('an old row that is put back together with its old entry is found by verifying, though it serves until then', async () => {
  const { bot, old } = await suspendedAndPutBack();
  await house.restart();
  const shown = await house.alice.operator.agents.show(bot);
  assert.equal(shown.state, 'active', 'the row and the entry that it names agree');
  const { findings } = await verdict();
  assert.deepEqual(
    findings.map(({ what }) => what),
    ['row-edited'],
  );
  assert.match(findings[0]?.says ?? '', new RegExp(`agents .*${bot}.* is not what its last entry made it`));
  await edit(house, (file) => putBack(file, 'agents', old));
  await house.restart();
  assert.equal((await verdict()).ok, true);
});

/** Mallory keeps the row of an agent, and puts it back over the one that says that it is suspended. */
async function suspendedAndPutBack() {
  const bot = house.malloryBot.id;
  let kept: Kept[] = [];
  let old: Kept[] = [];
  await edit(house, (file) => {
    kept = file.prepare('SELECT * FROM agents').all() as Kept[];
  });
  await house.restart();
  await house.ada.operator.agents.suspend(bot, 'It misbehaves.');
  await edit(house, (file) => {
    old = file.prepare('SELECT * FROM agents').all() as Kept[];
    putBack(file, 'agents', kept);
  });
  return { bot, old };
}

test('a question that SQL answered is not answered: no signature, no run', async () => {
  const before = house.shop.ledger().length;
  await edit(house, (file) => {
    file
      .prepare(`UPDATE approvals SET state = 'approved', runBefore = ? WHERE id = ?`)
      .run(Date.now() + 60_000, waiting.question.id);
  });
  await house.restart();
  await assert.rejects(house.bob.operator.approvals.show(waiting.question.id), { code: 'store.row_unexplained' });
  await upkeep();
  assert.equal(house.shop.ledger().length, before);
});

test('an answer copied from another question, or in another person’s name, is none', async () => {
  const before = house.shop.ledger().length;
  const second = await asked(house, await atWork(house), '81.00');
  const third = await asked(house, second, '82.00');
  await house.bob.operator.approvals.answer(second.question, 'no');
  await edit(house, (file) => {
    const { answers } = file.prepare('SELECT answers FROM approvals WHERE id = ?').get(second.question.id) as {
      answers: string;
    };
    const yes = answers.replace('"no"', '"yes"');
    const put = file.prepare(
      `UPDATE approvals SET state = 'approved', answersNeeded = 1, answers = ?, runBefore = ? WHERE id = ?`,
    );
    put.run(yes, Date.now() + 60_000, third.question.id);
  });
  await house.restart();
  await assert.rejects(house.bob.operator.approvals.show(third.question.id), { code: 'store.row_unexplained' });
  await upkeep();
  assert.equal(house.shop.ledger().length, before);
});
