import { isRefusalCode, type RefusalCode, refusalRow } from '../../refusals/index.ts';
import { argumentName } from '../argument-name.ts';
import { type Part, valueText } from '../parts.ts';
import { type DenialValueName, type DenialValues, denialValueRows } from './denial-values.ts';
import type { DenialToSay, Said } from './to-say.ts';

/** What happened, and what to do next. `@` stands for the agent. */
type Row = readonly [why: string, next: string];

const tellOperator = 'Whoever runs Ambit should look at it if it happens again.';
const anotherToken = '@ gets a new token at the token endpoint; nothing has to be done by a person.';
const ownCode = 'Whoever builds @ should look at it.';
const stolen =
  'Where @ is not known to do so by mistake, somebody else may have its token: its owner can suspend it and look at its keys.';
const credential = 'An administrator has to look at the credential that this API is called with.';
const writePlainly =
  'It is not sent on, since Ambit and the API could read it differently. Whoever builds @ should look at it.';
const askOwner = 'The owner of @ has to look at its keys.';

/**
 * Denials whose code says it all, in the words of whoever reads a run, where refusals themselves speak to whoever builds
 * the agent. What is not here is said by its title and what the caller heard.
 */
export const plainDenials: Partial<Readonly<Record<RefusalCode, Row>>> = {
  'token.missing': ['no access token came with the request', ownCode],
  'token.bearer_refused': ['a token that belongs to a key came without any proof of that key', stolen],
  'token.invalid': ['the access token does not hold', anotherToken],
  'token.expired': ['the access token was too old', anotherToken],
  'token.wrong_audience': ['the access token is for something else', ownCode],
  'token.other_key': ['the request was signed with another key than its token belongs to', stolen],
  'token.certificate_missing': ['a token that belongs to a certificate came without it', stolen],
  'token.other_certificate': ['the request came with another certificate than its token belongs to', stolen],
  'token.revoked': ['the access token was revoked', anotherToken],
  'token.key_revoked': ['the key that the task belongs to does not hold any more', askOwner],
  'token.requester_not_active': [
    'the person who asked is not active',
    'While that is so the task stands still; an administrator can look at that person.',
  ],
  'proof.missing': ['no proof came with the token, so that anybody could have sent it', stolen],
  'proof.invalid': ['the proof that came with the token does not hold', stolen],
  'proof.stale': [
    'the proof that came with the token was too old, or from the future',
    'The clock of the machine that @ runs on should be looked at.',
  ],
  'proof.replayed': [
    'the proof was used before',
    'It may be that somebody copied a request of @. If @ does not send requests twice, its owner should look at where it runs.',
  ],
  'proof.body_missing': ['the proof does not cover what was sent', ownCode],
  'proof.body_mismatch': ['what was sent is not what the proof was made for', stolen],
  'client.unauthenticated': ['whoever called did not prove to be an agent that is registered here', ownCode],
  'client.key_ended': ['the key that @ proved itself with has ended', askOwner],
  'client.certificate_unknown': ['the certificate is none that is registered here', askOwner],
  'client.certificate_expired': ['the certificate has expired, or begins later', askOwner],
  'assertion.invalid': ['what @ signed to prove itself does not hold', ownCode],
  'assertion.stale': ['what @ signed to prove itself was too old, or from the future', ownCode],
  'assertion.replayed': ['what @ signed to prove itself was used before', stolen],
  'template_key.unknown': ['the static key opens nothing', 'The owner of @ can make another.'],
  'template_key.ended': [
    'the static key has ended: it was revoked or replaced, or its time is over',
    'The owner of @ can make another.',
  ],
  'template_key.elsewhere': [
    'the static key came from where it does not count',
    'If @ was not moved, somebody may have copied the key: its owner can revoke it.',
  ],
  'template_key.template_changed': [
    'the template of the static key is another by now',
    'The owner of @ has to look at the template, and make a key for it as it is.',
  ],
  'template_key.irreversible': [
    'a static key does nothing that cannot be taken back',
    'An agent with a key of its own can do it, under a task of its own.',
  ],
  'agent.not_active': ['@ is not active', 'Its owner can look at it.'],
  'agent.expired': ['@ is registered for a time that is over', 'Its owner can register another agent.'],
  'agent.owner_not_active': [
    '@ has no active owner',
    'An agent acts only while a person answers for it: an administrator can give it another owner.',
  ],
  'task.ended': ['the task has ended', 'Where it is still needed, another task has to be opened.'],
  'task.needed': ['no task was named that the call would be made under', ownCode],
  'task.not_open': ['the task cannot be taken', 'Whoever asked for it can look at how it stands.'],
  'task.not_yours': ['the task is that of another agent', ownCode],
  'task.taken': [
    'another key has taken the task already',
    'If @ runs in one place only, somebody else may have its keys: its owner can look at them.',
  ],
  'task.agent_not_active': ['@ is not active', 'Its owner can look at it.'],
  'task.no_standing_grant': [
    'nothing allows @ to open tasks by itself',
    'A person can open the task, or the owner of @ signs a standing grant.',
  ],
  'task.beyond_standing_grant': [
    'that is more than the standing grant of @ allows',
    'A person can open the task, or the owner of @ signs a wider standing grant.',
  ],
  'task.too_many_live': [
    'as many tasks of that standing grant are open as may be at once',
    '@ has to complete one of them first.',
  ],
  'task.too_deep': ['the task was handed on as often as may be', 'An agent nearer to the person has to do it.'],
  'task.actor_not_named': [
    'the task may not be handed on to that agent',
    'Whoever asked for the task said to whom it may.',
  ],
  'task.widened': ['more was to be handed on than the task has', '@ can hand on no more than a part of what it has.'],
  'catalog.api_unknown': ['there is no such API here', 'Somebody with the role catalog can import it.'],
  'gateway.api_unknown': ['there is no such API here', 'Somebody with the role catalog can import it.'],
  'catalog.no_match': [
    'the call is no action that the catalog knows',
    'It stands among what matched nothing; somebody with the role catalog can make an action of it.',
  ],
  'catalog.held': [
    'the description of the action was changed, and nobody confirmed that yet',
    'Somebody with the role catalog has to look at it.',
  ],
  'catalog.path_ambiguous': ['the address of the call can be read in more than one way', writePlainly],
  'catalog.query_ambiguous': ['the query of the call can be read in more than one way', writePlainly],
  'catalog.header_refused': ['a header field would have made another call of it', writePlainly],
  'catalog.body_ambiguous': ['the body can be read in more than one way', writePlainly],
  'catalog.body_unexpected': ['the action takes no body, and one was sent', ownCode],
  'catalog.body_unreadable': [
    'the body is of a kind that Ambit cannot read',
    'Somebody with the role catalog can look at the action.',
  ],
  'catalog.argument_invalid': ['a value of the call is not what its action declares', ownCode],
  'catalog.argument_missing': ['a value that the action needs was left out', ownCode],
  'catalog.origin_missing': [
    'nobody has confirmed yet where that API lives',
    'Somebody with the role catalog has to name its origin.',
  ],
  'request.malformed': ['the request could not be read', ownCode],
  'request.too_large': ['the request was too large', ownCode],
  'request.too_busy': ['too many large requests were being read', 'It may be sent again.'],
  'limits.calls_exceeded': ['all calls that were granted are used up', 'A person can open another task.'],
  'limits.sum_exceeded': ['the amount does not fit into what is left', 'A person can open another task.'],
  'limits.cost_exceeded': ['all cost units that were granted are used up', 'A person can open another task.'],
  'limits.window_exceeded': ['a limit over time is reached', 'There is room again later.'],
  'limits.currency_unknown': [
    'the amount cannot be counted against a limit',
    '@ has to use the currency of the limit, and write the amount as a plain number such as 30.00.',
  ],
  'limits.rate_exceeded': ['@ called too fast', 'Whoever builds it can make it call more slowly.'],
  'limits.caller_resting': [
    '@ kept failing at this, and is given a rest',
    'Look at what it was answered before it goes on.',
  ],
  'limits.upstream_resting': [
    'the API kept failing at this, and is given a rest',
    'Whoever runs that API should look at it if it lasts.',
  ],
  'approval.needed': [
    'a person would have to be asked first',
    'This was only to look before a question is shown, and nobody is asked about that.',
  ],
  'approval.too_many_pending': [
    'too many questions of @ are open',
    'People have to answer some of them before it asks more.',
  ],
  'gateway.body_streamed': [
    'a person would have to be asked, and nobody could be shown what the body says',
    'Somebody with the role catalog can declare the arguments of the action.',
  ],
  'gateway.upgrade_refused': ['one decision is about one call, and a connection was to be handed over', ownCode],
  'gateway.needs_gateway': ['this can be decided at the gateway only', ownCode],
  'gateway.busy': ['Ambit had more to do than it can at once', 'It may be sent again.'],
  'vault.credential_unknown': ['there is no credential for this API', 'An administrator can store one.'],
  'vault.credential_disabled': ['the credential for this API is disabled', 'An administrator can store another.'],
  'vault.origin_not_named': ['the credential is not for where this API lives', credential],
  'vault.wrong_agent_user': ['the credential acts as another user than @', credential],
  'vault.wrong_api': ['the credential is for another API', credential],
  'vault.cannot_open': ['the credential for this API could not be opened', credential],
  'vault.certificate_expired': ['the certificate for this API does not hold now', credential],
  'vault.place_taken': ['the call names a value that only the credential may fill', ownCode],
  'plane.too_busy': ['Ambit had more to decide than it can', 'It may be sent again.'],
  'plane.cut_off': [
    'this node of Ambit could not reach its store, and permits nothing then',
    'It may be sent again. Whoever runs Ambit should look at it if it lasts.',
  ],
  'plane.clock_behind': [
    'the clock of Ambit was set back, and no time can be trusted then',
    'Whoever runs Ambit has to correct it.',
  ],
  'plane.fault': ['Ambit itself failed while it decided', `It may be sent again. ${tellOperator}`],
  'store.unavailable': ['the store did not answer in time', `It may be sent again. ${tellOperator}`],
  'store.nearly_full': ['there is too little room to record more', 'Whoever runs Ambit has to make room on its disk.'],
  'store.row_unexplained': [
    'a stored row is not what the log says it should be',
    'Whoever runs Ambit has to look at it now: the store was changed past Ambit.',
  ],
  'state.changed': ['too much changed while it was decided', 'It may be sent again.'],
};

