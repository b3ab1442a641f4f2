import { type Endpoint, readEndpoint, refuse } from '../foundation/index.ts';

export function requireEndpoint(text: string): Endpoint {
  const read = readEndpoint(text);
  if (typeof read === 'string') throw refuse('signal.endpoint_invalid', read);
  return read;
}

const headerForm = /^[\x21-\x7e][\x20-\x7e]{0,4094}$/;

/** The text of an Authorization header, as somebody gave it to us. */
export function requireHeader(text: string): string {
  if (headerForm.test(text)) return text;
  throw refuse('signal.endpoint_invalid', 'the authorization header holds more than visible ASCII');
}
