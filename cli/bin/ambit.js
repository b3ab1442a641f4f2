#!/usr/bin/env node
/**
 * The published binary. Plain JavaScript, and nothing of Ambit is imported before Node's version is known: the store's
 * native code crashes on Node 20. On an older Node it brings the right one from npm, once, and runs itself under it.
 */
import { existsSync } from 'node:fs';
import * as modules from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  become,
  bringNode,
  broughtVersion,
  hasNode,
  isOldNode,
  neededMajor,
  nodeIn,
  nodePackage,
  whatToDo,
} from './bring-node.js';

const self = fileURLToPath(import.meta.url);
const source = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const compiled = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ambit', `node-${broughtVersion}`);
const compiledAfterMilliseconds = 5000;
const sourceCondition = '--conditions=ambit-source';

// It speaks to this file alone: the plane refuses settings it does not know.
const mayBringNode = process.env.AMBIT_BRING_NODE !== 'no';
delete process.env.AMBIT_BRING_NODE;

if (isOldNode()) await runUnderRightNode();
else if (existsSync(source)) await runSource();
else await run(compiled);

/**
 * What Node makes of the files is kept beside them, so that the next start takes half as long. Whoever may write there may
 * write the files themselves; where nobody may, nothing is kept.
 */
function keepCompiled() {
  const place = existsSync(source) ? '../../.node/compiled' : '../.compiled';
  modules.enableCompileCache(fileURLToPath(new URL(place, import.meta.url)));
  // A plane runs until it is ended, perhaps by force.
  setTimeout(() => modules.flushCompileCache(), compiledAfterMilliseconds).unref();
}

async function run(file) {
  keepCompiled();
  const { main } = await import(pathToFileURL(file).href);
  process.exitCode = await main(process.argv.slice(2));
}

/** In a checkout there is nothing compiled: the sources run as they are, found through an export condition. */
async function runSource() {
  if (process.execArgv.includes(sourceCondition)) await run(source);
  else become(process.execPath, [sourceCondition, self, ...process.argv.slice(2)]);
}

async function runUnderRightNode() {
  if (!hasNode(cache) && !(await bring())) return;
  become(nodeIn(cache), [self, ...process.argv.slice(2)]);
}

async function bring() {
  const byHand = `npm install --prefix ${JSON.stringify(cache)} --save-exact ${nodePackage}@${broughtVersion}`;
  if (!mayBringNode) {
    say(`this is Node ${process.versions.node}, and Ambit needs ${neededMajor}. Install it, or run: ${byHand}`);
    return false;
  }
  say(`this is Node ${process.versions.node}; bringing ${broughtVersion} from npm into ${cache} (once)`);
  try {
    await bringNode(cache);
    return true;
  } catch (error) {
    if (error.output) process.stderr.write(`${error.output}\n`);
    say(whatToDo(error, byHand));
    return false;
  }
}

function say(sentence) {
  process.stderr.write(`ambit: ${sentence}\n`);
  // Until `bring` succeeds this is how it ends; a child that ran sets its own.
  process.exitCode = 1;
}
