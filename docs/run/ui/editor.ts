/** @file The editor: CodeMirror with TypeScript, marks, and Ctrl or ⌘ with Enter to run. */
import { javascript } from "@codemirror/lang-javascript";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Prec, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, keymap, WidgetType } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup } from "codemirror";
import { type CodeView, markOf } from "./view.js";

/** What an editor tells its page. */
export interface EditorEvents {
  changed(): void;
  run(): void;
}

class Mark extends WidgetType {
  readonly kept: boolean;
  readonly printed: string;

  constructor(kept: boolean, printed: string) {
    super();
    this.kept = kept;
    this.printed = printed;
  }

  override toDOM(): HTMLElement {
    return markOf(this.kept, this.printed);
  }
}

const addMark = StateEffect.define<{ at: number; what: Decoration }>();
const removeMarks = StateEffect.define<null>();

const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(set, transaction) {
    let next = set.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(removeMarks)) next = Decoration.none;
      if (effect.is(addMark)) {
        next = next.update({ add: [effect.value.what.range(effect.value.at)] });
      }
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Colours are those of the page's own code, from the style sheet. */
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operator], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.regexp], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--code-comment)" },
  { tag: [tags.typeName, tags.className], color: "var(--code-type)" },
  { tag: tags.function(tags.variableName), color: "var(--code-function)" },
  { tag: tags.function(tags.propertyName), color: "var(--code-function)" },
]);

/** An editor in `parent`. */
export class Editor implements CodeView {
  readonly #view: EditorView;

  constructor(parent: HTMLElement, text: string, label: string, events: EditorEvents) {
    const run = () => {
      events.run();
      return true;
    };
    this.#view = new EditorView({
      parent,
      doc: text,
      extensions: [
        Prec.highest(keymap.of([{ key: "Mod-Enter", run }])),
        basicSetup,
        javascript({ typescript: true }),
        syntaxHighlighting(colours),
        marks,
        EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
        EditorView.updateListener.of(({ docChanged }) => {
          if (docChanged) events.changed();
        }),
      ],
    });
  }

  text(): string {
    return this.#view.state.doc.toString();
  }

  /** Replaces all text. */
  write(text: string): void {
    const { length } = this.#view.state.doc;
    this.#view.dispatch({ changes: { from: 0, to: length, insert: text } });
  }

  focus(): void {
    this.#view.focus();
  }

  remove(): void {
    this.#view.destroy();
  }

  clear(): void {
    this.#view.dispatch({ effects: removeMarks.of(null) });
  }

  promise(line: number, kept: boolean, printed: string): void {
    const widget = new Mark(kept, printed);
    this.#add(this.#line(line).to, Decoration.widget({ widget, side: 1 }));
  }

  error(line: number): void {
    this.#add(this.#line(line).from, Decoration.line({ class: "threw" }));
  }

  #line(line: number) {
    const { doc } = this.#view.state;
    return doc.line(Math.max(1, Math.min(line, doc.lines)));
  }

  #add(at: number, what: Decoration): void {
    this.#view.dispatch({ effects: addMark.of({ at, what }) });
  }
}
