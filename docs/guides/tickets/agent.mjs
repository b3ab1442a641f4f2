import { readFile } from 'node:fs/promises';
import { connect } from '@ambit/sdk';

const [url, id, taskId] = process.argv.slice(2);
const agent = await connect({ url, agent: id, key: JSON.parse(await readFile('reply-bot.key', 'utf8')) });
const task = await agent.accept(taskId);
const ticket = await (await task.fetch('/api/tickets/tickets/17')).json();
const body = JSON.stringify({ text: `We are sorry: "${ticket.text}" A new one is on its way.` });
const headers = { 'content-type': 'application/json' };
await task.fetch('/api/tickets/tickets/17/replies', {
  method: 'POST',
  headers,
  body,
  ambit: { reason: 'It came open.' },
});
console.log((await task.fetch('/api/tickets/tickets/18').catch((refusal) => refusal)).message);
await task.complete();
