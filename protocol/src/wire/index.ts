/**
 * What people’s tools and a plane say to each other, as types: what each route takes and answers. The server’s rows and the
 * SDK’s methods are both held to them by the table in `routes.ts`.
 */
export type * from './agents.ts';
export type * from './approvals.ts';
export type * from './catalog.ts';
export type * from './channels.ts';
export type * from './credentials.ts';
export type * from './domains.ts';
export type * from './endings.ts';
export type * from './limits.ts';
export type * from './log.ts';
export type * from './page.ts';
export type * from './persons.ts';
export type * from './points.ts';
export type * from './policies.ts';
export type * from './proposals.ts';
export type * from './runs.ts';
export type * from './sign-in-providers.ts';
export type * from './signals.ts';
export type * from './standing-grants.ts';
export type * from './tasks.ts';
export type * from './template-keys.ts';
export type * from './token-issuers.ts';
export type * from './trust-domains.ts';
