/** Fills the store of the settings in the environment. */
import { readConfig } from '../server/src/config.ts';
import { answerAsks } from './parts/answering.ts';
import { type Agents, type Entries, seedAgents, seedEntries, seedTree, type Tree } from './parts/seed.ts';
import { type Runs, seedRuns } from './parts/seed-runs.ts';

const config = readConfig(process.env);

answerAsks({
  agents: (asked: Agents) => seedAgents(config, asked),
  entries: (asked: Entries) => seedEntries(config, asked),
  runs: (asked: Runs) => seedRuns(config, asked),
  tree: (asked: Tree) => seedTree(config, asked),
});
