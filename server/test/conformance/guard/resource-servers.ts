/** The same API three times: what a person who runs Express, Fastify or Hono would write, with a guard before each route. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGuard, type Guard, type Guarding } from '@ambit/sdk/guard';
import { serve } from '@hono/node-server';
import express from 'express';
import { fastify } from 'fastify';
import { Hono } from 'hono';
import { freePort } from '../../free-port.ts';

export const frameworks = ['express', 'fastify', 'hono'] as const;
export type Framework = (typeof frameworks)[number];

export type ResourceServer = {
  readonly url: string;
  readonly guard: Guard;
  /** What handlers were called, and by whom. */
  readonly handled: { readonly route: string; readonly agent: string }[];
  readonly close: () => Promise<void>;
};

/** What the three have in common, as an OpenAPI description for the catalog. */
export const description = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Payments', version: '1' },
  paths: {
    '/orders/{orderId}': {
      get: {
        operationId: 'orders.get',
        parameters: [pathParameter('orderId')],
        responses: { 200: { description: 'It.' } },
      },
      delete: {
        operationId: 'orders.remove',
        parameters: [pathParameter('orderId')],
        responses: { 204: { description: 'Gone.' } },
      },
    },
    '/orders/{orderId}/refunds': {
      post: {
        operationId: 'refunds.create',
        parameters: [pathParameter('orderId')],
        requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } },
        responses: { 201: { description: 'Made.' } },
      },
    },
    '/payroll': { get: { operationId: 'payroll.list', responses: { 200: { description: 'All.' } } } },
  },
});

function pathParameter(name: string) {
  return { name, in: 'path', required: true, schema: { type: 'string' } };
}

type Opening = Omit<Guarding, 'resource'>;

/** Listens, then makes the guard for the address: an API knows where it lives. */
export async function openResourceServer(framework: Framework, opening: Opening): Promise<ResourceServer> {
  return { express: onExpress, fastify: onFastify, hono: onHono }[framework](opening);
}

async function onExpress(opening: Opening): Promise<ResourceServer> {
  const app = express();
  const server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = urlOf(server.address());
  const guard = createGuard({ ...opening, resource: url });
  const handled: ResourceServer['handled'] = [];
  const told = (route: string, request: object) => handled.push({ route, agent: guard.callerOf(request).agent });
  app.use(express.json());
  app.get(guard.metadataPath, (_, response) => void response.json(guard.metadata));
  app.get('/orders/:orderId', guard.express({ action: 'on-express:orders.get' }), (request, response) => {
    told('get', request);
    response.json({ order: request.params.orderId });
  });
  app.post('/orders/:orderId/refunds', guard.express({ action: 'on-express:refunds.create' }), (request, response) => {
    told('refund', request);
    response.status(201).json(request.body);
  });
  app.delete('/orders/:orderId', guard.express({ action: 'on-express:orders.remove' }), (request, response) => {
    told('remove', request);
    response.status(204).end();
  });
  app.get('/payroll', guard.express({ action: 'on-express:payroll.list' }), (request, response) => {
    told('payroll', request);
    response.json([]);
  });
  app.get(
    '/strict/:orderId',
    guard.express({ action: 'on-express:orders.get', acrValues: ['phrh', 'phr'], maxAgeSeconds: 300 }),
    (request, response) => {
      told('strict', request);
      response.json({});
    },
  );
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  return { url, guard, handled, close };
}

async function onFastify(opening: Opening): Promise<ResourceServer> {
  const app = fastify();
  // The address is known once it listens, and Fastify takes no routes after that: the port is found first.
  const port = await freePort();
  const guard = createGuard({ ...opening, resource: `http://127.0.0.1:${port}` });
  const handled: ResourceServer['handled'] = [];
  const told = (route: string, request: object) => handled.push({ route, agent: guard.callerOf(request).agent });
  app.get(guard.metadataPath, async () => guard.metadata);
  app.get<{ Params: { orderId: string } }>(
    '/orders/:orderId',
    { preHandler: guard.fastify({ action: 'on-fastify:orders.get' }) },
    async (request) => {
      told('get', request);
      return { order: request.params.orderId };
    },
  );
  app.post(
    '/orders/:orderId/refunds',
    { preHandler: guard.fastify({ action: 'on-fastify:refunds.create' }) },
    async (request, reply) => {
      told('refund', request);
      return reply.code(201).send(request.body);
    },
  );
  app.delete(
    '/orders/:orderId',
    { preHandler: guard.fastify({ action: 'on-fastify:orders.remove' }) },
    async (request, reply) => {
      told('remove', request);
      return reply.code(204).send();
    },
  );
  app.get('/payroll', { preHandler: guard.fastify({ action: 'on-fastify:payroll.list' }) }, async (request) => {
    told('payroll', request);
    return [];
  });
  const strict = { action: 'on-fastify:orders.get', acrValues: ['phrh', 'phr'], maxAgeSeconds: 300 };
  app.get('/strict/:orderId', { preHandler: guard.fastify(strict) }, async (request) => {
    told('strict', request);
    return {};
  });
  const url = await app.listen({ port, host: '127.0.0.1' });
  return { url, guard, handled, close: () => app.close() };
}

async function onHono(opening: Opening): Promise<ResourceServer> {
  const port = await freePort();
  const guard = createGuard({ ...opening, resource: `http://127.0.0.1:${port}` });
  const handled: ResourceServer['handled'] = [];
  const told = (route: string, context: object) => handled.push({ route, agent: guard.callerOf(context).agent });
  const app = new Hono();
  app.get(guard.metadataPath, (context) => context.json(guard.metadata));
  app.get('/orders/:orderId', guard.hono({ action: 'on-hono:orders.get' }), (context) => {
    told('get', context);
    return context.json({ order: context.req.param('orderId') });
  });
  app.post('/orders/:orderId/refunds', guard.hono({ action: 'on-hono:refunds.create' }), async (context) => {
    told('refund', context);
    return context.json(await context.req.json(), 201);
  });
  app.delete('/orders/:orderId', guard.hono({ action: 'on-hono:orders.remove' }), (context) => {
    told('remove', context);
    return context.body(null, 204);
  });
  app.get('/payroll', guard.hono({ action: 'on-hono:payroll.list' }), (context) => {
    told('payroll', context);
    return context.json([]);
  });
  app.get(
    '/strict/:orderId',
    guard.hono({ action: 'on-hono:orders.get', acrValues: ['phrh', 'phr'], maxAgeSeconds: 300 }),
    (context) => {
      told('strict', context);
      return context.json({});
    },
  );
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}`, guard, handled, close };
}

const urlOf = (address: AddressInfo | string | null) => `http://127.0.0.1:${(address as AddressInfo).port}`;
