import { createGuard } from '@ambit/sdk/guard';
import express from 'express';

const { PORT = '9100', ISSUER = 'http://127.0.0.1:8420', TENANT, RESOURCE } = process.env;
const resource = RESOURCE ?? `http://127.0.0.1:${PORT}`;
const guard = createGuard({
  issuer: ISSUER,
  resource,
  tenant: TENANT,
  refused: ({ code, because }, { method, url }) => console.log(`refused ${method} ${url}: ${code}, ${because}`),
});

const app = express();
app.use(express.json());
app.get(guard.metadataPath, (_, response) => response.json(guard.metadata));

app.post('/refunds', guard.express({ action: 'payments:refunds.create' }), (request, response) => {
  const { agent, requester, task } = guard.callerOf(request);
  response.status(201).json({ ...request.body, agent, requester, task });
});

app.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on ${resource}`));
