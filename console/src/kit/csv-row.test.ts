import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvRow } from './csv-row.ts';

/** Reads a table as RFC 4180 §2 does: another reader than whoever wrote it. */
function read(text: string): string[][] {
  const rows: string[][] = [];
  let [row, cell, isQuoted]: [string[], string, boolean] = [[], '', false];
  for (let i = 0; i < text.length; i++) {
    const [at, next] = [text[i] ?? '', text[i + 1]];
    if (isQuoted && at === '"' && next === '"') cell += text[i++];
    else if (at === '"') isQuoted = !isQuoted;
    else if (isQuoted) cell += at;
    else if (at === ',') [row, cell] = [[...row, cell], ''];
    else if (at === '\r' && next === '\n') [row, cell, i] = [rows.push([...row, cell]) > 0 ? [] : [], '', i + 1];
    else cell += at;
  }
  return rows;
}

const odd = fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '＝', '－', '"', ',', "'", '0', 'a', ' ');
const cell = fc.oneof(fc.string({ unit: odd }), fc.string());
const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 5 });

test('every cell comes back as it was, but for the mark that keeps it from running', () => {
  fc.assert(
    fc.property(table, (rows) => {
      const back = read(rows.map(csvRow).join(''));
      assert.deepEqual(
        back.map((row) => row.map((text) => text.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, ''))),
        rows.map((row) => row.map((text) => text.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, ''))),
      );
    }),
  );
});

test('no cell begins as a formula, whatever is in it', () => {
  fc.assert(
    fc.property(table, (rows) => {
      for (const text of read(rows.map(csvRow).join('')).flat()) assert.doesNotMatch(text, /^[=+\-@\t\r\n＝＋－＠]/);
    }),
  );
});

test('a formula stays text, and what only holds one of its signs stays as it is', () => {
  assert.equal(
    csvRow(['=HYPERLINK("http://evil.example","order")']),
    `"'=HYPERLINK(""http://evil.example"",""order"")"\r\n`,
  );
  assert.equal(csvRow(['+1', '-1', '@SUM(A1)', '\t=1', '\r=1']), `'+1,'-1,'@SUM(A1),'\t=1,"'\r=1"\r\n`);
  assert.equal(csvRow(['\n=1', '＝1', '＋1', '－1', '＠SUM(A1)']), `"'\n=1",'＝1,'＋1,'－1,'＠SUM(A1)\r\n`);
  assert.equal(csvRow(['a=b', 'shop:orders.get', '1042', '']), 'a=b,shop:orders.get,1042,\r\n');
});
