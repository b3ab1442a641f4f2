import { createGuard } from '@ambit/sdk/guard';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const { PORT = '9100', ISSUER = 'http://127.0.0.1:8420', TENANT, RESOURCE } = process.env;
const resource = RESOURCE ?? `http://127.0.0.1:${PORT}`;
const guard = createGuard({ issuer: ISSUER, resource, tenant: TENANT });

const app = new Hono();
app.get(guard.metadataPath, (context) => context.json(guard.metadata));

app.post('/refunds', guard.hono({ action: 'payments:refunds.create' }), async (context) => {
  const { agent, requester, task } = guard.callerOf(context);
  return context.json({ ...(await context.req.json()), agent, requester, task }, 201);
});

serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' }, () => console.log(`listening on ${resource}`));
