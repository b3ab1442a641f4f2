import { canonicalJson, JsonFault, JsonNumber, type JsonObject, type JsonValue, parseJson } from '@ambit/protocol';
import type { IdentityMethod } from '../agent-identity.ts';
import { listTokenIssuers } from './store.ts';

/** Under which rules about tokens of issuers are registered. */
export const workloadMethod = 'workload_token';

/**
 * Which tokens of an issuer are an agent: those for exactly this audience, with each of these claims and exactly this
 * text in it. INVARIANT (no pattern): nothing here matches more than one text, and a claim that is a list matches none.
 */
export type WorkloadRule = { readonly audience: string; readonly claims: Readonly<Record<string, string>> };

const claimsMax = 10;
/** What says whose workload it is. A rule without one of them would take tokens of everybody else at the issuer. */
const owning = ['sub', 'repository', 'repository_id', 'project_path', 'project_id'] as const;
/** What is checked of every token anyway, and could not be a rule. */
const own = new Set(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti']);

/** The rule as it is registered: one text for one rule. */
export const writeRule = ({ audience, claims }: WorkloadRule): string => canonicalJson({ audience, claims });

/** A rule, or a sentence about what is wrong with it. */
export function readRule(text: string): WorkloadRule | string {
  const value = parsed(text);
  if (value === undefined) return 'subject must be a rule: {"audience":"…","claims":{"repository":"acme/shop"}}.';
  const { audience, claims, ...more } = value;
  if (typeof audience !== 'string' || audience === '') return 'A rule names the one audience of the tokens.';
  if (!isObject(claims) || Object.keys(more).length > 0) return 'A rule has an audience and claims, and nothing else.';
  const found = Object.entries(claims);
  const bad = found.find(([name, is]) => typeof is !== 'string' || is === '' || name === '' || own.has(name));
  if (bad !== undefined)
    return `The claim ${bad[0].slice(0, 100)} must be one text, and none that every token is checked for.`;
  if (found.length > claimsMax) return `A rule has at most ${claimsMax} claims.`;
  const texts = claims as Record<string, string>;
  const pattern = found.find(([, is]) => String(is).includes('*'));
  if (pattern !== undefined)
    return `The claim ${pattern[0]} has a *: claims are compared letter by letter, not by patterns.`;
  if (!owning.some((name) => Object.hasOwn(texts, name))) {
    return `Name whose workload it is, by one of the claims ${owning.join(', ')}: the other claims others at the issuer have too.`;
  }
  const rule = { audience, claims: texts };
  return writeRule(rule) === text ? rule : 'Write the rule as canonical JSON (RFC 8785).';
}

/** The first claim that is not as the rule says; undefined where all are. */
export function claimThatDiffers({ claims: wanted }: WorkloadRule, claims: JsonObject): string | undefined {
  return Object.entries(wanted).find(([name, is]) => !Object.hasOwn(claims, name) || claims[name] !== is)?.[0];
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text, { depthMax: 4, nodesMax: 64 });
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);

/** How rules are registered: each for an issuer that the tenant knows. */
export const workloadRules: IdentityMethod = {
  issuers: async (ground, tenant) => (await listTokenIssuers(ground, tenant)).map(({ issuer }) => issuer),
  whyNot(subject) {
    const rule = readRule(subject);
    return typeof rule === 'string' ? rule : undefined;
  },
};