/**
 * The same with values that came along: the first of a code whose values are all there stands in place of its plain words.
 */
export const toldDenials: Partial<Readonly<Record<RefusalCode, readonly string[]>>> = {
  'token.expired': ['the access token was good until {until}'],
  'token.wrong_audience': ['the access token is for {audience}'],
  'proof.stale': ['the proof that came with the token was made {made}, too long before or after it came'],
  'assertion.stale': ['what @ signed to prove itself was good until {until}'],
  'client.certificate_expired': ['the certificate is good until {until} at the most'],
  'template_key.ended': ['the static key was good until {until}'],
  'agent.expired': ['@ was registered until {until}'],
  'catalog.api_unknown': ['there is no API {asked} here'],
  'gateway.api_unknown': ['there is no API {asked} here'],
  'catalog.no_match': [
    'at the path {path}, the API {api} takes {takes} and not {method}',
    'no action of the API {api} has the path {path}',
  ],
  'catalog.held': ['the description of {action} was changed, and nobody confirmed that yet'],
  'catalog.header_refused': ['the header field {header} would have made another call of it'],
  'catalog.body_unexpected': ['{action} takes no body, and one was sent'],
  'catalog.body_unreadable': ['the body for {action} is of a kind that Ambit cannot read'],
  'catalog.argument_invalid': ['the value {argument} is not what {action} declares'],
  'catalog.argument_missing': ['{action} needs the value {argument}, which was left out'],
  'request.too_large': ['the request was larger than {bytesMax} bytes'],
  'vault.credential_unknown': ['the credential {credential} for this API is gone'],
  'vault.credential_disabled': ['the credential {credential} for this API is disabled'],
  'vault.origin_not_named': ['the credential {credential} is not for {origin}, where this API lives'],
  'vault.wrong_agent_user': ['the credential {credential} acts as another user than @'],
  'vault.wrong_api': ['the credential {credential} is for the API {api} only'],
  'vault.cannot_open': ['the credential {credential} for this API could not be opened'],
  'vault.certificate_expired': ['the certificate {credential} for this API does not hold now'],
};

