/**
 * Catalog: which operations the APIs behind the gateway have, what each of them can do, and which one a request means.
 * It promises that a request has one meaning or is refused, that what is sent is printed from what was decided, and
 * that no description lowers a gate or moves an API without a person. It deliberately does not know who calls, under
 * which task, or whether the call is allowed.
 */
export type {
  Action,
  ActionShape,
  BodyShape,
  Classification,
  Effect,
  ListStyle,
  Money as ActionMoney,
  Parameter,
  Reach,
  Reversibility,
  Sensitivity,
  Source,
} from './action.ts';
export { argumentParts } from './action.ts';
export { type Api, readServer, resourceOf, type Server } from './api.ts';
export { type DeclaredArgument, declaredArguments } from './arguments.ts';
export { changeOrigin } from './change-origin.ts';
export { type Confirmation, confirmActions, type Lowered } from './confirm.ts';
export { type ApiImport, type ImportReport, importApi } from './import-api.ts';
export { type Description, type ImportNote, readOpenApi, type SecurityScheme } from './importers/openapi.ts';
export {
  compileMatcher,
  type Located,
  type MatchedCall,
  type Matcher,
  match,
  type RawCall,
  type RequestLine,
  resourcesOf,
} from './match-call.ts';
export type { Review } from './merge-import.ts';
export { printTemplate } from './path-template.ts';
export { promoteUnmatched } from './promote.ts';
export type { BodyPlan, SentBody } from './read-body.ts';
export { type HeaderPairs, headerPairs } from './read-query.ts';
export { type CatalogRooms, catalogRoutes } from './routes.ts';
export { applyOverlay, type Classified, setClassification } from './set-classification.ts';
export { type Catalog, type CatalogSnapshot, createCatalog, isUnmatched } from './snapshot.ts';
export { apiStands, findApiThatTakesTokens } from './store.ts';
export { createUnmatched, type Unmatched, type UnmatchedGroup } from './unmatched.ts';
export type { JsonType, ValueSchema } from './value-schema.ts';
