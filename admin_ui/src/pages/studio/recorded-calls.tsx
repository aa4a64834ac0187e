import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import type { Stub } from "../../studio/stubs";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Moment } from "../../ui/time";

const MOST_SHOWN = 600; // characters of a body

type Props = { bot: string; step: string; onChoose: (stub: Stub) => void; onClose: () => void };

/** What the latest calls of a step were answered with in real conversations, one of which answers here. */
export function RecordedCalls({ bot, step, onChoose, onClose }: Props) {
  const { t } = useTranslation("calls");
  const found = useQuery({
    queryKey: ["recorded-calls", bot, step],
    meta: { shown: true },
    gcTime: 0,
    queryFn: () =>
      given(
        api.GET("/api/v1/bots/{name}/recorded-calls/{step}", {
          params: { path: { name: bot, step }, query: { last: 5 } },
        }),
      ),
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("recorded.title")}
      description={t("recorded.lead", { step })}
    >
      {found.isPending && <Loading />}
      <ProblemNotice error={found.error} />
      {found.data?.items.length === 0 && (
        <p className="py-4 text-center text-[13px] text-muted-foreground">{t("recorded.none")}</p>
      )}
      <ul className="space-y-3">
        {found.data?.items.map((one) => {
          const { status, body, ok } = shown(one.stub);
          return (
            <li key={one.id} className="space-y-2 rounded-md border p-3 text-[13px]">
              <div className="flex flex-wrap items-center gap-2">
                <Badge tone={ok ? "good" : "bad"}>{status ?? t("recorded.no_answer")}</Badge>
                <span className="min-w-0 truncate text-muted-foreground">
                  <Moment at={one.at} /> · {one.number} · {one.outcome}
                </span>
                <Button size="sm" className="ml-auto" onClick={() => onChoose(one.stub)}>
                  {t("recorded.choose")}
                </Button>
              </div>
              <pre
                // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
                tabIndex={0}
                className="max-h-32 overflow-auto whitespace-pre-wrap break-all rounded bg-muted p-2 font-mono text-[11px]"
              >
                {body.slice(0, MOST_SHOWN)}
                {body.length > MOST_SHOWN && "…"}
              </pre>
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
}

function shown(stub: Stub): { status: string | undefined; body: string; ok: boolean } {
  if (typeof stub.fails === "string") return { status: undefined, body: stub.fails, ok: false };
  const { returns, outcome, data } = stub as {
    returns?: { status: number; json?: unknown; text?: string };
    outcome?: string;
    data?: unknown;
  };
  if (!returns) return { status: String(outcome), body: JSON.stringify(data ?? null, null, 2), ok: true };
  return {
    status: String(returns.status),
    body: returns.text ?? JSON.stringify(returns.json ?? null, null, 2),
    ok: returns.status < 300,
  };
}
