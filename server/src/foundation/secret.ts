import { inspect } from 'node:util';

/** A text that must never be seen: it prints as `[secret]`, serialises to nothing, and is unwrapped by name. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  unwrap(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): undefined {
    return undefined;
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
