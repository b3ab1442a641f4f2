import { badCall, decodeOnce, hasControl, isPathText } from './wire-text.ts';

const pathLengthMax = 8192;
const segmentsMax = 48;

const refused = (says: string) => badCall('catalog.path_ambiguous', says);

/**
 * The segments of a request's path, decoded once. What some server on the way could read as another path is refused:
 * dot segments and slashes in any encoding, doubled encoding, matrix parameters, empty segments, what is not UTF-8.
 */
export function readPath(rawPath: string): string[] {
  if (!rawPath.startsWith('/')) throw refused('The path must start with a slash.');
  if (rawPath.length > pathLengthMax) throw refused(`The path is longer than ${pathLengthMax} characters.`);
  if (!isPathText(rawPath))
    throw refused('The path has characters that must be percent-encoded, or a percent sign that encodes nothing.');
  const raw = rawPath.slice(1).split('/');
  if (raw.length > segmentsMax) throw refused(`The path has more than ${segmentsMax} segments.`);
  return raw.map((segment, i) => readSegment(segment, i === raw.length - 1));
}

function readSegment(raw: string, isLast: boolean): string {
  if (raw === '') {
    if (isLast) return '';
    throw refused('The path has two slashes in a row.');
  }
  if (raw.includes(';')) throw refused('The path has a matrix parameter (;).');
  const text = decodeOnce(raw);
  if (text === undefined) throw refused('The path holds percent-encoded bytes that are not UTF-8.');
  const fault = segmentFault(text) ?? segmentFault(text.normalize('NFKC'));
  if (fault !== undefined) throw refused(`A path segment ${fault}.`);
  return text;
}

/** Unicode's compatibility forms (fullwidth dots and slashes) are judged like what they are folded into. */
function segmentFault(text: string): string | undefined {
  if (/[/\\]/.test(text)) return 'holds an encoded slash or backslash';
  if (text.includes('%')) return 'holds a percent sign after decoding: it may be encoded twice';
  if (text.includes(';')) return 'holds an encoded semicolon, which starts a matrix parameter';
  if (hasControl(text)) return 'holds a control character';
  if (/^\.+$/.test(text)) return 'is made of dots';
  return text.trim() === text ? undefined : 'starts or ends with a space';
}

/** For values whose schema admits any text: what servers read as a list, a query or a fragment is not one plain value. */
export function plainValueFault(value: string): string | undefined {
  const found = /[,?#&|*]/.exec(value.normalize('NFKC'))?.[0];
  return found === undefined
    ? undefined
    : `holds ${JSON.stringify(found)}, which can mean more than one value; its declared schema has to allow it by a pattern`;
}
