import { type AnswerOf, type BodyOf, mediaType, type QueryOf, type RouteName, utf8 } from '@ambit/protocol';
import type { SigningKey } from './key.ts';
import { filled } from './path.ts';
import { readAnswer } from './read-answer.ts';
import { type Sending, send, type Wire } from './wire.ts';

/** The values that stand in the path of a route, by their names there. */
type ParametersOf<Route extends string> = Route extends `${string}/:${infer One}/${infer Rest}`
  ? One | ParametersOf<`/${Rest}`>
  : Route extends `${string}/:${infer One}`
    ? One
    : never;
type Given<R extends RouteName> = ([QueryOf<R>] extends [undefined] ? unknown : { readonly query: QueryOf<R> }) &
  ([ParametersOf<R>] extends [never] ? unknown : { readonly at: { readonly [P in ParametersOf<R>]: string } }) &
  (BodyOf<R> extends undefined ? unknown : { readonly body: BodyOf<R> });

/** What is given with a route: the values in its path, its query and its body, as far as it has them. */
export type Asked<R extends RouteName> = object extends Given<R> ? [given?: Given<R>] : [given: Given<R>];

type Query = Readonly<Record<string, string | number | undefined>>;
type Parts = { readonly at?: Readonly<Record<string, string>>; readonly query?: Query; readonly body?: unknown };

/** The request that asks for it. No value that stands `at` a place in its path can point elsewhere: it throws `TypeError`. */
export function requestOf<R extends RouteName>(route: R, ...[given]: Asked<R>): Sending {
  const { at = {}, query = {}, body }: Parts = given ?? {};
  const [method = '', path = ''] = route.split(' ');
  const sending = { method, path: `${filled(path, at)}${queryOf(query)}` };
  if (body === undefined) return sending;
  const headers = { 'content-type': mediaType.json };
  return { ...sending, headers, body: new Uint8Array(utf8(JSON.stringify(body))) };
}

/** `?a=1&b=2` of what is there; empty where nothing is. */
function queryOf(members: Query): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(members)) if (value !== undefined) given.append(name, `${value}`);
  return given.size === 0 ? '' : `?${given}`;
}

/** Asks without a session or a token: the proof binds what comes back to `key`. */
export const askWithKey = async <R extends RouteName>(
  wire: Wire,
  key: SigningKey,
  route: R,
  ...given: Asked<R>
): Promise<AnswerOf<R>> => readAnswer(await send(wire, key, requestOf(route, ...given)));
