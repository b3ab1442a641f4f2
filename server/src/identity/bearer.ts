import { hash, randomBytes } from 'node:crypto';
import { parseId, type TenantId } from '@ambit/protocol';
import { Secret } from '../foundation/index.ts';

/**
 * Texts that open something: session tokens, enrolment codes, secrets of enforcement points. They carry the tenant in
 * the open, so that they are looked up among its rows only, and 256 random bits. Only their hash is stored.
 */
export function mintBearer(tenant: TenantId): Secret {
  return new Secret(`${tenant}.${randomBytes(32).toString('base64url')}`);
}

const form = /^(ten_[a-z0-9]+)\.[A-Za-z0-9_-]{43}$/;

/** The tenant among whose rows to look, or undefined for what was never one of our texts. */
export function tenantOfBearer(text: string): TenantId | undefined {
  return parseId('tenant', form.exec(text)?.[1]);
}

// A plain hash is enough: the texts are random, there is nothing to guess.
export const bearerHash = (text: string): string => hash('sha256', text, 'base64url');
