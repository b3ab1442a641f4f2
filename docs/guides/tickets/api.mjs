// An API like many: tickets, and replies to them. Whoever has the key may do everything.
import { createServer } from 'node:http';

const key = 'tickets-key-4711';
const tickets = new Map([['17', { id: '17', text: 'The parcel came open.', replies: [] }]]);

createServer(async (request, response) => {
  const [, , id, replies, replyId] = request.url.split('/');
  const ticket = tickets.get(id);
  let body = ticket;
  if (request.headers.authorization !== `Bearer ${key}`) response.statusCode = 401;
  else if (ticket === undefined) response.statusCode = 404;
  else if (replies === 'replies' && request.method === 'POST') {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { text } = JSON.parse(Buffer.concat(chunks).toString());
    body = { id: `r${ticket.replies.length + 1}`, text };
    ticket.replies.push(body);
  } else if (replies === 'replies' && request.method === 'DELETE')
    ticket.replies = ticket.replies.filter((reply) => reply.id !== replyId);
  if (response.statusCode !== 200) body = { error: response.statusCode };
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
}).listen(Number(process.env.PORT ?? 9000), '127.0.0.1', () => console.log('The tickets are there.'));
