import type { Entities } from './entities.ts';
import type { Evaluation } from './evaluate.ts';
import type { Request } from './frame.ts';
import { asArray, asObject, asText, isObject, type Json, type JsonObject, own, parseExactly } from './json.ts';
import { OfficialError } from './official-error.ts';
import { startThread, type ThreadSettings } from './official-thread.ts';
import type { Call } from './official-wire.ts';
import { printEntities, printRequest } from './print.ts';

/** What the official build has to say about a text, and where: `start` and `end` count bytes of UTF-8. */
export type Complaint = {
  readonly policy: string | undefined;
  readonly message: string;
  readonly help: string | undefined;
  readonly start: number | undefined;
  readonly end: number | undefined;
};

/** `policies` in the order of the text; the build itself returns them sorted by `policy0, policy1, policy10, policy2…` */
export type Parsed =
  | { readonly kind: 'parsed'; readonly policies: readonly string[]; readonly templates: readonly string[] }
  | { readonly kind: 'complaints'; readonly complaints: readonly Complaint[] };

export type Validation = { readonly errors: readonly Complaint[]; readonly warnings: readonly Complaint[] };

/** Text or JSON text of policies by their id, and a version that names the whole. */
export type OfficialPolicies = { readonly version: string; readonly texts: ReadonlyMap<string, string> };

/**
 * The official Cedar build, in a thread of its own. Every method rejects with an OfficialError where the build gives no
 * answer. Policy text must have passed `measurePolicyText` first; the thread survives a text that has not, at the
 * price of the call.
 */
export type Official = {
  readonly parse: (text: string) => Promise<Parsed>;
  /** Syntax trees, integers exact. */
  readonly trees: (policies: readonly string[]) => Promise<readonly Json[]>;
  readonly textOf: (trees: readonly string[]) => Promise<readonly string[]>;
  /** Strictly, against a schema given as Cedar text or as an object of its JSON form. */
  readonly validate: (policies: ReadonlyMap<string, string>, schema: string | JsonObject) => Promise<Validation>;
  /** The JSON form with every name resolved, as `readSchema` takes it. */
  readonly resolveSchema: (schema: string | JsonObject) => Promise<Json>;
  /** A decision by the official evaluator. Of each `slot` the last version asked for stays prepared. */
  readonly authorize: (
    slot: Slot,
    policies: OfficialPolicies,
    request: Request,
    entities: Entities,
  ) => Promise<Evaluation>;
  /** A decision over a whole call as JSON text, for tools and tests. */
  readonly authorizeText: (call: string) => Promise<Evaluation>;
  readonly close: () => Promise<void>;
};

// The build never forgets a set under a name it has seen, so names come from this short list.
export type Slot = 'whole' | 'without-asks';

// Validation takes time for every rule times every action; a thousand of each is not unheard of.
const defaultSettings: ThreadSettings = { timeoutMilliseconds: 60_000, waitingMax: 256 };

export function startOfficial(settings: Partial<ThreadSettings> = {}): Official {
  const thread = startThread({ ...defaultSettings, ...settings });
  const prepared = new Map<Slot, string>();

  const ask = async (...calls: readonly Call[]): Promise<JsonObject[]> => {
    const texts = await thread.ask(calls);
    return texts.map((text) => asObject(parseExactly(text), 'an answer'));
  };
  const askOne = async (name: string, ...args: readonly string[]): Promise<JsonObject> => {
    const [answer] = await ask({ name, args });
    return answer!;
  };

  return {
    parse: async (text) => readParsed(await askOne('policySetTextToParts', text)),
    trees: async (policies) => {
      const answers = await ask(...policies.map((text) => ({ name: 'policyToJson', args: [printText(text)] })));
      return answers.map((answer) => succeeded(answer).json!);
    },
    textOf: async (trees) => {
      const answers = await ask(...trees.map((tree) => ({ name: 'policyToText', args: [tree] })));
      return answers.map((answer) => asText(succeeded(answer).text, 'text'));
    },
    validate: async (policies, schema) => {
      const mode = '"validationSettings":{"mode":"strict"}';
      const call = `{"schema":${printSchema(schema)},"policies":${printPolicies(policies)},${mode}}`;
      const answer = succeeded(await askOne('validate', call));
      return { errors: readComplaints(answer.validationErrors), warnings: readComplaints(answer.validationWarnings) };
    },
    resolveSchema: async (schema) => {
      const text =
        typeof schema === 'string' ? schema : succeeded(await askOne('schemaToText', printSchema(schema))).text;
      return succeeded(await askOne('schemaToJsonWithResolvedTypes', asText(text, 'a schema'))).json!;
    },
    authorize: async (slot, policies, request, entities) => {
      const call = `{${printRequest(request)},"preparsedPolicySetId":"${slot}","entities":${printEntities(entities)}}`;
      const decide: Call = { name: 'statefulIsAuthorized', args: [call] };
      const mark = `${thread.generation()} ${policies.version}`;
      if (prepared.get(slot) === mark) return readEvaluation((await ask(decide))[0]!);
      // INVARIANT (decided by this version): marked when the call enters the queue, not when its answer comes, so that
      // the mark a later call reads is that of the last `prepare` which runs before it.
      prepared.set(slot, mark);
      try {
        const prepare: Call = { name: 'preparsePolicySet', args: [slot, printPolicies(policies.texts)] };
        const [made, decided] = await ask(prepare, decide);
        succeeded(made!);
        return readEvaluation(decided!);
      } catch (error) {
        prepared.delete(slot);
        throw error;
      }
    },
    authorizeText: async (call) => readEvaluation(await askOne('isAuthorized', call)),
    close: thread.close,
  };
}

