import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { Compartment, EditorState, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, keymap, lineNumbers } from '@codemirror/view';
import { getNonce } from 'get-nonce';
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { cedar } from './cedar-language.ts';

/** What the page around it may ask of the editor. */
export type EditorHandle = { readonly goToLine: (line: number) => void };

export type CedarEditorProps = {
  readonly text: string;
  /** Absent where the text is only to be read. */
  readonly onChange?: ((text: string) => void) | undefined;
  /** ⌘↵ and Ctrl ↵. */
  readonly onSubmit?: (() => void) | undefined;
  readonly wrongLines?: readonly number[];
  readonly label: string;
  readonly ref?: Ref<EditorHandle>;
};

const setWrong = StateEffect.define<readonly number[]>();
const wrong = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    const given = transaction.effects.find((effect) => effect.is(setWrong));
    if (given === undefined) return marks.map(transaction.changes);
    const { doc } = transaction.state;
    const lines = [...new Set(given.value as readonly number[])].filter((line) => line >= 1 && line <= doc.lines);
    const mark = Decoration.line({ class: 'cm-wrong' });
    return Decoration.set(lines.sort((a, b) => a - b).map((line) => mark.range(doc.line(line).from)));
  },
  provide: (field) => EditorView.decorations.from(field),
});

const looks = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: 'var(--text-code)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '2px' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '20px', fontVariantLigatures: 'none' },
  '.cm-content': { caretColor: 'var(--text)', padding: '12px 0' },
  '.cm-gutters': { color: 'var(--text-3)', backgroundColor: 'var(--canvas)', borderRight: '1px solid var(--line)' },
  '.cm-wrong': { backgroundColor: 'var(--deny-soft)', boxShadow: 'inset 3px 0 var(--deny)' },
  '.cm-selectionBackground, ::selection': { backgroundColor: 'var(--accent-soft) !important' },
});

/** A text of Cedar. Its style elements carry the one-time word by which the policy of the page lets them in. */
export default function CedarEditor({ text, onChange, onSubmit, wrongLines, label, ref }: CedarEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const kept = useRef({ onChange, onSubmit });
  kept.current = { onChange, onSubmit };
  const initial = useRef({ text, label });
  const reads = useRef(new Compartment());
  const isReadOnly = onChange === undefined;

  useEffect(() => {
    if (place.current === null) return;
    const made = new EditorView({
      parent: place.current,
      doc: initial.current.text,
      extensions: [
        EditorView.cspNonce.of(getNonce() ?? ''),
        keymap.of([
          {
            key: 'Mod-Enter',
            run: () => {
              kept.current.onSubmit?.();
              return true;
            },
          },
          ...defaultKeymap,
          ...historyKeymap,
        ]),
        history(),
        lineNumbers(),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': initial.current.label, spellcheck: 'false' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) kept.current.onChange?.(update.state.doc.toString());
        }),
        reads.current.of([]),
        wrong,
        looks,
        cedar,
      ],
    });
    view.current = made;
    return () => made.destroy();
  }, []);

  useEffect(() => {
    const made = view.current;
    if (made !== null && made.state.doc.toString() !== text)
      made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: text } });
  }, [text]);
  useEffect(() => {
    view.current?.dispatch({ effects: reads.current.reconfigure(EditorState.readOnly.of(isReadOnly)) });
  }, [isReadOnly]);
  useEffect(() => {
    view.current?.dispatch({ effects: setWrong.of(wrongLines ?? []) });
  }, [wrongLines]);
  useImperativeHandle(ref, () => ({
    goToLine(line) {
      const made = view.current;
      if (made === null) return;
      const at = made.state.doc.line(Math.min(Math.max(line, 1), made.state.doc.lines)).from;
      made.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
      made.focus();
    },
  }));
  return <div ref={place} className="overflow-hidden rounded-control border border-line-strong" />;
}
