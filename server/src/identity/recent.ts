/** The values used last, at most `max` of them: what an outsider can fill must have an end. */
export type Recent<V> = {
  get(key: string): V | undefined;
  put(key: string, value: V): void;
  drop(key: string): void;
};

export function createRecent<V>(max: number): Recent<V> {
  // A Map keeps the order of insertion: whatever is used goes to its end, whatever is first goes out.
  const kept = new Map<string, V>();
  return {
    drop: (key) => void kept.delete(key),
    get(key) {
      const value = kept.get(key);
      if (value === undefined) return undefined;
      kept.delete(key);
      kept.set(key, value);
      return value;
    },
    put(key, value) {
      kept.delete(key);
      kept.set(key, value);
      const oldest = kept.size > max ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
    },
  };
}
