import { type Child, startChild } from './children.ts';
import { warmingFor } from './gateway.ts';
import { type Measure, pairs, type Setting } from './measure.ts';
import { installPeers } from './peers.ts';
import { explained } from './profile-sides.ts';
import { type Row, rowOf } from './row.ts';
import { inTurn, medianOf, type Side, usageOf } from './side.ts';
import { authorityOf, type Caller, openStand, type Stand } from './stand.ts';
import { rounded } from './statistics.ts';
import { type TokenClient, type TokenEndpoint, tokenRequestMaker } from './token-requests.ts';

const connections = 16;
const depths = [1, 2, 3, 4, 5];
const aim = { of: 'ratio', side: 'at least', bound: 1.3, asks: '≥ 1.3 ×' } as const;
/** Of the tasks that chains are made of, and of those that are opened to be measured (10 is the least there is). */
const [longSeconds, shortSeconds] = [3600, 10];
const chainsMax = 16;
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const tokenType = 'urn:ietf:params:oauth:token-type:access_token';

/** The token endpoint beside oidc-provider: ours writes rows and entries durably, the other one keeps all in memory. */
export const tokens: Measure = {
  rows: ['token-issue', ...depths.map((depth) => `token-exchange-${depth}`)],
  async run(setting) {
    installPeers(setting.say);
    // A task that is handed on lives for a while: among many agents, each has about as many of them as agents have.
    const actors = setting.quick ? 200 : 1000;
    const stand = await openStand({ callers: actors, tokens: 0, population: { agents: actors } });
    const client = await startChild('client');
    const oidc = await startChild('oidc');
    try {
      const clients = stand.callers.map(({ agent, key }) => ({ id: agent, key }));
      const theirs = await oidc.ask<TokenEndpoint & { readonly scope: string }>('start', { clients });
      const places = [
        oursOf(stand),
        { name: 'oidc-provider', server: oidc, endpoint: theirs, first: { scope: theirs.scope } },
      ];
      const rows: Row[] = [];
      if (setting.wants('token-issue'))
        rows.push(await measure('token-issue', setting, client, places, issuing(stand, places)));
      if (!depths.some((depth) => setting.wants(`token-exchange-${depth}`))) return rows;
      let chains = await firstTokens(stand, places);
      for (const depth of depths) {
        const name = `token-exchange-${depth}`;
        if (setting.wants(name)) {
          rows.push(await measure(name, setting, client, places, exchanging(stand, chains, shortSeconds)));
        }
        if (depth < depths.length) chains = await exchangeOnce(stand, places, exchanging(stand, chains, longSeconds));
      }
      return rows;
    } finally {
      await client.stop();
      await oidc.stop();
      await stand.close();
    }
  },
};

type Place = {
  readonly name: string;
  readonly server: Child;
  readonly endpoint: TokenEndpoint;
  /** What a request for a first token says, beyond its grant. */
  readonly first: Readonly<Record<string, string>>;
};

/** Who holds a token of a chain, at each place. */
type Link = { readonly caller: Caller; readonly token: string };

const oursOf = ({ plane, agents }: Stand): Place => ({
  name: 'ambit',
  server: plane,
  endpoint: { url: `${agents}/oauth/token`, audience: agents },
  first: {},
});

/** A first token for each of the agents, for its task where there are tasks. */
function issuing({ callers }: Stand, places: readonly Place[]): TokenClient[][] {
  return places.map(({ name, first }) =>
    callers.map(({ agent, key, proofKey, task }) => {
      const details = { authorization_details: JSON.stringify([{ type: 'ambit_task', identifier: task }]) };
      const form = { grant_type: 'client_credentials', ...first, ...(name === 'ambit' ? details : {}) };
      return { id: agent, key, proofKey, form };
    }),
  );
}

/** Whoever holds a chain hands its task on, as a whole, to each of the agents in turn. */
function exchanging({ callers }: Stand, chains: readonly (readonly Link[])[], ttlSeconds: number): TokenClient[][] {
  return chains.map((links, place) =>
    callers.map((next, i) => {
      const { caller, token } = links[i % links.length]!;
      const ours = { ambit_purpose: 'Look up the order.', ambit_ttl_seconds: String(ttlSeconds) };
      const form = {
        grant_type: exchangeGrant,
        subject_token: token,
        subject_token_type: tokenType,
        ...(place === 0 ? { ...ours, authorization_details: JSON.stringify(authorityOf({})) } : {}),
      };
      const actor = { id: next.agent, key: next.key, proofKey: next.proofKey };
      return { id: caller.agent, key: caller.key, proofKey: caller.proofKey, form, actor };
    }),
  );
}

async function firstTokens(stand: Stand, places: readonly Place[]): Promise<Link[][]> {
  const asked = issuing(stand, places);
  return Promise.all(
    places.map(async ({ endpoint }, place) =>
      Promise.all(
        stand.callers
          .slice(0, chainsMax)
          .map(async (caller, i) => ({ caller, token: await request(endpoint, asked[place]![i]!) })),
      ),
    ),
  );
}

/** One level deeper: the token of each chain is now that of the next agent. */
async function exchangeOnce({ callers }: Stand, places: readonly Place[], asked: TokenClient[][]): Promise<Link[][]> {
  return Promise.all(
    places.map(async ({ endpoint }, place) =>
      Promise.all(
        asked[place]!.slice(0, chainsMax).map(async (client) => ({
          caller: callers.find(({ agent }) => agent === client.actor?.id)!,
          token: await request(endpoint, client),
        })),
      ),
    ),
  );
}

async function request(endpoint: TokenEndpoint, client: TokenClient): Promise<string> {
  const { body, headers } = tokenRequestMaker(endpoint, client)();
  const response = await fetch(endpoint.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...Object.fromEntries(headers.map((line) => line.split(': ') as [string, string])),
    },
    body,
  });
  const answer = (await response.json()) as { readonly access_token?: string };
  if (answer.access_token === undefined)
    throw new Error(`${endpoint.url}: ${response.status} ${JSON.stringify(answer)}`);
  return answer.access_token;
}

async function measure(
  name: string,
  setting: Setting,
  client: Child,
  places: readonly Place[],
  asked: readonly (readonly TokenClient[])[],
): Promise<Row> {
  const sides = places.map(({ name: of, server, endpoint }, i): Side => {
    const { port, pathname } = new URL(endpoint.url);
    const callers = { by: 'token', endpoint, clients: asked[i]! } as const;
    return {
      name: of,
      server,
      usage: usageOf(server),
      port: Number(port),
      request: { method: 'POST', path: pathname, callers },
    };
  });
  const seconds = setting.quick ? 0.5 : 3;
  const rounds = {
    connections,
    seconds,
    times: pairs,
    say: (text: string) => setting.say(`${name}, ${text}`),
    ...warming(setting),
  };
  const [ours = [], theirs = []] = await inTurn(client, sides, rounds);
  const measured = rowOf({
    name,
    unit: 'tokens/s',
    ours: medianOf('perSecond', ours),
    beside: { 'oidc-provider': medianOf('perSecond', theirs) },
    aim,
    leftOut: setting.quick ? [`rounds of ${seconds} s instead of 3 s`] : [],
    detail: {
      connections,
      rounds: ours.length,
      cpuUsPerToken: { ours: rounded(medianOf('cpuUs', ours)), 'oidc-provider': rounded(medianOf('cpuUs', theirs)) },
    },
  });
  return explained(setting, measured, { client, sides, connections });
}

const warming = (setting: Setting) => ({ ...warmingFor(setting), warmCalls: setting.quick ? 600 : 4000 });
