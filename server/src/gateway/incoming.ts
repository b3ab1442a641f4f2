import type { TaskId } from '@ambit/protocol';
import type { AuthenticatedCaller } from '../tokens/index.ts';
import type { Admitted } from './admit.ts';
import type { Call } from './call.ts';
import type { Asking, RequestLine } from './caller.ts';
import type { Reply } from './http-reply.ts';
import type { ShownToken } from './unproved.ts';

/** What arrived at a door, still unbelieved: each step is taken by the story, in its order. */
export type Incoming = {
  /** Method and path as sent, and the trace, for the log. */
  readonly request: RequestLine;
  readonly remoteAddress: string;
  /** Proves the agent, its key and its token, or refuses. Nothing is spent yet. */
  authenticate(): Promise<AuthenticatedCaller>;
  /** The task that the token is for; refuses a token that is for none. */
  taskOf(authenticated: AuthenticatedCaller): TaskId;
  /** The one meaning of the request, its body included, or the refusal that says what is ambiguous. */
  read(asking: Asking): Promise<Call>;
  /** What the token says, where one was shown: for the log alone. */
  tokenShown(): ShownToken | null;
  /** Where the upstream's answer goes, once there is an entry that permits the call. */
  reply(admitted: Admitted): Reply;
};
