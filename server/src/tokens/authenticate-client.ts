import { type Ground, type RawRequest, Refusal } from '../foundation/index.ts';
import {
  type AuthenticatedAgent,
  authenticateAgent,
  onlyHeader,
  type ProvedAgent,
  proveAgent,
  refuseSharedSecret,
} from '../identity/index.ts';
import { type Holder, holderOf } from './holder.ts';
import type { Issuer } from './issuer.ts';

/** A form that came to one of the OAuth endpoints, with the request that carried it. */
export type ClientRequest = { readonly parameters: Readonly<Record<string, string>>; readonly raw: RawRequest };

/** The agent that asks for a token, and what that will be bound to. What both showed is spent by the answer's own unit. */
export type Applicant = { readonly client: ProvedAgent; readonly holder: Holder };

/** Who asks for a token. */
export async function proveApplicant(ground: Ground, issuer: Issuer, request: ClientRequest): Promise<Applicant> {
  // Whoever comes with a secret hears what to use instead, before what else is missing.
  await answering(request, (authorization) => refuseSharedSecret({ parameters: request.parameters, authorization }));
  const holder = holderOf(issuer, request.raw, ground.clock());
  const client = await answering(request, (authorization) =>
    proveAgent(ground, issuer, credentialsOf(request, authorization, holder)),
  );
  return { client, holder };
}

/** The agent behind a request to an OAuth endpoint. What it proved itself by is spent when this returns. */
export function authenticateClient(
  ground: Ground,
  issuer: Pick<Issuer, 'url' | 'clients'>,
  request: ClientRequest,
): Promise<AuthenticatedAgent> {
  return answering(request, (authorization) =>
    authenticateAgent(ground, issuer, credentialsOf(request, authorization, null)),
  );
}

const credentialsOf = (
  { parameters, raw }: ClientRequest,
  authorization: string | undefined,
  holder: Holder | null,
) => ({ parameters, authorization, certificate: raw.tls?.certificate ?? null, holder });

async function answering<T>(
  { raw }: ClientRequest,
  run: (authorization: string | undefined) => T,
): Promise<Awaited<T>> {
  const authorization = onlyHeader(raw.rawHeaders, 'authorization');
  try {
    return await run(authorization);
  } catch (error) {
    throw error instanceof Refusal ? answeringScheme(error, authorization) : error;
  }
}

/** RFC 6749 §5.2: who tried the Authorization header is answered by a challenge of that scheme. */
function answeringScheme(refusal: Refusal, authorization = ''): Refusal {
  if (!/^basic /i.test(authorization)) return refusal;
  const challenge = { 'www-authenticate': 'Basic realm="agents log in without shared secrets"' };
  return refusal.with({ headers: challenge });
}
