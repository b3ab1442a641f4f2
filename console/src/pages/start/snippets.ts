import type { AgentId, TaskId } from '@ambit/protocol';

type Key = { readonly gateway: string; readonly name: string };

/** Makes a key where the agent runs, keeps it in a file, and enrols its public half by the one-time code. */
export const keySnippet = ({ gateway, name, code }: Key & { readonly code: string }): string =>
  `import { writeFile } from 'node:fs/promises';
import { connect, newKey } from '@ambit/sdk';

const key = await newKey('ES256');
await writeFile('${name}.key', JSON.stringify(key), { mode: 0o600, flag: 'wx' });
await connect({ url: '${gateway}', enrol: '${code}', key });
console.log('Enrolled. The key is in ${name}.key.');
`;

type Call = Key & {
  readonly agent: AgentId;
  readonly task: TaskId;
  /** What the task may do, in our words. */
  readonly may: string;
  readonly method: string;
  readonly path: string;
};

/** Takes the task and makes the one call. */
export const callSnippet = ({ gateway, name, agent, task, may, method, path }: Call): string =>
  `import { readFile } from 'node:fs/promises';
import { connect } from '@ambit/sdk';

const key = JSON.parse(await readFile('${name}.key', 'utf8'));
const agent = await connect({ url: '${gateway}', agent: '${agent}', key });
const task = await agent.accept('${task}'); // ${may}
const answer = await task.fetch('${path}'${method === 'GET' ? '' : `, { method: '${method}' }`});
console.log(answer.status, await answer.text());
await task.complete();
`;

/** The same, as one command for a shell. */
export const asCommand = (file: string, code: string): string => `cat > ${file} <<'END'\n${code}END\nnode ${file}\n`;
