/** One file as text. The draft is the only truth: what is typed goes there, and what changes there comes here. */
import {
  acceptCompletion,
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  closeBrackets,
  closeCompletion,
  selectedCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import {
  bracketMatching,
  defaultHighlightStyle,
  foldGutter,
  HighlightStyle,
  indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Annotation, EditorState, Prec, type Text } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  hoverTooltip,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import type { Schemas } from "../../api/client";
import { nonce } from "../../nonce";
import { MOST, type Offer, offers } from "../../studio/completing";
import type { Draft } from "../../studio/draft";
import { sentence } from "../../studio/sentence";

const fromDraft = Annotation.define<boolean>();

const look = EditorView.theme({
  "&": { height: "100%", fontSize: "13px" },
  ".cm-scroller": {
    fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
    lineHeight: "1.55",
  },
  ".cm-gutters": { background: "transparent", border: "none", color: "var(--muted-foreground)" },
  ".cm-activeLine, .cm-activeLineGutter": {
    background: "color-mix(in srgb, var(--accent) 55%, transparent)",
  },
  "&.cm-focused": { outline: "none" },
  ".cm-cursor": { borderLeftColor: "var(--foreground)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--primary) 22%, transparent) !important",
  },
  ".cm-panels": { background: "var(--card)", color: "var(--foreground)" },
  ".cm-tooltip": {
    background: "var(--popover)",
    color: "var(--popover-foreground)",
    border: "1px solid var(--border)",
    borderRadius: "6px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontSize: "12px", maxHeight: "16rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 8px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    background: "var(--accent)",
    color: "var(--accent-foreground)",
  },
  ".cm-completionDetail": { color: "var(--muted-foreground)", fontStyle: "normal", marginLeft: "1.5em" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600" },
  ".cm-tooltip.cm-completionInfo": { padding: "6px 10px", maxWidth: "20rem" },
});
const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--primary)" },
  { tag: tags.string, color: "var(--foreground)" },
  { tag: tags.comment, color: "var(--muted-foreground)", fontStyle: "italic" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "var(--info)" },
]);

function handled(act: () => void): () => boolean {
  return () => {
    act();
    return true;
  };
}

