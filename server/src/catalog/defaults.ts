import { decimalOf } from '@ambit/protocol';
import type { ActionShape, Classification } from './action.ts';
import { literalOf, parameterNames, printTemplate } from './path-template.ts';

/**
 * What counts without anybody's word: what is not known to be a read is a write, what is not known to be reversible is
 * irreversible, what seems to carry an operation in its body is opaque, what seems to answer a credential mints one.
 */
export function defaults(shape: ActionShape): Classification {
  const effect = seemsRead(shape) ? 'read' : 'write';
  return {
    effect,
    reversibility: effect === 'read' ? 'reversible' : 'irreversible',
    reach: 'external',
    costUnits: decimalOf('1'),
    answersForeignText: true,
    mintsCredential: seemsToMint(shape),
    opaque: seemsOpaque(shape),
    sensitivity: 'internal',
    bodyIsPowerless: false,
    asksEachTime: false,
    undo: null,
    undoSeconds: null,
    stream: null,
    money: null,
    resource: likelyResource(shape),
    lookAgain: null,
    sentence: plainSentence(shape),
    idempotencyHeader: shape.parameters.find((one) => one.argument === 'header.idempotency-key')?.name ?? null,
  };
}

const changingWords = new Set(
  `accept activate add approve archive assign ban block cancel clear close commit confirm create deactivate delete deny destroy
  disable dismiss enable execute grant install invite join kick kill leave lock logout mark merge move open pay post publish purge
  redeliver refund reject remove rename reorder replace rerun reset resend restore resume retry revoke rotate run send set
  share start stop submit subscribe suspend transfer trigger unarchive unassign unblock uninstall unlock unpublish unshare
  unsubscribe update upload vote write`.split(/\s+/),
);

const readingWords = new Set(
  'check compare count describe download fetch find get head list lookup query read retrieve search show'.split(' '),
);

// RFC 9110 §9.2.1 calls GET, HEAD and OPTIONS safe, but some APIs change things on GET: a changing word in the name raises.
function seemsRead(shape: ActionShape): boolean {
  if (!['GET', 'HEAD', 'OPTIONS'].includes(shape.method)) return false;
  const last = shape.template.map(literalOf).findLast((text) => text !== undefined);
  const name = wordsOf(shape.operation.slice(shape.operation.indexOf('/') + 1));
  if (readingWords.has(name[0] ?? '')) return true;
  return !changingWords.has(name.at(-1) ?? '') && !changingWords.has(name[0] ?? '') && !changingWords.has(last ?? '');
}

/** Words in small letters: `admin_apps.clearResolution` → admin, apps, clear, resolution. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

const opaqueEndings =
  /^(\$?batch|graphql|\$?bulk|_bulk|_msearch|_search|jsonrpc|json-rpc|rpc|xmlrpc|sql|eval|multicall|query)$/i;
const operationMembers = new Set([
  'operations',
  'requests',
  'batch',
  'sql',
  'statement',
  'statements',
  'jsonrpc',
  'script',
]);
const opaqueMediaTypes = new Set([
  'application/graphql',
  'multipart/mixed',
  'application/sql',
  'application/sparql-query',
]);

/**
 * Opaque are: a body behind a path that ends in `graphql`, `batch`, `$batch`, `rpc`, `sql`, `_bulk` and the like; a body
 * with a member that holds operations (`operations`, `requests`, `batch`, `sql`, `statement`, `script`, `jsonrpc`); a body
 * with a text `query` next to `variables` or `operationName`, or behind a path that ends in `search`; GraphQL, SQL and
 * multipart/mixed media types. A filter in a query string is not: it stands in an argument that can be constrained.
 */
function seemsOpaque(shape: ActionShape): boolean {
  const literals = shape.template.map((segment) => segment.map((part) => ('text' in part ? part.text : '')).join(''));
  const last = literals.findLast((text) => text !== '') ?? '';
  const ending = last.slice(last.lastIndexOf(':') + 1);
  if (shape.body === null) return /^graphql$/i.test(ending);
  if (opaqueEndings.test(ending)) return true;
  if (shape.body.mediaTypes.some((one) => opaqueMediaTypes.has(one.type))) return true;
  const members = new Set(topMembers(shape));
  if ([...members].some((name) => operationMembers.has(name.toLowerCase()))) return true;
  return members.has('query') && (members.has('variables') || members.has('operationName') || /^search$/i.test(ending));
}

function topMembers(shape: ActionShape): string[] {
  const names = Object.keys({ ...shape.body?.arguments, ...shape.body?.objects });
  return names.flatMap((name) => (name.split('.').length === 2 ? [name.slice('body.'.length)] : []));
}

const tokenMember = /^((access|refresh|id|session|auth|bearer|api|bot|registration|remove|jit)_?)?tokens?$/i;
const secretMember = /^(secret|password|pem|(client|webhook)_?secret|(secret|private|api)_?key|encoded_jit_config)$/i;
const lentMember = /^((presigned|signed|upload)_?url|(temporary_?)?credentials?)$/i;
const isCredentialMember = (name: string) => tokenMember.test(name) || secretMember.test(name) || lentMember.test(name);
const credentialWords = new Set(
  'token tokens credential credentials login signin oauth presign presigned password jwt apikey apikeys secret'.split(
    ' ',
  ),
);

function seemsToMint(shape: ActionShape): boolean {
  if (shape.hints.setsCookie) return true;
  if (shape.hints.answerNames.some(isCredentialMember)) return true;
  if (['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(shape.method)) return false;
  const words = [
    ...wordsOf(shape.operation),
    ...shape.template.flatMap((segment) => wordsOf(literalOf(segment) ?? '')),
  ];
  if (words.some((word) => credentialWords.has(word))) return true;
  return words.some((word, i) => word === 'api' && /^keys?$/.test(words[i + 1] ?? ''));
}

function likelyResource(shape: ActionShape): Classification['resource'] {
  const at = shape.template.findLastIndex((segment) => parameterNames(segment).length > 0);
  const type = literalOf(shape.template[at - 1] ?? []);
  const name = parameterNames(shape.template[at] ?? [])[0];
  const parameter = shape.parameters.find((one) => one.in === 'path' && one.name === name);
  return type === undefined || type === '' || parameter === undefined ? null : { type, id: parameter.argument };
}

function plainSentence(shape: ActionShape): string {
  const named = new Map(shape.parameters.filter((one) => one.in === 'path').map((one) => [one.name, one.argument]));
  return `${shape.method} ${printTemplate(shape.template).replace(/\{([^}]*)\}/g, (_, name) => `{${named.get(name) ?? name}}`)}`;
}
