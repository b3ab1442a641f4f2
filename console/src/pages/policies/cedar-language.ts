import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { tags } from '@lezer/highlight';

const keywords = new Set(['when', 'unless', 'if', 'then', 'else', 'in', 'is', 'like', 'has', 'true', 'false']);
const scope = new Set(['principal', 'action', 'resource', 'context']);
const styles = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--text-3)' },
  { tag: tags.keyword, color: 'var(--accent)' },
  { tag: tags.string, color: 'var(--lane-2)' },
  { tag: tags.number, color: 'var(--lane-2)' },
  { tag: tags.meta, color: 'var(--text-2)', fontWeight: '600' },
  { tag: tags.inserted, color: 'var(--permit)', fontWeight: '600' },
  { tag: tags.deleted, color: 'var(--deny)', fontWeight: '600' },
  { tag: tags.variableName, color: 'var(--text)', fontWeight: '500' },
]);

/** Colours for Cedar, token by token. What a text means, the plane says. */
export const cedar = [
  StreamLanguage.define<null>({
    name: 'cedar',
    startState: () => null,
    languageData: { commentTokens: { line: '//' }, closeBrackets: { brackets: ['(', '[', '{', '"'] } },
    token(stream) {
      if (stream.eatSpace()) return null;
      if (stream.match('//')) {
        stream.skipToEnd();
        return 'comment';
      }
      if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return 'string';
      if (stream.match(/^@\w+/)) return 'meta';
      if (stream.match(/^\d+/)) return 'number';
      const word = stream.match(/^[A-Za-z_]\w*/);
      if (word === null || word === true) {
        stream.next();
        return null;
      }
      return kindOf((word as RegExpMatchArray)[0]);
    },
  }),
  syntaxHighlighting(styles),
];

function kindOf(word: string): string | null {
  if (word === 'permit') return 'inserted';
  if (word === 'forbid') return 'deleted';
  if (keywords.has(word)) return 'keyword';
  return scope.has(word) ? 'variableName' : null;
}