const MOST_FRAMES = 20; // in which a line comes into sight; then it is left where it is
const WORTH_ASKING = /(\w|\w\.|\{\{ ?)$/;

/** What the server knows of a place; the text goes along as it is just now. */
function asking(bot: string, path: string) {
  const at = (document: Text, text: string, place: number, signal: AbortSignal) => {
    const line = document.lineAt(place);
    return offers(bot, path, text, line.number, place - line.from + 1, signal);
  };
  const complete = async (context: CompletionContext): Promise<CompletionResult | null> => {
    const { state, pos } = context;
    const line = state.doc.lineAt(pos);
    if (!context.explicit && !WORTH_ASKING.test(state.sliceDoc(line.from, pos))) return null;
    const stop = new AbortController();
    context.addEventListener("abort", () => stop.abort(), { onDocChange: true });
    const { part, items } = await at(state.doc, state.sliceDoc(), pos, stop.signal);
    if (items.length === 0 || (items.length === 1 && items[0]?.insert === part)) return null;
    return {
      from: pos - part.length,
      options: items.map(
        (one): Completion => ({
          label: one.label,
          detail: one.detail,
          apply: one.insert,
          type: one.kind,
          ...(one.says ? { info: one.says } : {}),
        }),
      ),
      ...(items.length < MOST ? { validFor: /^\w*$/ } : { filter: false }),
    };
  };
  /** What stands under the pointer: its type, and what it is for. */
  const hover = hoverTooltip(async (view, pos) => {
    const { state } = view;
    const word = state.wordAt(pos);
    if (!word) return null;
    const { items } = await at(state.doc, state.sliceDoc(), word.to, new AbortController().signal);
    const name = state.sliceDoc(word.from, word.to);
    const found = items.find((one) => one.label === name);
    if (!found?.says && !found?.detail) return null;
    return { pos: word.from, end: word.to, create: () => ({ dom: card(found) }) };
  });
  return { complete, hover };
}

function card({ label, detail, says }: Offer): HTMLElement {
  const dom = document.createElement("div");
  dom.className = "max-w-sm px-2.5 py-1.5 text-xs";
  const head = dom.appendChild(document.createElement("p"));
  head.className = "font-mono";
  head.textContent = detail ? `${label}: ${detail}` : label;
  if (says) dom.appendChild(document.createElement("p")).textContent = says;
  return dom;
}

/** Enter behind what is whole already begins a line. */
function whole(view: EditorView): boolean {
  const chosen = selectedCompletion(view.state);
  const { head } = view.state.selection.main;
  const apply = typeof chosen?.apply === "string" ? chosen.apply : chosen?.label;
  if (!apply || view.state.sliceDoc(Math.max(0, head - apply.length), head) !== apply) return false;
  closeCompletion(view);
  return false;
}

type Props = {
  draft: Draft;
  path: string;
  text: string;
  line: number | undefined;
  /** The cursor goes to that line; else it is only in sight. */
  goes: boolean;
  diagnostics: Schemas["DiagnosticOut"][];
};

export function Editor({ draft, path, text, line, goes, diagnostics }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  // The view is made once; what changes later comes by the effects below.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `text` is what it begins with
  useEffect(() => {
    if (!place.current) return;
    const asks = asking(draft.bot, path);
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: text,
        extensions: [
          EditorView.cspNonce.of(nonce),
          lineNumbers(),
          foldGutter(),
          lintGutter(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          highlightSelectionMatches(),
          search({ top: true }),
          asks.hover,
          ...(draft.editable
            ? [
                autocompletion({
                  override: [asks.complete],
                  icons: false,
                  activateOnTypingDelay: 150,
                  interactionDelay: 0, // what is shown can be taken
                }),
                Prec.highest(keymap.of([{ key: "Enter", run: whole }])),
                Prec.high(keymap.of([{ key: "Tab", run: acceptCompletion }])),
              ]
            : []),
          indentUnit.of("  "),
          yaml(),
          syntaxHighlighting(colours),
          syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
          look,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": path, tabindex: "0" }),
          EditorState.readOnly.of(!draft.editable),
          // A text keeps the line ends that it has.
          EditorState.lineSeparator.of(text.includes("\r\n") ? "\r\n" : "\n"),
          keymap.of([
            { key: "Mod-z", run: handled(draft.undo), preventDefault: true },
            { key: "Mod-y", run: handled(draft.redo), preventDefault: true },
            { key: "Mod-Shift-z", run: handled(draft.redo), preventDefault: true },
            ...searchKeymap,
            ...defaultKeymap,
            indentWithTab,
          ]),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged || update.transactions.some((one) => one.annotation(fromDraft))) return;
            draft.edit({ [path]: update.state.sliceDoc() }, true);
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
  }, [draft, path]);

  useEffect(() => {
    const there = view.current;
    if (!there) return;
    const shown = there.state.sliceDoc();
    if (shown === text) return;
    // Only what differs is replaced: the cursor and the folds stay.
    let from = 0;
    const most = Math.min(shown.length, text.length);
    while (from < most && shown[from] === text[from]) from += 1;
    let same = 0;
    while (same < most - from && shown[shown.length - 1 - same] === text[text.length - 1 - same]) same += 1;
    const change = { from, to: shown.length - same, insert: text.slice(from, text.length - same) };
    const plain = !text.includes("\r\n") && !shown.includes("\r\n");
    there.dispatch({
      changes: plain ? change : { from: 0, to: there.state.doc.length, insert: text },
      annotations: fromDraft.of(true),
    });
  }, [text]);

  useEffect(() => {
    const there = view.current;
    if (!there) return;
    const document = there.state.doc;
    there.dispatch(
      setDiagnostics(
        there.state,
        diagnostics.map((one) => {
          const at = document.line(Math.min(Math.max(one.line, 1), document.lines));
          const from = Math.min(at.from + Math.max(one.column - 1, 0), at.to);
          return {
            from,
            to: Math.max(at.to, from),
            severity: one.severity,
            message: one.hint ? `${sentence(one.message)}\n${sentence(one.hint)}` : sentence(one.message),
            source: one.code,
          };
        }),
      ),
    );
  }, [diagnostics]);

  useEffect(() => {
    if (line === undefined) return;
    let frame = 0;
    let frames = 0;
    // Lines have their true heights when they were drawn once, so a line that is far away may need more than one go.
    const go = () => {
      const there = view.current;
      if (!there) return;
      const at = there.state.doc.line(Math.min(Math.max(line, 1), there.state.doc.lines));
      const seen = there.coordsAtPos(at.from);
      const box = there.scrollDOM.getBoundingClientRect();
      if (frames > 0 && seen && seen.top >= box.top && seen.bottom <= box.bottom) return;
      there.dispatch({
        ...(frames === 0 ? { selection: { anchor: at.from } } : {}),
        effects: EditorView.scrollIntoView(at.from, { y: goes ? "center" : "start", yMargin: 24 }),
      });
      if (goes && frames === 0) there.focus();
      frames += 1;
      if (frames < MOST_FRAMES) frame = requestAnimationFrame(go);
    };
    frame = requestAnimationFrame(go);
    return () => cancelAnimationFrame(frame);
  }, [line, goes]);

  return <div ref={place} className="min-h-0 flex-1 overflow-hidden" />;
}
