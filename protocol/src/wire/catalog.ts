import type { EntryId, PersonId } from '../ids.ts';

/** An API behind the gateway. Where it lives was named by a person; what its description says of that is a proposal. */
export type Api = {
  /** Small letters, digits and dashes: the first half of its actions’ ids. */
  readonly name: string;
  readonly title: string;
  /** `https://api.example.com`, in canonical spelling. */
  readonly origin: string;
  /** Path below which the described paths start, without a slash at its end; empty for the root. */
  readonly basePath: string;
  readonly zone: string;
  readonly environment: string;
  /** It gets signed tags about the agent and its task. */
  readonly wantsTags: boolean;
  /** It verifies tokens itself, with the guard or as RFC 9068 says: agents may have tokens that are for it (RFC 8707). */
  readonly takesTokens: boolean;
  readonly format: 'openapi-3.1' | 'openapi-3.0' | 'swagger-2.0';
  /** The description’s own version, and the digest of its text. */
  readonly descriptionVersion: string;
  readonly descriptionDigest: string;
  /** Where the description says that the API lives. */
  readonly servers: readonly string[];
  /** Epoch milliseconds. */
  readonly importedAt: number;
  readonly importedBy: PersonId;
  /** Counts the changes; what a person confirms names the one that they saw. */
  readonly revision: number;
};

/** What waits for a person after an import. */
export type Review = {
  readonly actions: number;
  readonly reads: number;
  /** Calls to them are refused until a person looked. */
  readonly held: readonly { readonly action: string; readonly because: string }[];
  /** The body chooses what is done: denied until mapped. */
  readonly opaque: readonly string[];
  readonly mintsCredential: readonly string[];
  /** Path parameters whose schema admits any text. */
  readonly wideParameters: readonly { readonly action: string; readonly argument: string }[];
  readonly pending: readonly ({ readonly action: string } & Proposed)[];
};

export type ApiShown = Api & {
  readonly notes: readonly { readonly place: string; readonly says: string }[];
  readonly security: readonly {
    readonly name: string;
    readonly kind: string;
    readonly in: string | null;
    readonly key: string | null;
  }[];
  readonly review: Review;
};

/** What the gates look at. */
export type Classification = {
  readonly effect: 'read' | 'write';
  readonly reversibility: 'reversible' | 'compensable' | 'irreversible';
  readonly reach: 'internal' | 'external';
  /** Charged per call; a decimal. */
  readonly costUnits: string;
  /** The answer carries text that strangers can write. */
  readonly answersForeignText: boolean;
  readonly mintsCredential: boolean;
  /** The body chooses what is done: denied until mapped. */
  readonly opaque: boolean;
  readonly sensitivity: 'public' | 'internal' | 'sensitive';
  /** The owner’s word that the body may pass unread. */
  readonly bodyIsPowerless: boolean;
  /** Where a person is asked, no yes is remembered for later calls. */
  readonly asksEachTime: boolean;
  /** The action that takes it back. */
  readonly undo: string | null;
  /** For how long after a call was done that works; null where nobody said. */
  readonly undoSeconds: number | null;
  readonly stream: { readonly secondsMax: number; readonly bytesMax: number } | null;
  /**
   * The argument that holds the amount (`body.amount`); one that holds the currency, or a fixed one (`USD`); and 2 where the
   * amount counts hundredths, 0 where it counts whole units.
   */
  readonly money: { readonly amount: string; readonly currency: string; readonly places?: number } | null;
  readonly resource: { readonly type: string; readonly id: string } | null;
  /** A read that shows an approver what is at stake. */
  readonly lookAgain: string | null;
  /** `Refund {body.amount} {body.currency} for order {path.orderId}`. */
  readonly sentence: string;
  /** The API’s own header for repeating a call safely, where it has one. */
  readonly idempotencyHeader: string | null;
};

export type ActionInShort = Pick<
  Classification,
  'effect' | 'reversibility' | 'reach' | 'sensitivity' | 'undo' | 'opaque' | 'mintsCredential' | 'answersForeignText'
