/**
 * State by tenant first, then by key: no tenant's keys push out another's. At most `keysMax` keys each; the one longest
 * unused goes.
 */
export class TenantMap<V> {
  readonly #keysMax: number;
  readonly #tenants = new Map<string, Map<string, V>>();

  constructor(keysMax: number) {
    this.#keysMax = keysMax;
  }

  get(tenant: string, key: string): V | undefined {
    return this.#tenants.get(tenant)?.get(key);
  }

  set(tenant: string, key: string, value: V): void {
    const keys = this.#tenants.get(tenant) ?? new Map<string, V>();
    keys.delete(key);
    keys.set(key, value);
    const [oldest] = keys.keys();
    if (keys.size > this.#keysMax && oldest !== undefined) keys.delete(oldest);
    this.#tenants.set(tenant, keys);
  }
}
