/** For agents. */
export { AmbitFault, AmbitRefusal } from './wire/refusal.ts';