> & {
  /** `<api>:<operation>`. */
  readonly id: string;
  readonly method: string;
  /** `/orders/{orderId}`. */
  readonly path: string;
  readonly summary: string;
  readonly state: 'proposed' | 'confirmed';
  /** Why calls to it are refused until a person confirms it; null when it may be called. */
  readonly held: string | null;
  /** Whose word it counts by; null where nobody’s, and the strictest counts. */
  readonly classifiedBy: {
    readonly source: 'description' | 'overlay' | 'person';
    readonly by: PersonId | null;
  } | null;
};

/** What the description proposes of an action, and nobody has ruled on. */
export type Proposed = {
  readonly field: keyof Classification;
  readonly now: unknown;
  readonly proposed: unknown;
  readonly lowers: boolean;
};

export type ActionShown = ActionInShort &
  Classification & {
    readonly api: string;
    readonly operation: string;
    readonly parameters: readonly {
      readonly in: 'path' | 'query' | 'header';
      readonly name: string;
      /** How grants name it, e.g. `path.orderId`. */
      readonly argument: string;
      readonly required: boolean;
      readonly schema: unknown;
    }[];
    readonly body: {
      readonly required: boolean;
      readonly mediaTypes: readonly { readonly type: string; readonly reader: 'json' | 'form' | null }[];
      /** By argument name, e.g. `body.amount`. */
      readonly arguments: Readonly<Record<string, unknown>>;
    } | null;
    /** Who said what counts, field by field. */
    readonly sources: Readonly<Record<keyof Classification, 'default' | 'description' | 'overlay' | 'person'>>;
    readonly pending: readonly Proposed[];
    readonly rulings: unknown;
  };

/** A description as text or by address. `server` is needed the first time: a description cannot say where it lives. */
export type ApiImport = {
  readonly name: string;
  readonly server?: string;
  readonly zone?: string;
  readonly environment?: string;
  readonly wantsTags?: boolean;
  readonly takesTokens?: boolean;
  /** `descriptionDigest` of what was shown: another text is refused, such as where an address answers another one. */
  readonly digest?: string;
} & ({ readonly text: string } | { readonly url: string });

export type ImportReport = ImportPreview & { readonly entry: EntryId };

/** What an import would do. */
export type ImportPreview = {
  readonly api: Api;
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
  readonly raised: readonly {
    readonly action: string;
    readonly field: keyof Classification;
    readonly from: unknown;
    readonly to: unknown;
  }[];
  readonly moved: { readonly from: readonly string[]; readonly to: readonly string[] } | null;
  readonly review: Review;
};

/** A gate that stands lower after a person’s word. */
export type Lowered = {
  readonly action: string;
  readonly field: keyof Classification;
  readonly from: unknown;
  readonly to: unknown;
};

/** What a classification file would change of what counts. */
export type OverlayPreview = {
  /** What `overlay` takes, so that what was looked at is what is applied. */
  readonly revision: number;
  readonly changes: readonly (Lowered & { readonly lowers: boolean })[];
  /** Patterns that a path parameter has to match. */
  readonly patterns: readonly {
    readonly action: string;
    readonly name: string;
    readonly from: string | null;
    readonly to: string | null;
  }[];
  /** Actions that it names and leaves as they count. */
  readonly unchanged: readonly string[];
};

export type Classified = {
  readonly entry: EntryId;
  readonly actions: readonly string[];
  readonly lowered: readonly Lowered[];
};

/** Calls that matched no action, folded by method and shape of path. */
export type UnmatchedGroup = {
  readonly id: string;
  readonly api: string;
  readonly method: string;
  /** `/orders/{id}/export`: what looks like an id is folded. */
  readonly shape: string;
  readonly example: string;
  /** At least so many: counted in memory and kept whenever it has doubled. */
  readonly count: number;
  /** Epoch milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
};
