import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Bot, Plus, Upload } from "lucide-react";
import { type FormEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, authorized, given } from "../../api/client";
import { Problem, problemOf } from "../../api/problems";
import { useMay } from "../../api/session";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Card } from "../../ui/card";
import { Dialog } from "../../ui/dialog";
import { Empty } from "../../ui/empty";
import { Field } from "../../ui/field";
import { KeptNotice } from "../../ui/form";
import { Input, Select } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { More } from "../../ui/more";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Page } from "../../ui/page";
import { Loading } from "../../ui/skeleton";
import { Time } from "../../ui/time";
import { firstFiles } from "./first-files";

export function BotsPage() {
  const { t } = useTranslation("bots");
  const may = useMay("editor");
  const [making, setMaking] = useState(false);
  const list = useInfiniteQuery({
    queryKey: ["drafts", "pages"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      given(
        api.GET("/api/v1/bots", {
          params: { query: { limit: 60, ...(pageParam ? { after: pageParam } : {}) } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const numbers = useQuery({
    queryKey: ["numbers", "all"],
    queryFn: ({ signal }) => given(api.GET("/api/v1/numbers", { params: { query: { limit: 100 } }, signal })),
  });
  const bots = list.data?.pages.flatMap((page) => page.items) ?? [];
  const empty = list.isSuccess && bots.length === 0; // then the way on stands in the middle
  return (
    <Page
      title={t("title")}
      description={t("lead")}
      actions={
        may &&
        !empty && (
          <Button variant="primary" onClick={() => setMaking(true)}>
            <Plus />
            {t("new")}
          </Button>
        )
      }
    >
      {!may && <Notice>{t("locked")}</Notice>}
      {list.isPending && <Loading />}
      {list.isError && <ProblemNotice error={list.error} retry={() => list.refetch()} />}
      {empty && (
        <Empty
          icon={Bot}
          title={t("empty.title")}
          actions={
            may && (
              <Button variant="primary" onClick={() => setMaking(true)}>
                <Plus />
                {t("new")}
              </Button>
            )
          }
        >
          {t("empty.detail")}
        </Empty>
      )}
      <ul className="grid grid-cols-1 gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {bots.map((bot) => {
          const serves = numbers.data?.items.filter((number) => number.bot === bot.name) ?? [];
          return (
            <li key={bot.name}>
              <Card className="relative h-full space-y-2 p-4 hover:border-primary/50">
                <div className="flex items-center gap-2">
                  <Link
                    to="/bots/$bot"
                    params={{ bot: bot.name }}
                    title={bot.name}
                    className="min-w-0 flex-1 truncate font-medium after:absolute after:inset-0"
                  >
                    {bot.name}
                  </Link>
                  {bot.published_version === null ? (
                    <Badge>{t("unpublished")}</Badge>
                  ) : (
                    <Badge tone="good">{t("version", { version: bot.published_version })}</Badge>
                  )}
                </div>
                <p className="truncate text-[13px] text-muted-foreground">
                  {serves.length === 0
                    ? t("serves_none")
                    : t("serves", { numbers: serves.map((number) => number.name).join(", ") })}
                </p>
                <p className="text-muted-foreground text-xs">
                  {t("made")} <Time at={bot.created_at} />
                </p>
              </Card>
            </li>
          );
        })}
      </ul>
      <More of={list} />
      {making && <New names={bots.map((bot) => bot.name)} onClose={() => setMaking(false)} />}
    </Page>
  );
}

/** A new bot: a greeting to begin with, the copy of another, or a folder that was downloaded. */
function New({ names, onClose }: { names: string[]; onClose: () => void }) {
  const { t, i18n } = useTranslation("bots");
  const navigate = useNavigate();
  const typed = useKept("bot.new", { name: "", from: "" });
  const { name } = typed.values;
  const from = names.includes(typed.values.from) ? typed.values.from : "";
  const form = useId();
  const archive = useRef<HTMLInputElement>(null);
  const make = useMutation({
    meta: { shown: true },
    mutationFn: async (file: File | undefined) => {
      const bot = name.trim();
      if (file) {
        const answer = await authorized(`/api/v1/bots/${encodeURIComponent(bot)}/draft/zip`, {
          method: "PUT",
          headers: { "Content-Type": "application/zip", "If-None-Match": "*" },
          body: file,
        });
        if (!answer.ok) throw await problemOf(answer);
        return;
      }
      const files =
        from === ""
          ? firstFiles(bot, i18n.language)
          : renamed(
              (await given(api.GET("/api/v1/bots/{name}/draft", { params: { path: { name: from } } }))).files,
              from,
              bot,
            );
      await given(
        api.PUT("/api/v1/bots/{name}/draft", {
          params: { path: { name: bot }, header: { "if-none-match": "*" } },
          body: { files },
        }),
      );
    },
    onSuccess() {
      typed.saved();
      return navigate({ to: "/bots/$bot", params: { bot: name.trim() } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate(undefined);
  };
  const problem = make.error instanceof Problem ? make.error : undefined;
  const taken = names.includes(name.trim()) || problem?.status === 412;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("new")}
      footer={
        <>
          <Button
            className="mr-auto"
            disabled={name.trim() === "" || taken}
            onClick={() => archive.current?.click()}
          >
            <Upload />
            {t("upload")}
          </Button>
          <Button
            type="submit"
            form={form}
            variant="primary"
            busy={make.isPending}
            disabled={name.trim() === "" || taken}
          >
            {t("make")}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="space-y-4">
        <KeptNotice of={typed} labels={{}} />
        <Field
          label={t("name")}
          hint={t("name_hint")}
          error={taken ? t("name_taken") : problem?.fault("name")}
        >
          <Input
            required
            autoFocus
            value={name}
            pattern="[a-z0-9][a-z0-9\-]*"
            maxLength={64}
            placeholder="lead-intake"
            spellCheck={false}
            onChange={(event) => {
              typed.set({ name: event.target.value });
              make.reset();
            }}
          />
        </Field>
        <Field label={t("from")}>
          <Select value={from} onChange={(event) => typed.set({ from: event.target.value })}>
            <option value="">{t("from_greeting")}</option>
            {names.map((each) => (
              <option key={each} value={each}>
                {t("from_copy", { bot: each })}
              </option>
            ))}
          </Select>
        </Field>
        {!taken && <ProblemNotice error={make.error} fields={["name"]} />}
        <input
          ref={archive}
          type="file"
          accept=".zip,application/zip"
          aria-label={t("upload")}
          className="hidden"
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file) make.mutate(file);
            event.target.value = "";
          }}
        />
      </form>
    </Dialog>
  );
}

/** The copy has its own id. */
function renamed(files: Record<string, string>, from: string, to: string): Record<string, string> {
  const bot = files["bot.yaml"];
  if (bot === undefined) return files;
  return {
    ...files,
    "bot.yaml": bot.replace(new RegExp(`^id:\\s*["']?${from}["']?[ \\t]*$`, "m"), () => `id: ${to}`),
  };
}
