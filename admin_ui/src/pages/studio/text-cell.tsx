import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { sentence } from "../../studio/sentence";
import { lackingIn, lengthOf, limitOf, placeholdersOf, type State } from "../../studio/texts";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";
import { Textarea } from "../../ui/input";

type Props = {
  text: Schemas["TextOut"];
  language: string;
  label: string;
  variants: string[];
  /** What it is translated from; undefined: this is the source. */
  source: string[] | undefined;
  state: State | undefined;
  right: boolean;
  diagnostics: Schemas["DiagnosticOut"][];
  pointer: string[];
  channels: Schemas["ChannelOut"][];
  at: string;
  current: boolean;
  writes: boolean;
  editable: boolean;
  onFocus: () => void;
  onWrite: () => void;
  /** `written`: undefined where nothing changed. */
  onDone: (written: string[] | undefined, way: "down" | "stay" | "away") => void;
};

/** A text in a language. Enter or a double click writes it; Enter then goes to the one below. */
export function TextCell(props: Props) {
  const { t } = useTranslation(["whole-bot", "studio"]);
  const { variants, source, state, writes, editable, right } = props;
  const limit = limitOf(props.text.key, props.channels);
  const longest = Math.max(0, ...variants.map(lengthOf));
  const lacks = source === undefined || variants.length === 0 ? [] : lackingIn(source, variants);
  const faults = props.diagnostics.filter((one) => props.pointer.includes(`${one.file}:${one.pointer}`));
  return (
    <td
      data-at={props.at}
      tabIndex={writes ? undefined : props.current ? 0 : -1}
      onFocus={(event) => event.target === event.currentTarget && props.onFocus()}
      onDoubleClick={() => editable && !writes && props.onWrite()}
      className={cn(
        "border-b border-l px-3 py-1.5 align-top outline-none focus-visible:ring-2 focus-visible:ring-ring focus-visible:ring-inset",
        editable && !writes && "cursor-text",
        state === "missing" && !writes && "bg-warning/6",
      )}
    >
      {writes ? (
        <Writing {...props} />
      ) : (
        <div dir={right ? "rtl" : undefined} className="space-y-0.5">
          <span className="sr-only">{props.label}: </span>
          {variants.map((variant, place) => (
            <p
              // biome-ignore lint/suspicious/noArrayIndexKey: variants have no name but their place
              key={place}
              className={cn("whitespace-pre-wrap break-words", place > 0 && "border-t border-dashed pt-0.5")}
            >
              <Marked text={variant} />
            </p>
          ))}
          {variants.length === 0 && (
            <p className={cn("text-muted-foreground italic", !state && "sr-only")}>
              {t(`texts.is.${state ?? "missing"}`)}
            </p>
          )}
          {state === "stale" && (
            <p className="flex flex-wrap items-center gap-1.5" dir="ltr">
              <Badge tone="warning">{t("texts.is.stale")}</Badge>
              {editable && (
                <Button
                  size="sm"
                  variant="ghost"
                  tabIndex={-1}
                  onClick={() => props.onDone(variants, "stay")}
                >
                  {t("texts.still_right")}
                </Button>
              )}
            </p>
          )}
          {lacks.length > 0 && <Said>{t("texts.lacks", { names: lacks.join(", ") })}</Said>}
          {limit && longest > limit.most && (
            <Said>
              {t("texts.too_long", {
                length: longest,
                most: limit.most,
                channel: t(`studio:simulator.channels.${limit.channel as "cloud_api"}`),
              })}
            </Said>
          )}
          {faults
            .filter((one) => !["F126", "F128", "F129"].includes(one.code))
            .map((one) => (
              <Said key={one.code + one.pointer}>{sentence(one.message)}</Said>
            ))}
        </div>
      )}
    </td>
  );
}

function Said({ children }: { children: string }) {
  return (
    <p dir="ltr" className="break-words text-warning text-xs">
      {children}
    </p>
  );
}

const INSERTED = "rounded box-decoration-clone bg-primary/10 px-0.5 text-[12px] text-primary";

/** A text with what it inserts set apart. */
function Marked({ text }: { text: string }) {
  return text.split(/(\{\{[^}]*\}\})/).map((part, place) =>
    part.startsWith("{{") ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts have no name but their place
      <code key={place} dir="ltr" className={INSERTED}>
        {part}
      </code>
    ) : (
      part
    ),
  );
}

function Writing({ text, label, variants, source, right, channels, onDone }: Props) {
  const { t } = useTranslation(["whole-bot", "studio"]);
  const count = Math.max(1, variants.length, source?.length ?? 0);
  const [said, setSaid] = useState(() => Array.from({ length: count }, (_, place) => variants[place] ?? ""));
  const form = useRef<HTMLDivElement>(null);
  const last = useRef<HTMLTextAreaElement>(null);
  const ended = useRef(false);
  useEffect(() => {
    const box = form.current?.querySelector("textarea");
    box?.focus();
    box?.select();
  }, []);
  const limit = limitOf(text.key, channels);
  const end = (way: "down" | "stay" | "away", keep = true) => {
    if (ended.current) return;
    ended.current = true;
    const written = said.filter((each) => each !== "");
    const changed =
      written.length !== variants.length || written.some((each, place) => each !== variants[place]);
    // A text in the bot's first language cannot be taken away here: it is what the others are made from.
    const empty = written.length === 0 && source === undefined;
    onDone(keep && changed && !empty ? written : undefined, way);
  };
  const press = (event: KeyboardEvent, place: number) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      end("stay", false);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      const next = form.current?.querySelectorAll("textarea")[place + 1];
      if (next) next.focus();
      else end("down");
    }
  };
  const insert = (placeholder: string) => {
    const box = last.current ?? form.current?.querySelector("textarea");
    if (!box) return;
    box.focus();
    box.setRangeText(placeholder, box.selectionStart, box.selectionEnd, "end");
    const place = Number(box.dataset.place);
    setSaid((before) => before.map((each, at) => (at === place ? box.value : each)));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only sees that the focus leaves its boxes
    <div
      ref={form}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) end("away");
      }}
    >
      {said.map((each, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: variants have no name but their place
        <div key={place}>
          <Textarea
            dir={right ? "rtl" : undefined}
            data-place={place}
            aria-label={count > 1 ? `${label} (${place + 1})` : label}
            rows={Math.min(8, Math.max(2, each.split("\n").length))}
            className="field-sizing-content min-h-9 text-[13px]"
            value={each}
            onFocus={(event) => {
              last.current = event.currentTarget;
            }}
            onChange={(event) =>
              setSaid((before) => before.map((one, at) => (at === place ? event.target.value : one)))
            }
            onKeyDown={(event) => press(event, place)}
          />
          {limit && (
            <p
              className={cn(
                "text-right text-muted-foreground text-xs tabular-nums",
                lengthOf(each) > limit.most && "text-warning",
              )}
            >
              {t("texts.length", {
                length: lengthOf(each),
                most: limit.most,
                channel: t(`studio:simulator.channels.${limit.channel as "cloud_api"}`),
              })}
            </p>
          )}
        </div>
      ))}
      {source !== undefined && (
        <p className="flex flex-wrap gap-1">
          {placeholdersOf(source).map((each) => (
            <button
              key={each}
              type="button"
              className={cn(
                "rounded bg-primary/10 px-1 font-mono text-primary text-xs hover:bg-primary/20",
                said.some((one) => one.includes(each)) && "opacity-50",
              )}
              onClick={() => insert(each)}
            >
              {each}
            </button>
          ))}
        </p>
      )}
    </div>
  );
}
