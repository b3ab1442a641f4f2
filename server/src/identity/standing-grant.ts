export type { StandingGrant, StandingGrantDocument } from '@ambit/protocol/wire';