type Coded = Pick<DenialToSay, 'code' | 'agent' | 'words' | 'naming'>;

export function sayByCode(denial: Coded, values: DenialValues = {}): Said {
  const { code } = denial;
  const row = isRefusalCode(code) ? (plainDenials[code] ?? rowOf(code)) : undefined;
  if (row === undefined)
    return {
      why: [{ text: 'the reason is of a newer release: ' }, { value: code, kind: 'text', source: 'plane' }],
      next: [{ text: 'The entry has it in its own words.' }],
    };
  const [why, next] = row;
  const told = isRefusalCode(code) ? toldDenials[code]?.find((one) => isWhole(one, values)) : undefined;
  return { why: filled(told ?? why, denial, values), next: filled(next, denial, values) };
}

function rowOf(code: RefusalCode): Row {
  const { title, says } = refusalRow(code);
  return [title.slice(0, 1).toLowerCase() + title.slice(1), says];
}

const hole = /(@|\{[a-zA-Z]+\})/;
const nameIn = (piece: string): DenialValueName | undefined => {
  const name = piece.slice(1, -1);
  return piece.startsWith('{') && Object.hasOwn(denialValueRows, name) ? (name as DenialValueName) : undefined;
};

function isWhole(words: string, values: DenialValues): boolean {
  const names = words.split(hole).flatMap((piece) => nameIn(piece) ?? []);
  return names.every((name) => values[name] !== undefined);
}

function filled(words: string, denial: Coded, values: DenialValues): readonly Part[] {
  return words
    .split(hole)
    .filter((piece) => piece !== '')
    .map((piece) => {
      if (piece === '@') return denial.agent;
      const name = nameIn(piece);
      return name === undefined ? { text: piece } : asPart(denial, name, values[name]);
    });
}

function asPart({ naming, words }: Coded, name: DenialValueName, value: string | number | undefined): Part {
  const { kind, source } = denialValueRows[name];
  if (kind === 'time' && typeof value === 'number') return naming.time(value);
  const text = valueText(value);
  return { value: kind === 'argument' ? argumentName(text, words) : text, kind, source };
}
