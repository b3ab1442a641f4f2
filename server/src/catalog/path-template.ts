/** A piece of a segment: fixed text, or a parameter's value. */
export type Part = { readonly text: string } | { readonly parameter: string };

/** One or more parts between two slashes: `orders`, `{orderId}`, `{base}...{head}`, `{name}:cancel`. */
export type Segment = readonly Part[];

export type PathTemplate = readonly Segment[];

const segmentsMax = 40;
// RFC 3986 pchar without percent-encoding: what a template may say literally.
const literalText = /^[A-Za-z0-9\-._~!$&'()*+,=:@]*$/;
const parameterName = /^[A-Za-z0-9_.~\-$]{1,64}$/;

/** The template, or what is wrong with it as the end of a sentence. */
export function parseTemplate(text: string): { readonly template: PathTemplate } | { readonly fault: string } {
  if (!text.startsWith('/')) return { fault: 'must start with a slash' };
  const texts = text.slice(1).split('/');
  if (texts.length > segmentsMax) return { fault: `has more than ${segmentsMax} segments` };
  const template: Segment[] = [];
  for (const [i, one] of texts.entries()) {
    const segment = parseSegment(one, i === texts.length - 1);
    if (typeof segment === 'string') return { fault: segment };
    template.push(segment);
  }
  const names = template.flatMap(parameterNames);
  if (new Set(names).size !== names.length) return { fault: 'names a parameter twice' };
  return { template };
}

function parseSegment(text: string, isLast: boolean): Segment | string {
  if (text === '') return isLast ? [{ text: '' }] : 'has an empty segment';
  if (text === '.' || text === '..') return 'has a dot segment';
  const parts: Part[] = [];
  for (const piece of text.split(/(\{[^{}]*\})/).filter((piece) => piece !== '')) {
    const fault = addPart(parts, piece);
    if (fault !== undefined) return fault;
  }
  return parts;
}

function addPart(parts: Part[], piece: string): string | undefined {
  if (!piece.startsWith('{')) {
    if (!literalText.test(piece)) return `has characters that do not stand for themselves: ${piece}`;
    parts.push({ text: piece });
    return undefined;
  }
  const name = piece.slice(1, -1);
  if (!parameterName.test(name)) return `has a parameter that cannot be named: ${piece}`;
  const before = parts.at(-1);
  if (before !== undefined && 'parameter' in before) return `has two parameters with nothing between them: ${piece}`;
  parts.push({ parameter: name });
  return undefined;
}

export function parameterNames(segment: Segment): string[] {
  return segment.flatMap((part) => ('parameter' in part ? [part.parameter] : []));
}

/** The fixed text of a segment without parameters, otherwise undefined. */
export function literalOf(segment: Segment): string | undefined {
  const [part, ...others] = segment;
  return part !== undefined && 'text' in part && others.length === 0 ? part.text : undefined;
}

export function printTemplate(template: PathTemplate): string {
  return template.map((segment) => `/${segment.map(printPart).join('')}`).join('');
}

const printPart = (part: Part) => ('text' in part ? part.text : `{${part.parameter}}`);

/** The segment with its parameters' names taken out: two of the same form match the same texts. */
export function formOf(segment: Segment): string {
  return segment.map((part) => ('text' in part ? part.text : '{}')).join('');
}
