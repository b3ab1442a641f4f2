import { createHash } from 'node:crypto';
import { canonicalJson } from '@ambit/protocol';
import { type CompiledPolicy, compile } from './cedar/compile.ts';
import { CompileError } from './cedar/compile-error.ts';
import type { JsonObject } from './cedar/json.ts';
import { measurePolicyText, type PolicyPlace } from './cedar/limits.ts';
import type { Complaint, Official } from './cedar/official.ts';
import { closedByDefault, type PolicyAbout, type PolicySet, type Problem } from './policy-set.ts';

export type { PolicySet } from './policy-set.ts';

export class PolicyTextError extends Error {
  override readonly name = 'PolicyTextError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(printProblem).join('\n'));
    this.problems = problems;
  }
}

type Draft = { readonly text: string; readonly schema: JsonObject };

/**
 * Reads, checks and compiles a policy text. Every policy needs an `@id` of its own; `@reason` is what a person reads;
 * `@ask` turns a forbid into a question, `@max_age` into one that a fresh sign-in of the requester lifts. Throws a PolicyTextError that names every problem found; an OfficialError
 * where the official build gave no answer. Nothing is published then.
 */
export async function preparePolicySet({ text, schema }: Draft, official: Official): Promise<PolicySet> {
  const places = measured(text);
  const texts = await parse(text, official);
  const lineOf = lines(text, texts, places);
  const trees = await official.trees(texts);
  const drafts = trees.map((tree, place) => compileOne(tree, lineOf(place)));
  const named = drafts.map((policy, place) => readAnnotations(policy, lineOf(place)));
  throwProblems([...named.flatMap(({ problems }) => problems), ...repeated(named)]);

  const ids = named.map(({ id }) => id);
  const textsById = new Map(ids.map((id, place) => [id, texts[place]!]));
  const { errors, warnings } = await official.validate(textsById, schema);
  const inWords = (complaint: Complaint): Problem => describe(complaint, ids, texts, lineOf);
  throwProblems(errors.map(inWords));
  return {
    version: versionOf(text, schema),
    text,
    schema,
    compiled: compile(trees.map((tree, place) => ({ id: ids[place]!, tree }))),
    about: new Map(named.map(({ id, effect, reason, line }) => [id, { effect, reason, line }])),
    asks: new Map(named.flatMap(({ id, ask }) => (ask === undefined ? [] : [[id, ask] as const]))),
    maxAges: new Map(named.flatMap(({ id, maxAge }) => (maxAge === undefined ? [] : [[id, Number(maxAge)] as const]))),
    texts: textsById,
    acrs: new Map(named.flatMap(({ id, acr }) => (acr === undefined ? [] : [[id, acr] as const]))),
    warnings: distinct(warnings.map(inWords)),
  };
}

/** What the grammar allows and this version does not know, such as `unknown(…)`, is the author's to change. */
function compileOne(tree: unknown, line: number): CompiledPolicy {
  try {
    return compile([{ id: `on line ${line}`, tree }]).policies[0]!;
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    throw new PolicyTextError([{ policy: null, line, says: error.message }]);
  }
}

function throwProblems(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new PolicyTextError(distinct(problems));
}

/** The validator says the same once for every kind of caller and action. */
function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [printProblem(problem), problem])).values()];
}

function printProblem({ policy, line, says }: Problem): string {
  const where = [line === null ? '' : `line ${line}`, policy === null ? '' : `policy ${policy}`].filter(Boolean);
  return where.length > 0 ? `${where.join(', ')}: ${says}` : says;
}

/** Before the official build sees it: one policy nested too deeply would cost it its thread. */
function measured(text: string): readonly PolicyPlace[] {
  const result = measurePolicyText(text);
  if (result.kind === 'within') return result.policies;
  throw new PolicyTextError([{ policy: null, line: result.line, says: result.says }]);
}

async function parse(text: string, official: Official): Promise<readonly string[]> {
  const parsed = await official.parse(text);
  if (parsed.kind === 'complaints') {
    const problems = parsed.complaints.map(({ message, help, start }) => {
      const line = start === undefined ? null : 1 + newlinesBefore(text, start);
      return { policy: null, line, says: sentence(message, help) };
    });
    throw new PolicyTextError(problems);
  }
  if (parsed.templates.length === 0) return parsed.policies;
  throw new PolicyTextError([{ policy: null, line: null, says: 'slots like ?principal are not used here; name it' }]);
}

/** The official build counts bytes of UTF-8. */
function newlinesBefore(text: string, bytes: number): number {
  return Buffer.from(text).subarray(0, bytes).toString().split('\n').length - 1;
}

