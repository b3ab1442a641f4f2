import type { RefusalRow } from './row.ts';

export const catalogRefusals = {
  'catalog.api_unknown': {
    status: 404,
    title: 'No such API',
    says: 'Check the name of the API in the address; an administrator of the catalog can import it.',
  },
  'catalog.no_match': {
    status: 404,
    title: 'The call is no known action',
    says: 'Check method and path against the description of the API; what was asked for is kept and can become an action.',
  },
  'catalog.held': {
    status: 403,
    title: 'The action waits for a person',
    says: 'The description of this action changed in a way that a person with the catalog role has to confirm first.',
  },
  'catalog.path_ambiguous': {
    status: 400,
    title: 'The path could be read in more than one way',
    says: 'Write the path plainly: one slash between segments, no dot segments, and each value percent-encoded once.',
  },
  'catalog.query_ambiguous': {
    status: 400,
    title: 'The query could be read in more than one way',
    says: 'Name only declared query parameters, each once, as name=value with percent-encoding.',
  },
  'catalog.header_refused': {
    status: 400,
    title: 'A header field would change what the call means',
    says: 'Send the call without header fields that override its method, address or encoding.',
  },
  'catalog.body_ambiguous': {
    status: 400,
    title: 'The body could be read in more than one way',
    says: 'Send one plain value: no duplicate keys, numbers written plainly, UTF-8.',
  },
  'catalog.body_unexpected': {
    status: 400,
    title: 'This action takes no body',
    says: 'Send the call without a body.',
  },
  'catalog.body_unreadable': {
    status: 415,
    title: 'The body cannot be decided on',
    says: 'The body of this action is of a type that Ambit does not read; its owner has to declare that it carries no power.',
  },
  'catalog.argument_invalid': {
    status: 400,
    title: 'An argument is not what the action declares',
    says: 'Correct the named argument.',
  },
  'catalog.argument_missing': {
    status: 400,
    title: 'A required argument is missing',
    says: 'Add the named argument.',
  },
  'catalog.description_invalid': {
    status: 422,
    title: 'The description cannot be imported',
    says: 'Correct the description at the named place and import it again.',
  },
  'catalog.overlay_invalid': {
    status: 422,
    title: 'The classification cannot be applied',
    says: 'Correct the named part and send it again.',
  },
  'catalog.confirmation_stale': {
    status: 409,
    title: 'The catalog changed since it was shown',
    says: 'Look at the API again and confirm what it says now.',
  },
  'catalog.origin_missing': {
    status: 422,
    title: 'The API has no confirmed origin',
    says: 'A person with the catalog role has to name the origin that this API lives at.',
  },
  'catalog.origin_invalid': {
    status: 422,
    title: 'That is not an origin',
    says: 'Name an origin such as https://api.example.com, without path, query or credentials.',
  },
  'catalog.too_many': {
    status: 409,
    title: 'The catalog is full',
    says: 'Remove what is no longer used, or import a smaller description.',
  },
} as const satisfies Record<string, RefusalRow>;
