import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { ONCE } from "../../api/once";
import { useMay, useSession } from "../../api/session";
import { Button } from "../../ui/button";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Time } from "../../ui/time";
import { toast } from "../../ui/toast";
import { Give, type Given } from "./give";
import { type Place, threadsQuery, useCalled } from "./queries";

type Handling = Schemas["ThreadOut"];

/** Each time that people had the floor: who began it, to whom it went, and how it ended. */
export function Handlings({ place }: { place: Place }) {
  const { t } = useTranslation("conversations");
  const handlings = useQuery(threadsQuery(place));
  return (
    <section className="space-y-2" aria-label={t("handlings.title")}>
      <h3 className="font-semibold">{t("handlings.title")}</h3>
      {handlings.isPending && <Loading lines={2} />}
      {handlings.isError && <ProblemNotice error={handlings.error} retry={() => handlings.refetch()} />}
      {handlings.data?.items.length === 0 && (
        <p className="text-muted-foreground text-xs">{t("handlings.empty")}</p>
      )}
      <ol className="space-y-2">
        {handlings.data?.items.map((each) => (
          <li key={each.id} className="space-y-1 rounded-md border bg-card p-2 text-[13px]">
            <One handling={each} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function One({ handling }: { handling: Handling }) {
  const { t } = useTranslation("conversations");
  const called = useCalled();
  const flow = handling.opened_by.startsWith("flow ") ? handling.opened_by.slice(5) : "";
  const opened = flow
    ? t("handlings.by_flow", { flow })
    : handling.how === "taken_over"
      ? t("handlings.by_person", { who: called(handling.opened_by) })
      : t("handlings.by_contact");
  return (
    <>
      <p className="break-words">
        {opened}
        {handling.team && ` · ${handling.team}`}
      </p>
      <p className="text-muted-foreground text-xs">
        <Time at={handling.opened_at} />
      </p>
      <ul className="text-muted-foreground text-xs">
        {handling.assigned
          .filter((each) => each.assignee !== "" && each.assignee !== handling.opened_by)
          .map((each) => (
            <li key={each.at} className="break-words">
              {t("handlings.assigned", { who: called(each.assignee) })} · <Time at={each.at} />
            </li>
          ))}
      </ul>
      {handling.closed_at ? (
        <p className="break-words text-muted-foreground text-xs">
          {t(`handlings.outcome.${handling.outcome as "ended"}`)}
          {handling.closed_by && ` · ${called(handling.closed_by)}`} · <Time at={handling.closed_at} />
        </p>
      ) : (
        <Open handling={handling} />
      )}
    </>
  );
}

/** Who is to answer: who may answer says that he does, or gives it to somebody else. */
function Open({ handling }: { handling: Handling }) {
  const { t } = useTranslation("conversations");
  const client = useQueryClient();
  const session = useSession();
  const may = useMay("agent");
  const me = session.state === "in" ? session.user.email : "";
  const mine = handling.assignee === me;
  const called = useCalled();
  const assign = useMutation({
    meta: { shown: true },
    mutationFn: ({ to }: { to: Given; name: string }) =>
      given(
        api.POST("/api/v1/threads/{thread}/assign", {
          params: { path: { thread: handling.id }, header: ONCE },
          body: to,
        }),
      ),
    onSuccess: (_, { name }) =>
      toast.done(name ? t("handlings.given", { who: name }) : t("handlings.taken_away")),
    onSettled: () => client.invalidateQueries({ queryKey: ["conversations"] }),
  });
  return (
    <div className="space-y-1.5 text-xs">
      <p className="break-words">
        {handling.assignee ? t("handlings.with", { who: called(handling.assignee) }) : t("handlings.nobody")}
      </p>
      {may && me !== "" && (
        <div className="flex flex-wrap gap-1.5">
          <Button
            size="sm"
            disabled={assign.isPending}
            onClick={() => assign.mutate({ to: { user: mine ? "" : me }, name: mine ? "" : called(me) })}
          >
            {t(mine ? "handlings.leave" : "handlings.take")}
          </Button>
          <Give
            me={me}
            assignee={handling.assignee}
            team={handling.team}
            busy={assign.isPending}
            onGive={(to, name) => assign.mutate({ to, name })}
          />
        </div>
      )}
      {assign.isError && <ProblemNotice error={assign.error} />}
    </div>
  );
}
