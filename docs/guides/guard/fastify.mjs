import { createGuard } from '@ambit/sdk/guard';
import { fastify } from 'fastify';

const { PORT = '9100', ISSUER = 'http://127.0.0.1:8420', TENANT, RESOURCE } = process.env;
const resource = RESOURCE ?? `http://127.0.0.1:${PORT}`;
const guard = createGuard({ issuer: ISSUER, resource, tenant: TENANT });

const app = fastify();
app.get(guard.metadataPath, async () => guard.metadata);

app.post('/refunds', { preHandler: guard.fastify({ action: 'payments:refunds.create' }) }, async (request, reply) => {
  const { agent, requester, task } = guard.callerOf(request);
  return reply.code(201).send({ ...request.body, agent, requester, task });
});

await app.listen({ port: Number(PORT), host: '127.0.0.1' });
console.log(`listening on ${resource}`);
