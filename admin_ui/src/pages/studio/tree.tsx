import { FileText, FlaskConical, Languages, Pencil, Plus, Settings2, Trash2, Workflow } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import type { Draft } from "../../studio/draft";
import { readFlow } from "../../studio/flow-text";
import { listing } from "../../studio/make-flow";
import { Dot } from "../../ui/badge";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Input, Select } from "../../ui/input";
import { toast } from "../../ui/toast";
import { RemoveFlow } from "./remove-flow";
import type { Renaming } from "./rename";
import type { Shown } from "./routes";

const KINDS = ["flows", "tests", "texts"] as const;
const ICONS = { flows: Workflow, tests: FlaskConical, texts: Languages };

type Props = {
  draft: Draft;
  paths: string[];
  file: string | undefined;
  diagnostics: Schemas["DiagnosticOut"][];
  onShow: (more: Shown) => void;
  onRename: (what: Renaming) => void;
};

/** The bot's files, by what they are. */
export function Tree({ draft, paths, file, diagnostics, onShow, onRename }: Props) {
  const { t } = useTranslation(["studio", "whole-bot"]);
  const [leaves, setLeaves] = useState<string>();
  const [adds, setAdds] = useState(false);
  const faulty = new Map<string, "error" | "warning">();
  for (const one of diagnostics) if (faulty.get(one.file) !== "error") faulty.set(one.file, one.severity);
  const remove = (path: string) => {
    toast.done(t("tree.removed", { path }), draft.edit({ [path]: undefined }));
  };
  const others = paths.filter((path) => !KINDS.some((kind) => path.startsWith(`${kind}/`)));
  const groups: [string, string[]][] = [
    ...KINDS.map((kind): [string, string[]] => [kind, paths.filter((path) => path.startsWith(`${kind}/`))]),
    ["others", others],
  ];
  return (
    <nav aria-label={t("tree.label")} className="p-2 text-[13px]">
      {groups
        .filter(([, some]) => some.length > 0)
        .map(([group, some]) => (
          <div key={group} className="mb-2">
            <p className="px-2 py-1 text-muted-foreground text-xs">{t(`tree.${group as "flows"}`)}</p>
            <ul>
              {some.map((path) => {
                const Icon = path === "bot.yaml" ? Settings2 : (ICONS[group as "flows"] ?? FileText);
                return (
                  <li key={path} className="group relative">
                    <button
                      type="button"
                      aria-current={path === file ? "true" : undefined}
                      className={cn(
                        "flex w-full items-center gap-2 rounded-md px-2 py-1 text-left hover:bg-accent pointer-coarse:py-2",
                        path === file && "bg-accent font-medium",
                      )}
                      onClick={() => onShow({ file: path })}
                    >
                      <Icon aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
                      <span className="min-w-0 flex-1 truncate">
                        {group === "others" ? path : path.slice(group.length + 1).replace(/\.ya?ml$/, "")}
                      </span>
                      {faulty.has(path) && (
                        <>
                          <Dot tone={faulty.get(path) === "error" ? "bad" : "warning"} />
                          <span className="sr-only">{t(`problems.${faulty.get(path) ?? "error"}`)}</span>
                        </>
                      )}
                    </button>
                    {draft.editable && path !== "bot.yaml" && path === file && (
                      <span className="absolute top-0 right-0 flex rounded-md bg-accent">
                        {group === "flows" && (
                          <Button
                            variant="ghost"
                            size="icon-sm"
                            className="size-6"
                            aria-label={t("whole-bot:rename.what", { name: path })}
                            onClick={() => {
                              const name = readFlow(draft.now().files[path] ?? "").id;
                              if (name !== "") onRename({ kind: "flow", of: "", name });
                            }}
                          >
                            <Pencil className="size-3.5" />
                          </Button>
                        )}
                        <Button
                          variant="ghost"
                          size="icon-sm"
                          className="size-6"
                          aria-label={t("tree.remove", { path })}
                          onClick={() => (group === "flows" ? setLeaves(path) : remove(path))}
                        >
                          <Trash2 className="size-3.5" />
                        </Button>
                      </span>
                    )}
                  </li>
                );
              })}
            </ul>
          </div>
        ))}
      {draft.editable && (
        <Button size="sm" variant="ghost" onClick={() => setAdds(true)}>
          <Plus />
          {t("tree.add")}
        </Button>
      )}
      {leaves !== undefined && (
        <RemoveFlow
          draft={draft}
          path={leaves}
          onClose={() => setLeaves(undefined)}
          onShow={onShow}
          onRemove={() => remove(leaves)}
        />
      )}
      {adds && (
        <Add
          draft={draft}
          paths={paths}
          onClose={() => setAdds(false)}
          onAdded={(path) => {
            setAdds(false);
            onShow({ file: path });
          }}
        />
      )}
    </nav>
  );
}

function Add({
  draft,
  paths,
  onClose,
  onAdded,
}: {
  draft: Draft;
  paths: string[];
  onClose: () => void;
  onAdded: (path: string) => void;
}) {
  const { t } = useTranslation(["studio", "frame"]);
  const form = useId();
  const [kind, setKind] = useState<(typeof KINDS)[number]>("flows");
  const [name, setName] = useState("");
  const path = `${kind}/${name.trim()}.yaml`;
  const there = paths.includes(path);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const id = name.trim();
    const texts: Record<string, string> = { [path]: first(kind, id) };
    const bot = draft.now().files["bot.yaml"];
    if (kind === "flows" && bot !== undefined) texts["bot.yaml"] = listing(bot, id);
    draft.edit(texts);
    onAdded(path);
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("tree.add")}
      footer={
        <>
          <Button onClick={onClose}>{t("frame:action.cancel")}</Button>
          <Button type="submit" form={form} variant="primary" disabled={name.trim() === "" || there}>
            {t("tree.add")}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="space-y-4">
        <Field label={t("tree.kind")}>
          <Select value={kind} onChange={(event) => setKind(event.target.value as "flows")}>
            {KINDS.map((each) => (
              <option key={each} value={each}>
                {t(`tree.one.${each}`)}
              </option>
            ))}
          </Select>
        </Field>
        <Field
          label={t("tree.name")}
          hint={t(kind === "texts" ? "tree.name_language" : "tree.name_hint")}
          error={there ? t("tree.there") : undefined}
        >
          <Input
            required
            autoFocus
            value={name}
            pattern="[a-z][a-z0-9_\-]*"
            maxLength={64}
            spellCheck={false}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
      </form>
    </Dialog>
  );
}

function first(kind: (typeof KINDS)[number], name: string): string {
  switch (kind) {
    case "flows":
      return `chatloom: flow/v1\nid: ${name}\ntitle: ${name}\nsteps:\n  - id: hello\n    action: send\n    with: {text: Hello!}\n`;
    case "tests":
      return `test: ${name}\ntalk:\n  - user: hello\n  - bot: {contains: Hello}\n`;
    case "texts":
      return `# Translations, by the place of the text in the bot\n{}\n`;
  }
}
