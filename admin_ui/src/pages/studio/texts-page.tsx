import { FileDown, FileUp, Languages } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import type { Draft, Now } from "../../studio/draft";
import { nameOf } from "../../studio/languages";
import { SpliceRefused } from "../../studio/splice";
import { type State, stateNow, Texts, type Translated } from "../../studio/texts";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { Input, Select } from "../../ui/input";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { toast } from "../../ui/toast";
import { useTexts } from "./gaps";
import { ONLY, type Shown } from "./routes";
import { TextCell } from "./text-cell";
import { Download, Upload } from "./texts-files";

type Text = Schemas["TextOut"];
type At = { row: number; column: number };

const FEW = 200;

type Props = {
  draft: Draft;
  now: Now;
  shown: Shown;
  diagnostics: Schemas["DiagnosticOut"][];
  channels: Schemas["ChannelOut"][];
  onShow: (more: Shown) => void;
};

/** Every text of the bot in all its languages, to be written where it stands. */
export function TextsPage({ draft, now, shown, diagnostics, channels, onShow }: Props) {
  const { t, i18n } = useTranslation("whole-bot");
  const names = new Intl.DisplayNames(i18n.language, { type: "language" });
  const read = useTexts(draft, now);
  const first = read.data?.source_language ?? "en";
  const texts = useMemo(() => new Texts(now.files, first), [now.files, first]);
  const [most, setMost] = useState(FEW);
  const [file, setFile] = useState<File>();
  const [loads, setLoads] = useState(false);
  // What was just written stays in sight, whatever the filter says of it now.
  const touched = useRef(new Set<string>());
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter begins anew
  useEffect(() => {
    touched.current.clear();
    setMost(FEW);
  }, [shown.only, shown.language, shown.within, shown.find]);
  if (read.isError && !read.data)
    return <ProblemNotice error={read.error} retry={() => read.refetch()} className="m-4" />;
  if (!read.data) return <Loading className="p-4" />;
  const all = read.data.languages.map((each) => each.language);
  const into = all.filter((each) => shown.language === undefined || each === shown.language);
  const columns = [first, ...into];
  const stateOf = (text: Text, language: string): State => stateNow(texts, text, language, first);
  const find = (shown.find ?? "").toLocaleLowerCase();
  const fits = (text: Text) =>
    (shown.within === undefined || text.file === shown.within) &&
    (shown.only === undefined || into.some((each) => stateOf(text, each) === shown.only)) &&
    (find === "" ||
      [text.key, ...columns.flatMap((each) => texts.in(text.key, each))].some((each) =>
        each.toLocaleLowerCase().includes(find),
      ));
  const rows = read.data.texts.filter((text) => touched.current.has(text.key) || fits(text));
  const files = [...new Set(read.data.texts.map((text) => text.file))];

  const translate = (changes: Translated[]): (() => void) | undefined => {
    for (const one of changes) touched.current.add(one.key);
    try {
      return draft.edit(texts.with(changes));
    } catch (error) {
      if (!(error instanceof SpliceRefused)) throw error;
      toast.problem({ title: t("texts.refused"), detail: error.message });
      return undefined;
    }
  };

  return (
    <>
      <header className="grid grid-cols-2 items-center gap-2 border-b px-3 py-1.5 sm:flex sm:flex-wrap">
        <h2 className="mr-1 font-medium max-sm:sr-only">{t("place.texts")}</h2>
        <div className="w-40 max-sm:w-full">
          <Input
            type="search"
            className="h-7 text-xs"
            aria-label={t("texts.find")}
            placeholder={t("texts.find")}
            defaultValue={shown.find ?? ""}
            onChange={(event) => onShow({ find: event.target.value })}
          />
        </div>
        <Choice
          label={t("texts.into")}
          value={shown.language}
          all={t("texts.all_languages")}
          options={all.map((each) => [each, nameOf(names, each)])}
          onPick={(language) => onShow({ language })}
        />
        <Choice
          label={t("texts.state")}
          value={shown.only}
          all={t("texts.all_states")}
          options={ONLY.map((each) => [each, t(`texts.only.${each}`)])}
          onPick={(only) => onShow({ only: only as "stale" })}
        />
        <Choice
          label={t("texts.within")}
          value={shown.within}
          all={t("texts.all_files")}
          options={files.map((each) => [each, each.replace(/\.(ya?ml|json)$/, "")])}
          onPick={(within) => onShow({ within })}
        />
        <div className="order-last ml-auto flex gap-1 max-sm:col-span-2 max-sm:ml-0">
          <Button size="sm" onClick={() => setLoads(true)} disabled={all.length === 0}>
            <FileDown />
            {t("texts.download")}
          </Button>
          <Button size="sm" disabled={!draft.editable || all.length === 0} asChild>
            <label>
              <FileUp />
              {t("texts.upload")}
              <input
                type="file"
                className="sr-only"
                accept=".csv,.po,.xlf,.xliff"
                disabled={!draft.editable || all.length === 0}
                onChange={(event) => {
                  setFile(event.target.files?.[0]);
                  event.target.value = "";
                }}
              />
            </label>
          </Button>
        </div>
        <p className="flex flex-wrap gap-2 text-xs max-sm:order-last max-sm:col-span-2">
          {all.length === 0 && <span className="text-muted-foreground">{t("texts.one_language")}</span>}
          {read.data.languages.map(({ language }) => {
            const states = (read.data?.texts ?? []).map((text) => stateOf(text, language));
            const count = (state: State) => states.filter((each) => each === state).length;
            const [missing, stale] = [count("missing"), count("stale")];
            return (
              <Badge key={language} tone={missing + stale === 0 ? "good" : "warning"}>
                {nameOf(names, language)}:{" "}
                {missing + stale === 0
                  ? t("texts.whole")
                  : [
                      ...(missing > 0 ? [t("texts.missing", { count: missing })] : []),
                      ...(stale > 0 ? [t("texts.stale", { count: stale })] : []),
                    ].join(", ")}
              </Badge>
            );
          })}
        </p>
      </header>
      <Grid
        rows={rows.slice(0, most)}
        columns={columns}
        names={names}
        texts={texts}
        first={first}
        stateOf={stateOf}
        rightToLeft={
          new Set(read.data.languages.filter((one) => one.right_to_left).map((one) => one.language))
        }
        diagnostics={diagnostics}
        channels={channels}
        editable={draft.editable}
        onTranslate={translate}
        onShow={onShow}
      />
      {rows.length > most && (
        <Button size="sm" className="m-3 self-center" onClick={() => setMost((before) => before + FEW)}>
          {t("texts.more", { count: rows.length - most })}
        </Button>
      )}
      {loads && <Download draft={draft} languages={all} onClose={() => setLoads(false)} />}
      {file && (
        <Upload
          draft={draft}
          file={file}
          languages={all}
          onTake={translate}
          onClose={() => setFile(undefined)}
        />
      )}
    </>
  );
}

