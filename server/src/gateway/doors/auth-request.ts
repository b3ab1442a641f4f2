import type { EntryId } from '@ambit/protocol';
import { type Api, type CatalogSnapshot, headerPairs } from '../../catalog/index.ts';
import {
  asRefusal,
  problem,
  type RawRequest,
  Refusal,
  type Reply,
  type Route,
  refuse,
  route,
  span,
} from '../../foundation/index.ts';
import { authenticateEnforcementPoint, onlyHeader } from '../../identity/index.ts';
import { decide, questionOf } from '../../policy/index.ts';
import { type AuthenticatedCaller, type Issuer, verify } from '../../tokens/index.ts';
import { admit } from '../admit.ts';
import { type Call, callOf } from '../call.ts';
import { type Asking, askingNow, watched } from '../caller.ts';
import { readClaim } from '../claim.ts';
import { gatherFacts } from '../facts.ts';
import { refuseCall } from '../refuse.ts';
import type { Rooms } from '../rooms.ts';
import { toldHeaders } from '../told-headers.ts';

/**
 * The decision-only door for nginx `auth_request`. It sees no body and sends nothing, so it answers only where neither
 * matters: no body, no sum, no person, no lent credential. All else needs the gateway, and is told so.
 *
 * The proxy proves itself by `Ambit-Point: <its secret>` and names the API (`Ambit-Api`) and the request as it came
 * (`X-Original-URL`, scheme and host included, and `X-Original-Method`); the agent's own headers come along.
 */
export function authRequestRoutes(rooms: Rooms, issuer: Issuer): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/auth-request',
      who: 'public',
      says: 'Answers nginx `auth_request`: 200 where the call may be handed over, 401 or 403 with a reason where not.',
      run: async ({ raw }) => answerProxy(rooms, issuer, raw),
    }),
  ];
}

function answerProxy(rooms: Rooms, issuer: Issuer, raw: RawRequest): Promise<Reply> {
  return span('gateway/auth-request', async (): Promise<Reply> => {
    const point = await requirePoint(rooms, issuer, raw);
    const original = originalOf(raw);
    const authenticated = agentOf(rooms, issuer, raw, original);
    if (authenticated.caller.tenant !== point.tenant)
      throw refuse('enforcement_point.unauthenticated', `${point.point} is of another tenant`);
    const { task, token } = authenticated.caller;
    if (task === null) throw refuse('task.needed', `token ${token} is for no task`);
    const asking = askingNow(authenticated, task, {
      line: `${original.method} ${original.url}`,
      trace: null,
    });
    try {
      const call = await readOriginal(rooms, asking, raw, original);
      return await handOver(rooms, asking, call);
    } catch (error) {
      const ruled = await refuseCall(rooms, asking, null, asRefusal(error));
      return ruled.kind === 'refused'
        ? forNginx(told(ruled.refusal, ruled.entry))
        : forNginx(problem(asRefusal(error)));
    }
  });
}

/** THREATS: door-misuse. Nobody else may use the door as an oracle: the proxy proves itself with every question. */
async function requirePoint(rooms: Rooms, issuer: Issuer, raw: RawRequest) {
  const secret = onlyHeader(raw.rawHeaders, 'ambit-point');
  const headers = ['authorization', `Bearer ${secret ?? ''}`];
  const point = await authenticateEnforcementPoint(rooms.ground, issuer.url, { ...raw, rawHeaders: headers });
  if (point.row.kind === 'auth-request') return point;
  throw refuse('enforcement_point.unauthenticated', `${point.point} is registered as ${point.row.kind}`);
}

type Original = { readonly method: string; readonly origin: string; readonly url: string };

function originalOf(raw: RawRequest): Original {
  const method = onlyHeader(raw.rawHeaders, 'x-original-method');
  const whole = /^(https?:\/\/[^/\s]+)(\/\S*)$/.exec(onlyHeader(raw.rawHeaders, 'x-original-url') ?? '');
  if (method === undefined || whole === null) {
    throw refuse(
      'request.malformed',
      'the proxy did not name the original request',
      'Set X-Original-Method and X-Original-URL in the proxy.',
    );
  }
  return { method, origin: whole[1] ?? '', url: whole[2] ?? '' };
}

