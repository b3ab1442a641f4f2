export type { TokenIssuer } from '@ambit/protocol/wire';
