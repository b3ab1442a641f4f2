import type { Passing, Rule } from '../guard.ts';
import { certificateOf } from '../incoming.ts';

/** What is read of a context of Hono 4, or of anything alike. */
export type HonoContext = {
  readonly req: {
    readonly raw: Request;
    readonly param: () => object;
    readonly queries: () => Record<string, string[]>;
    readonly json: () => Promise<unknown>;
    readonly parseBody: () => Promise<object>;
  };
  readonly env: unknown;
};

export type HonoHandler = (context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined>;

export function honoGuard({ check, passed }: Passing, rule: Rule<HonoContext>): HonoHandler {
  return async (context, next) => {
    const { req } = context;
    const { method, headers } = req.raw;
    const { pathname, search } = new URL(req.raw.url);
    // Fetch joins values of one name by commas, which neither header has in itself: two of them are unreadable as one.
    const values = (name: string) => headers.get(name)?.split(', ') ?? [];
    const incoming = {
      method,
      url: pathname + search,
      authorization: values('authorization'),
      proofs: values('dpop'),
      certificate: certificateOf(socketOf(context.env)),
      given: async () => ({ path: req.param(), query: queryOf(req.queries()), body: await bodyOf(req) }),
    };
    const verdict = await check(rule, incoming, rule.arguments?.(context));
    if ('answer' in verdict) {
      const { status, headers: answered, body } = verdict.answer;
      return new Response(body, { status, headers: { ...answered } });
    }
    passed(context, verdict.caller);
    await next();
    return undefined;
  };
}

/** On Node, `@hono/node-server` hands the request of Node in. */
function socketOf(env: unknown): unknown {
  const incoming = typeof env === 'object' && env !== null && 'incoming' in env ? env.incoming : undefined;
  return typeof incoming === 'object' && incoming !== null && 'socket' in incoming ? incoming.socket : undefined;
}

/** As the other frameworks have it: one value is a text, several are a list. */
const queryOf = (queries: Record<string, string[]>) =>
  Object.fromEntries(Object.entries(queries).map(([name, values]) => [name, values.length === 1 ? values[0] : values]));

/** Read through Hono, which keeps it for the handler. What is neither JSON nor a form is one argument of which nothing is known. */
async function bodyOf(req: HonoContext['req']): Promise<unknown> {
  const { headers } = req.raw;
  // Servers give a body to every DELETE, an empty one too: the head says whether one came.
  if (!headers.has('transfer-encoding') && Number(headers.get('content-length') ?? '0') === 0) return undefined;
  const type = (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  try {
    if (type === 'application/json' || type.endsWith('+json')) return await req.json();
    if (type === 'application/x-www-form-urlencoded') return await req.parseBody();
  } catch (error) {
    // The handler would find it as unreadable.
    if (!(error instanceof SyntaxError)) throw error;
  }
  return null;
}
