import type { Decimal, PersonId } from '@ambit/protocol';
import type { Classification as ClassificationTold } from '@ambit/protocol/wire';
import type { PathTemplate } from './path-template.ts';
import type { ValueSchema } from './value-schema.ts';

export type Effect = Classification['effect'];
export type Reversibility = Classification['reversibility'];
export type Reach = Classification['reach'];
export type Sensitivity = Classification['sensitivity'];

/** How several values of one parameter stand in a query or form. */
export type ListStyle = 'repeat' | 'comma' | 'space' | 'tab' | 'pipe' | 'brackets';

export type Parameter = {
  readonly in: 'path' | 'query' | 'header';
  /** As it stands on the wire; header names in small letters. */
  readonly name: string;
  /** `path.orderId`, `query.limit`, `header.x-thing`; dots in the name are written `%2E`. */
  readonly argument: string;
  readonly required: boolean;
  readonly schema: ValueSchema;
  readonly style: ListStyle;
};

export type MediaReader = 'json' | 'form' | null;

/** An object inside a body: which members it must have, and whether it may have others. */
export type ObjectShape = {
  readonly closed: boolean;
  readonly required: readonly string[];
  readonly nullable: boolean;
};

export type BodyShape = {
  readonly required: boolean;
  /** Media types in small letters without parameters; a null reader means that nothing in it becomes an argument. */
  readonly mediaTypes: readonly { readonly type: string; readonly reader: MediaReader }[];
  /** Leaves by argument name: `body.amount`, `body.price.amount`. Lists are one leaf. */
  readonly arguments: { readonly [argument: string]: ValueSchema };
  /** Objects by argument name; `body` is the whole. */
  readonly objects: { readonly [argument: string]: ObjectShape };
  /** How lists of a form's top-level members are written; `repeat` where absent. */
  readonly styles: { readonly [argument: string]: ListStyle };
};

/** What a description says there is, before anyone judged it. */
export type ActionShape = {
  /** `<api>:<operationId>`. */
  readonly id: string;
  readonly api: string;
  readonly operation: string;
  readonly method: string;
  readonly template: PathTemplate;
  readonly parameters: readonly Parameter[];
  readonly body: BodyShape | null;
  /** The description's own words, to be shown as a quotation. */
  readonly summary: string;
  readonly hints: {
    /** Names of members of the answer, two levels deep. */
    readonly answerNames: readonly string[];
    readonly setsCookie: boolean;
    /** The operation names a server of its own. */
    readonly elsewhere: string | null;
  };
};

export type Money = Required<NonNullable<ClassificationTold['money']>>;

/** What the plane's gates look at. */
export type Classification = Omit<ClassificationTold, 'costUnits' | 'money'> & {
  readonly costUnits: Decimal;
  readonly money: Money | null;
};

export type Field = keyof Classification;
export type Source = 'default' | 'description' | 'overlay' | 'person';

/** An action as every other room sees it: the shape, with the classification that counts now. */
export type Action = ActionShape &
  Classification & {
    readonly state: 'proposed' | 'confirmed';
    /** Why calls to it are refused until a person confirms it; null when it may be called. */
    readonly held: string | null;
    readonly sources: { readonly [F in Field]: Source };
  };

/** A person's word on one field. */
export type Ruling<F extends Field = Field> = {
  readonly value: Classification[F];
  readonly source: 'overlay' | 'person';
  readonly by: PersonId;
  readonly at: number;
  /** What would have counted without the person, when the person spoke. */
  readonly against: Classification[F];
  /** What the description proposed then. */
  readonly seen: Classification[F] | null;
};

/** An action as the catalog keeps it: who said what. */
export type ActionRecord = {
  readonly shape: ActionShape;
  readonly proposed: Partial<Classification>;
  /** The strictest that any import said since a person last ruled. INVARIANT (self-classified): a re-import only raises. */
  readonly floor: Partial<Classification>;
  readonly rulings: { readonly [F in Field]?: Ruling<F> };
  /** Patterns that a person gave to arguments, in place of the description's own. */
  readonly patterns: { readonly [argument: string]: string };
  readonly confirmed: { readonly by: PersonId; readonly at: number } | null;
  readonly held: string | null;
  readonly origin: 'description' | 'promoted';
  /** The description no longer has it. Kept, because grants may still name it: the name must not come to mean another. */
  readonly gone: boolean;
};

/** An argument's name from the parts of its place: `body`, `price`, `amount` → `body.price.amount`. Injective. */
export function argumentName(...parts: readonly string[]): string {
  return parts.map((part) => part.replace(/[%.]/g, (char) => (char === '.' ? '%2E' : '%25'))).join('.');
}

/** The parts of its place: what `argumentName` put together. */
export const argumentParts = (name: string): string[] =>
  name.split('.').map((part) => part.replace(/%2E|%25/g, (code) => (code === '%2E' ? '.' : '%')));

/** The name of a member of the argument `of`. */
export function memberName(of: string, member: string): string {
  return `${of}.${argumentName(member)}`;
}
