import type { Books } from './books.ts';
import { showOrder } from './orders.ts';
import { Problem } from './problem.ts';

type Row = Readonly<Record<string, unknown>>;
type Condition = { readonly field: string; readonly operator: string; readonly value: string };
type Query = { readonly collection: Collection; readonly conditions: readonly Condition[]; readonly limit: number };

const collections = {
  orders: (books: Books): Row[] => [...books.orders.values()].map((order) => showOrder(books, order)),
  customers: (books: Books): Row[] => [...books.customers.values()],
  products: (books: Books): Row[] => [...books.products.values()],
  shipments: (books: Books): Row[] => [...books.shipments.values()],
  payroll: (books: Books): Row[] => [...books.payroll.values()],
};
type Collection = keyof typeof collections;
const isCollection = (name: string): name is Collection => Object.hasOwn(collections, name);

const compare: Readonly<Record<string, (left: string, right: string) => boolean>> = {
  '=': (left, right) => order(left, right) === 0,
  '!=': (left, right) => order(left, right) !== 0,
  '<': (left, right) => order(left, right) < 0,
  '<=': (left, right) => order(left, right) <= 0,
  '>': (left, right) => order(left, right) > 0,
  '>=': (left, right) => order(left, right) >= 0,
  contains: (left, right) => left.toLowerCase().includes(right.toLowerCase()),
};

/** Numbers compare as numbers, everything else as text. */
function order(left: string, right: string): number {
  const numeric = /^[0-9]+(\.[0-9]+)?$/;
  if (numeric.test(left) && numeric.test(right)) return Number(left) - Number(right);
  return left === right ? 0 : left < right ? -1 : 1;
}

export function search(books: Books, text: string) {
  const { collection, conditions, limit } = parseQuery(text);
  const rows = collections[collection](books).filter((row) => conditions.every((condition) => holds(row, condition)));
  return { collection, results: rows.slice(0, limit) };
}

function holds(row: Row, { field, operator, value }: Condition): boolean {
  const found = Object.hasOwn(row, field) ? row[field] : undefined;
  if (typeof found !== 'string' && typeof found !== 'number' && typeof found !== 'boolean') return false;
  return compare[operator]!(String(found), value);
}

/** `from <collection> [where <field> <operator> <value> {and …}] [limit <1..100>]` */
function parseQuery(text: string): Query {
  const [head, ...words] = wordsOf(text);
  const collection = words.shift() ?? '';
  if (head !== 'from' || !isCollection(collection)) {
    throw misread(`start with "from" and one of ${Object.keys(collections).join(', ')}`);
  }
  const conditions: Condition[] = [];
  for (let joiner = 'where'; words[0] === joiner; joiner = 'and') conditions.push(condition(words.splice(0, 4)));
  const limit = words[0] === 'limit' ? readLimit(words.splice(0, 2)[1]) : 20;
  if (words.length > 0) throw misread(`"${words[0]}" was not expected there`);
  return { collection, conditions, limit };
}

const wordsOf = (text: string) => {
  const found = text.match(/"[^"]*"|[<>!]=|[<>=]|[^\s"<>=!]+|\S/g) ?? [];
  return [...found];
};

function condition([, field, operator, value]: readonly string[]): Condition {
  if (field === undefined || operator === undefined || value === undefined || !Object.hasOwn(compare, operator)) {
    throw misread(`a condition is a field, one of ${Object.keys(compare).join(' ')}, and a value`);
  }
  return { field, operator, value: value.replace(/^"(.*)"$/s, '$1') };
}

function readLimit(text: string | undefined): number {
  if (text === undefined || !/^([1-9][0-9]?|100)$/.test(text)) throw misread('limit takes a number from 1 to 100');
  return Number(text);
}

const misread = (says: string) => new Problem('bad-query', `The query cannot be understood: ${says}.`);