function Choice({
  label,
  value,
  all,
  options,
  onPick,
}: {
  label: string;
  value: string | undefined;
  all: string;
  options: [string, string][];
  onPick: (value: string | undefined) => void;
}) {
  return (
    <div className="sm:max-w-40">
      <Select
        aria-label={label}
        className="h-7 text-xs"
        value={value ?? ""}
        onChange={(event) => onPick(event.target.value === "" ? undefined : event.target.value)}
      >
        <option value="">{all}</option>
        {options.map(([each, name]) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </Select>
    </div>
  );
}

function Grid({
  rows,
  columns,
  names,
  texts,
  first,
  stateOf,
  rightToLeft,
  diagnostics,
  channels,
  editable,
  onTranslate,
  onShow,
}: {
  rows: Text[];
  columns: string[];
  names: Intl.DisplayNames;
  texts: Texts;
  first: string;
  stateOf: (text: Text, language: string) => State;
  rightToLeft: ReadonlySet<string>;
  diagnostics: Schemas["DiagnosticOut"][];
  channels: Schemas["ChannelOut"][];
  editable: boolean;
  onTranslate: (changes: Translated[]) => unknown;
  onShow: (more: Shown) => void;
}) {
  const { t } = useTranslation("whole-bot");
  const body = useRef<HTMLTableSectionElement>(null);
  const [at, setAt] = useState<At>({ row: 0, column: 0 });
  const [writes, setWrites] = useState<{ key: string; language: string }>();
  if (rows.length === 0) return <Empty icon={Languages} title={t("texts.none")} className="m-4" />;
  const here = { row: Math.min(at.row, rows.length - 1), column: Math.min(at.column, columns.length - 1) };
  const go = (row: number, column: number) => {
    const to = {
      row: Math.max(0, Math.min(row, rows.length - 1)),
      column: Math.max(0, Math.min(column, columns.length - 1)),
    };
    setAt(to);
    body.current?.querySelector<HTMLElement>(`[data-at="${to.row}:${to.column}"]`)?.focus();
  };
  const press = (event: KeyboardEvent<HTMLTableSectionElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(event.target instanceof HTMLElement) || event.target.dataset.at === undefined) return;
    const moves: Record<string, [number, number]> = {
      ArrowUp: [here.row - 1, here.column],
      ArrowDown: [here.row + 1, here.column],
      ArrowLeft: [here.row, here.column - 1],
      ArrowRight: [here.row, here.column + 1],
      Home: [here.row, 0],
      End: [here.row, columns.length - 1],
      PageUp: [here.row - 10, here.column],
      PageDown: [here.row + 10, here.column],
    };
    const move = moves[event.key];
    if (move) go(...move);
    else if (event.key === "Enter" || event.key === "F2") {
      const [row, language] = [rows[here.row], columns[here.column]];
      if (editable && row && language) setWrites({ key: row.key, language });
    } else return;
    event.preventDefault();
  };
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its cells are walked through by arrows
        role="grid"
        aria-label={t("place.texts")}
        className="w-full table-fixed border-separate border-spacing-0 text-[13px] max-sm:min-w-[36rem]"
      >
        <thead>
          <tr className="text-left text-muted-foreground text-xs">
            <th scope="col" className="sticky top-0 z-10 w-40 border-b bg-background px-3 py-1.5 font-medium">
              {t("texts.place")}
            </th>
            {columns.map((language) => (
              <th
                key={language}
                scope="col"
                className="sticky top-0 z-10 border-b bg-background px-3 py-1.5 font-medium"
              >
                {nameOf(names, language)}
                {language === first && ` · ${t("texts.source")}`}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={press}>
          {rows.map((text, row) => {
            const [name, part] = named(text.key);
            return (
              <tr key={text.key} className="align-top">
                <th scope="row" className="border-b px-1 py-1 text-left font-normal">
                  <button
                    type="button"
                    tabIndex={-1}
                    title={text.key}
                    className="block w-full rounded px-2 py-0.5 text-left hover:bg-accent"
                    onClick={() => onShow(placeOf(text))}
                  >
                    <span className="block truncate">{name}</span>
                    <span className="block truncate text-muted-foreground text-xs">{part}</span>
                  </button>
                </th>
                {columns.map((language, column) => (
                  <TextCell
                    key={language}
                    text={text}
                    language={language}
                    label={`${language}, ${name} ${part}`}
                    variants={texts.in(text.key, language)}
                    source={language === first ? undefined : texts.in(text.key, first)}
                    state={language === first ? undefined : stateOf(text, language)}
                    right={rightToLeft.has(language)}
                    diagnostics={diagnostics}
                    pointer={pointerOf(texts, text, language)}
                    channels={channels}
                    at={`${row}:${column}`}
                    current={here.row === row && here.column === column}
                    writes={writes?.key === text.key && writes.language === language}
                    editable={editable}
                    onFocus={() => setAt({ row, column })}
                    onWrite={() => setWrites({ key: text.key, language })}
                    onDone={(written, way) => {
                      setWrites(undefined);
                      if (written) onTranslate([{ key: text.key, language, texts: written }]);
                      if (way === "down") go(row + 1, column);
                      else if (way === "stay") go(row, column);
                    }}
                  />
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** What a key says to people: the step, and which of its texts. */
function named(key: string): [string, string] {
  const parts = key.split("/");
  if (parts[0] !== "flows") return [parts.slice(1).join(" › "), "bot.yaml"];
  if (parts[2] === "steps") return [parts[3] ?? "", parts.slice(5).join(" › ")];
  const rest = parts.slice(2).filter((each) => !["data", "schema", "ui_schema", "properties"].includes(each));
  return [rest.join(" › "), parts[1] ?? ""];
}

function placeOf(text: Text): Shown {
  const [, , kind, step] = text.key.split("/");
  if (kind === "steps" && step !== undefined) return { file: text.file, step, pane: "step", view: "canvas" };
  return { file: text.file, line: text.line, view: "yaml" };
}

/** Where the checker speaks of a text in a language: a file and a pointer in it. */
function pointerOf(texts: Texts, text: Text, language: string): string[] {
  const place = texts.place(text.key);
  const escaped = text.key.replaceAll("~", "~0").replaceAll("/", "~1");
  const apart = texts.apartFile(language);
  return [
    ...(place
      ? [
          `${place.file}:/${[...place.path, language].map((part) => String(part).replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`,
        ]
      : []),
    ...(apart ? [`${apart}:/texts/${escaped}`, `${apart}:/texts/${escaped}/to`] : []),
  ];
}