type LineOf = (place: number, bytesIntoPolicy?: number) => number;

function lines(text: string, texts: readonly string[], places: readonly PolicyPlace[]): LineOf {
  return (place, bytes) => {
    const { start, line } = places[place] ?? { start: 0, line: 1 };
    const own = texts[place] ?? '';
    return bytes !== undefined && text.startsWith(own, start) ? line + newlinesBefore(own, bytes) : line;
  };
}

// ---- annotations

type Named = PolicyAbout & {
  readonly id: string;
  readonly ask: string | undefined;
  readonly maxAge: string | undefined;
  readonly acr: string | undefined;
  readonly problems: readonly Problem[];
};

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const sentenceLengthMax = 500;

function readAnnotations({ annotations, effect }: CompiledPolicy, line: number): Named {
  const [id, reason, ask, maxAge, acr] = ['id', 'reason', 'ask', 'max_age', 'acr'].map((name) => annotations.get(name));
  const problems: string[] = [];
  if (id === undefined) problems.push('this policy needs a name: begin it with @id("…")');
  else if (!idPattern.test(id)) problems.push(`@id("${id}") may hold letters, digits, dots, dashes, at most 100`);
  else if (id === closedByDefault) problems.push(`@id("${id}") is reserved; choose another name`);
  for (const said of [reason, ask]) if (said !== undefined && !isSentence(said)) problems.push(unreadableSentence);
  if (ask !== undefined && effect === 'permit') {
    problems.push('@ask belongs on a forbid: a permit asks nobody. Forbid what needs a yes, and put @ask there');
  }
  if (maxAge !== undefined) problems.push(...aboutMaxAge(maxAge, effect, ask));
  if (acr !== undefined) problems.push(...aboutAcr(acr, maxAge));
  return {
    id: id ?? '',
    effect,
    reason: reason ?? `The rule ${id} ${effect === 'permit' ? 'permits' : 'forbids'} this call.`,
    ask,
    maxAge,
    acr,
    line,
    problems: problems.map((says) => ({ policy: id ?? null, line, says })),
  };
}

/** What `@max_age` may say: seconds, on a forbid, by itself. */
function aboutMaxAge(maxAge: string, effect: string, ask: string | undefined): string[] {
  return [
    ...(/^[1-9]\d{0,7}$/.test(maxAge) ? [] : ['@max_age holds a whole number of seconds, such as @max_age("900")']),
    ...(effect === 'permit' ? ['@max_age belongs on a forbid: whoever proved lately who they are lifts it'] : []),
    ...(ask === undefined
      ? []
      : ['@ask and @max_age are two rules: one forbid asks a person, another wants a fresh proof']),
  ];
}

/** One value, as it can stand in a challenge (RFC 9470 §3). */
function aboutAcr(acr: string, maxAge: string | undefined): string[] {
  return [
    ...(/^[!#-[\]-~]{1,254}$/.test(acr) ? [] : ['@acr holds one value of visible ASCII without blanks, such as a URI']),
    ...(maxAge === undefined
      ? ['@acr stands beside @max_age: how well, and how lately, somebody has proved who they are']
      : []),
  ];
}

const unreadableSentence = `@reason and @ask hold one line of 1 to ${sentenceLengthMax} characters, without control characters`;

function isSentence(text: string): boolean {
  return text.trim() !== '' && text.length <= sentenceLengthMax && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);
}

function repeated(named: readonly Named[]): Problem[] {
  const first = new Map<string, number>();
  return named.flatMap(({ id, line }) => {
    const earlier = first.get(id);
    if (id === '' || earlier === undefined) {
      first.set(id, line);
      return [];
    }
    return [{ policy: id, line, says: `the policy on line ${earlier} has this @id already; each needs its own` }];
  });
}

// ---- the validator's words

function describe(complaint: Complaint, ids: readonly string[], texts: readonly string[], lineOf: LineOf): Problem {
  const place = complaint.policy === undefined ? -1 : ids.indexOf(complaint.policy);
  const says = sentence(complaint.message, complaint.help);
  if (place < 0 || texts[place] === undefined) return { policy: null, line: null, says };
  return { policy: ids[place]!, line: lineOf(place, complaint.start), says };
}

function sentence(message: string, help: string | undefined): string {
  const plain = (text: string): string => text.replace(/^for policy `[^`]*`, /, '');
  return help ? `${plain(message)}: ${plain(help)}` : plain(message);
}

function versionOf(text: string, schema: JsonObject): string {
  const canonical = canonicalJson([text.replaceAll('\r\n', '\n'), schema]);
  return `sha-256:${createHash('sha256').update(canonical).digest('base64url')}`;
}
