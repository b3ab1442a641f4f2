/**
 * What any gateway bound to keys must do at least: the plane's own HTTP server, its own check of token and proof, and
 * its own way out. It decides nothing, spends nothing and writes nothing down.
 */
import { readConfig } from '../server/src/config.ts';
import { createApi, createOutbound, listen, loadKeys, refuse } from '../server/src/foundation/index.ts';
import { keySourceOf } from '../server/src/opening.ts';
import { openTokenKeys, verify } from '../server/src/tokens/index.ts';
import { answerAsks } from './parts/answering.ts';
import { forwardBarely } from './parts/forward-barely.ts';

const config = readConfig(process.env);

answerAsks({
  /** `plane` is the origin that tokens and proofs name, `upstream` where every call goes. */
  async start({ plane, upstream }: { readonly plane: string; readonly upstream: string }) {
    const tokenKeys = openTokenKeys(loadKeys(keySourceOf(config)));
    const issuer = {
      url: plane,
      trustDomain: config.trustDomain,
      svids: null,
      tls: null,
      clients: [],
      statusSeconds: 10,
      pick: () => 0,
      ttlSeconds: config.tokenTtlSeconds,
      keys: () => tokenKeys,
    };
    const outbound = createOutbound({ allowPrivate: [upstream], ownAddresses: () => [] });
    const api = createApi({
      routes: [],
      authenticate: () => Promise.reject(refuse('caller.not_allowed', 'there is no route here')),
      record: () => Promise.resolve(undefined),
      before(request, response) {
        const { method = '', url = '', rawHeaders } = request;
        try {
          const { caller } = verify(issuer, { method, url, rawHeaders, tls: null }, Date.now(), {
            tokenFor: 'task',
            channel: 'gateway',
          });
          forwardBarely(
            outbound,
            { tenant: caller.tenant, upstream, path: url.replace(/^\/api\/[^/]+/, '') },
            request,
            response,
          );
        } catch (error) {
          response.writeHead(401).end(String(error));
        }
        return true;
      },
    });
    return { url: (await listen(api, '127.0.0.1', 0)).url };
  },
});
