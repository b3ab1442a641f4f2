/** Between the main thread and the thread of the official build. Everything is text, so that no integer is rounded. */

/** A function of the build; arguments are JSON text, or plain text where the function takes a string. */
export type Call = { readonly name: string; readonly args: readonly string[] };

export type Question = { readonly id: number; readonly calls: readonly Call[] };

export type Answer =
  | { readonly id: number; readonly kind: 'answered'; readonly texts: readonly string[] }
  /** The build threw and can still be used: half of a surrogate pair, data nested too deeply. */
  | { readonly id: number; readonly kind: 'refused'; readonly message: string }
  /** The build is lost, and its thread with it. */
  | { readonly id: number; readonly kind: 'trapped'; readonly message: string };
