import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

// What is published is JavaScript: there the worker's file has another ending, which no compiler rewrites inside a URL.
test('the thread of the official build starts from compiled files as from sources', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ambit-policy-'));
  try {
    compileInto(folder);
    const file = pathToFileURL(join(folder, 'official.js')).href;
    const { startOfficial } = (await import(file)) as typeof import('./official.ts');
    const official = startOfficial();
    const parsed = await official.parse('permit(principal, action, resource);');
    await official.close();
    assert.equal(parsed.kind, 'parsed');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function compileInto(folder: string): void {
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2024,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  };
  for (const name of readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts') || name.endsWith('.testing.ts')) continue;
    const source = readFileSync(join(import.meta.dirname, name), 'utf8');
    const target = join(folder, name.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, ts.transpileModule(source, { compilerOptions, fileName: name }).outputText);
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(join(import.meta.dirname, '../../../../node_modules'), join(folder, 'node_modules'));
}
