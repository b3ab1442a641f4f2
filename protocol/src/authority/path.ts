/**
 * Whether the text reads as one and the same path for every server: no dot segments in any dress, no empty segments
 * inside, no backslashes, nothing that a second decoding would turn into a separator or a dot.
 */
export function isPlainPath(text: string): boolean {
  return isPlain(text) && isPlain(text.normalize('NFKC'));
}

function isPlain(text: string): boolean {
  if (/[\\\p{Cc}]|%(?:2[ef5]|5c|00)/iu.test(text)) return false;
  const segments = text.split('/');
  const isEmptyInside = segments.some((segment, i) => segment === '' && i > 0 && i < segments.length - 1);
  return !isEmptyInside && !segments.some(isDots);
}

/** Whether the text climbs or stays by a dot segment, written plainly, percent-encoded (twice, too) or full-width. */
export function hasDotSegment(text: string): boolean {
  const decoded = text
    .normalize('NFKC')
    .replace(/%(?:25)+/g, '%')
    .replace(/%2e/gi, '.')
    .replace(/%2f/gi, '/')
    .replace(/%5c/gi, '\\');
  return decoded.split(/[/\\]/).some(isDots);
}

// "..;x" is a dot segment to servers that cut matrix parameters off; blanks and more dots are, to some file systems.
const isDots = (segment: string) => /^\s*\.[.\s]*(?:;.*)?$/s.test(segment);

/** Whether the path is `base` or lies below it. Case counts; a slash at the end of either does not. */
export function isUnder(path: string, base: string): boolean {
  const trunk = trunkOf(base);
  return path === trunk || path.startsWith(`${trunk}/`);
}

/** The path without a slash at its end; the root becomes the empty text. */
export function trunkOf(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