function agentOf(rooms: Rooms, issuer: Issuer, raw: RawRequest, original: Original): AuthenticatedCaller {
  const credentials = {
    method: original.method,
    url: original.url,
    origin: original.origin,
    rawHeaders: raw.rawHeaders,
    // The connection here is the proxy's: a token that is bound to a certificate is for the gateway itself.
    tls: null,
  };
  return verify(issuer, credentials, rooms.ground.clock(), { tokenFor: 'task', channel: 'auth-request' });
}

async function readOriginal(rooms: Rooms, asking: Asking, raw: RawRequest, { method, url }: Original): Promise<Call> {
  const snapshot = await rooms.catalog(asking.tenant);
  const name = onlyHeader(raw.rawHeaders, 'ambit-api') ?? '';
  const api = snapshot.apis.get(name);
  if (api === undefined)
    throw refuse('gateway.api_unknown', `no API ${name.slice(0, 60)}`).with({ values: { asked: name } });
  const [path = '', ...query] = url.split('?');
  try {
    return readBelow(snapshot, api, { method, path, query: query.join('?') }, raw);
  } catch (error) {
    throw error instanceof Refusal ? error.with({ values: { api: name, method, path } }) : error;
  }
}

type Parted = { readonly method: string; readonly path: string; readonly query: string };

function readBelow(snapshot: CatalogSnapshot, api: Api, { method, path, query }: Parted, raw: RawRequest): Call {
  const { name } = api;
  // What is decided is what the proxy will send: a path outside the API is no shorter way to write one inside it.
  if (!path.startsWith(`${api.basePath}/`))
    throw refuse('catalog.no_match', `${path.slice(0, 200)} is not below ${api.basePath}/`);
  const line = { method, rawPath: path.slice(api.basePath.length) };
  if (snapshot.locate(name, line).body !== 'none')
    throw refuse('gateway.needs_gateway', 'the action takes a body, which this door does not see');
  const headers = headerPairs(raw.rawHeaders).filter(([field]) => !proxySays.test(field));
  const matched = snapshot.match(name, { ...line, rawQuery: query, headers });
  return callOf(matched, api, { headers: {}, catalogVersion: snapshot.version, claim: readClaim(raw.headers) });
}

// What the proxy itself adds, or could not leave out; all else the agent sent, and the proxy will pass on.
const proxySays = /^(content-length|content-type|x-original-url|x-original-method|ambit-point|ambit-api)$/i;

async function handOver(rooms: Rooms, asking: Asking, call: Call): Promise<Reply> {
  const halted = rooms.watch.admit(watched(asking, call), rooms.ground.clock());
  const facts = await gatherFacts(rooms.ground, asking, call, halted);
  const rules = await rooms.rules(asking.tenant);
  const judged = rooms.judge === null ? undefined : await rooms.judge(rules, questionOf(facts));
  const decision = decide(facts, rules, judged);
  if (decision.kind === 'deny') {
    const ruled = await refuseCall(rooms, asking, call, decision, facts);
    return ruled.kind === 'refused'
      ? forNginx(told(ruled.refusal, ruled.entry))
      : forNginx(problem(refuse('plane.fault', 'a denial was not one')));
  }
  if (decision.kind === 'ask') throw refuse('gateway.needs_gateway', 'a person would have to be asked');
  const { permit } = decision;
  if (facts.credential !== null) throw refuse('gateway.needs_gateway', 'a credential would have to be lent');
  if (permit.charges.some((charge) => !charge.counter.startsWith('calls|'))) {
    throw refuse('gateway.needs_gateway', 'a sum would have to be reserved and settled');
  }
  const id = rooms.ground.newId('entry');
  const admitted = await admit(rooms.ground, asking, call, permit, { id, code: 'handed_over' });
  return {
    status: 200,
    headers: { ...(await toldHeaders(rooms, asking.tenant, admitted.entry)), 'ambit-agent': asking.caller.agent },
    body: { decision: true },
  };
}

/** nginx knows 2xx, 401 and 403 of an `auth_request`; anything else it turns into a 500 of its own. */
function forNginx(reply: Reply): Reply {
  return reply.status === 401 || reply.status === 403 ? reply : { ...reply, status: 403 };
}

/** The entry in a header too: nginx passes on no body of an `auth_request`. */
function told(refusal: Refusal, entry: EntryId | undefined): Reply {
  const reply = problem(refusal, entry);
  return entry === undefined ? reply : { ...reply, entry };
}
