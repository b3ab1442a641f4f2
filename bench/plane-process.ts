/** The plane as it is started by anybody: settings from the environment, nothing else. */
import { readConfig } from '../server/src/config.ts';
import { type Running, serve } from '../server/src/main.ts';
import { answerAsks } from './parts/answering.ts';

let plane: Running | undefined;
answerAsks({
  async start() {
    plane = await serve(readConfig(process.env));
    return { agents: plane.agents, people: plane.people };
  },
  async close() {
    await plane?.close();
    return null;
  },
});