function printText(text: string): string {
  return JSON.stringify(text);
}

function printSchema(schema: string | JsonObject): string {
  return JSON.stringify(schema);
}

/** A policy that begins with a brace is a syntax tree, which needs no quotes. */
function printPolicies(policies: ReadonlyMap<string, string>): string {
  const members = [...policies].map(
    ([id, text]) => `${printText(id)}:${text.startsWith('{') ? text : printText(text)}`,
  );
  return `{"staticPolicies":{${members.join()}}}`;
}

function succeeded(answer: JsonObject): JsonObject {
  if (answer.type === 'success') return answer;
  const [first] = readComplaints(answer.errors);
  throw new OfficialError('failed', first ? sentence(first) : 'a failure without a reason');
}

function sentence({ message, help }: Complaint): string {
  return help ? `${message} (${help})` : message;
}

function readParsed(answer: JsonObject): Parsed {
  if (answer.type !== 'success') return { kind: 'complaints', complaints: readComplaints(answer.errors) };
  const list = (name: string): string[] => asArray(answer[name], name).map((text) => asText(text, name));
  const [policies, templates] = [list('policies'), list('policy_templates')];
  return { kind: 'parsed', policies: templates.length > 0 ? policies : inWrittenOrder(policies), templates };
}

/** Undoes the build's sorting by the texts `policy0, policy1, policy10, …`. */
function inWrittenOrder(sorted: readonly string[]): string[] {
  const places = sorted.map((_, place) => place).sort((left, right) => (String(left) < String(right) ? -1 : 1));
  const written = Array<string>(sorted.length);
  places.forEach((place, index) => {
    written[place] = sorted[index]!;
  });
  return written;
}

/** Syntax complaints carry further ones in `related`; validation wraps each in its policy's id. */
function readComplaints(json: Json | undefined, policy?: string): Complaint[] {
  return asArray(json ?? [], 'errors').flatMap((each) => {
    const outer = asObject(each, 'an error');
    const inner = own(outer, 'error');
    if (isObject(inner)) return readComplaints([inner], asText(outer.policyId, 'a policy id'));
    const [place] = asArray(own(outer, 'sourceLocations') ?? [], 'places');
    const at = isObject(place) ? place : {};
    return [
      {
        policy,
        message: asText(outer.message, 'a message'),
        help: typeof outer.help === 'string' ? outer.help : undefined,
        start: typeof at.start === 'number' ? at.start : undefined,
        end: typeof at.end === 'number' ? at.end : undefined,
      },
      ...readComplaints(own(outer, 'related'), policy),
    ];
  });
}

function readEvaluation(answer: JsonObject): Evaluation {
  const { decision, diagnostics } = asObject(succeeded(answer).response, 'a response');
  const { reason, errors } = asObject(diagnostics, 'diagnostics');
  return {
    decision: decision === 'allow' ? 'allow' : 'deny',
    reasons: asArray(reason, 'reason').map((id) => asText(id, 'a reason')),
    errors: asArray(errors, 'errors').map((error) => asText(asObject(error, 'an error').policyId, 'a policy id')),
  };
}
