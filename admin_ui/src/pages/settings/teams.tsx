import { useQuery } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { ONCE } from "../../api/once";
import { useMay } from "../../api/session";
import { Button } from "../../ui/button";
import { Card } from "../../ui/card";
import { Empty } from "../../ui/empty";
import { Field } from "../../ui/field";
import { Form } from "../../ui/form";
import { Input, Select } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { Removing } from "./removing";
import { Listed, Section, useDo } from "./section";

type Team = Schemas["TeamOut"];
const KEY = ["teams"];

export function Teams() {
  const { t } = useTranslation("settings");
  const may = useMay("admin");
  return (
    <Section place="teams">
      {may && <Add />}
      <Listed
        of={KEY}
        read={(query, signal) => given(api.GET("/api/v1/teams", { params: { query }, signal }))}
        empty={
          <Empty icon={Users} title={t("teams.none")}>
            {t("teams.none_detail")}
          </Empty>
        }
      >
        {(teams) => (
          <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
            {teams.map((team) => (
              <One key={team.id} team={team} may={may} />
            ))}
          </div>
        )}
      </Listed>
    </Section>
  );
}

function Add() {
  const { t } = useTranslation("settings");
  const typed = useKept("team", { name: "", title: "" });
  const { name, title } = typed.values;
  const make = useDo(
    () =>
      given(
        api.POST("/api/v1/teams", {
          params: { header: ONCE },
          body: { name: name.trim(), title: title.trim() },
        }),
      ),
    {
      anew: KEY,
      shown: true,
      onDone: () => typed.saved(),
    },
  );
  return (
    <Form
      of={typed}
      error={make.error}
      fields={["name", "title"]}
      places={{ taken: "name" }}
      onSend={() => make.mutate(undefined)}
      className="space-y-2"
    >
      {(fault) => (
        <div className="flex flex-wrap items-start gap-2 max-sm:grid max-sm:gap-3">
          <Field
            label={t("teams.name")}
            hint={t("teams.name_hint")}
            error={fault("name")}
            className="sm:w-52"
          >
            <Input
              required
              value={name}
              onChange={(event) => typed.set({ name: event.target.value })}
              placeholder="sales"
            />
          </Field>
          <Field label={t("teams.title")} error={fault("title")} className="sm:w-56">
            <Input value={title} onChange={(event) => typed.set({ title: event.target.value })} />
          </Field>
          <Button type="submit" className="sm:mt-6.5" busy={make.isPending} disabled={name.trim() === ""}>
            {t("teams.add")}
          </Button>
        </div>
      )}
    </Form>
  );
}

function One({ team, may }: { team: Team; may: boolean }) {
  const { t } = useTranslation("settings");
  const members = ["teams", team.id, "members"];
  const people = useQuery({
    queryKey: ["users", "all"],
    enabled: may,
    queryFn: ({ signal }) => given(api.GET("/api/v1/users", { params: { query: { limit: 100 } }, signal })),
  });
  const join = useDo(
    (user: string) =>
      given(api.PUT("/api/v1/teams/{team}/members/{user}", { params: { path: { team: team.id, user } } })),
    { anew: members },
  );
  const leave = useDo(
    (user: string) =>
      given(api.DELETE("/api/v1/teams/{team}/members/{user}", { params: { path: { team: team.id, user } } })),
    { anew: members },
  );
  return (
    <Card className="space-y-2 p-4">
      <div className="flex items-baseline justify-between gap-2">
        <h3 className="min-w-0 truncate font-medium">
          {team.title || team.name} {team.title && <code className="text-muted-foreground">{team.name}</code>}
        </h3>
        {may && (
          <Removing
            title={t("teams.remove_title", { name: team.title || team.name })}
            detail={t("teams.remove_detail")}
            variant="ghost"
            remove={() => given(api.DELETE("/api/v1/teams/{team}", { params: { path: { team: team.id } } }))}
            anew={KEY}
          />
        )}
      </div>
      <Listed
        of={members}
        read={(query, signal) =>
          given(
            api.GET("/api/v1/teams/{team}/members", { params: { path: { team: team.id }, query }, signal }),
          )
        }
        empty={<p className="text-muted-foreground text-[13px]">{t("teams.nobody")}</p>}
      >
        {(rows) => (
          <ul className="text-[13px]">
            {rows.map((row) => (
              <li key={row.id} className="flex items-center justify-between gap-2 py-0.5">
                <span className="truncate">{row.name}</span>
                {may && (
                  <Button size="sm" variant="ghost" onClick={() => leave.mutate(row.id)}>
                    {t("teams.leave")}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Listed>
      {may && (
        <Select
          aria-label={t("teams.join")}
          value=""
          onChange={(event) => event.target.value !== "" && join.mutate(event.target.value)}
        >
          <option value="">{t("teams.join")}</option>
          {people.data?.items.map((user) => (
            <option key={user.id} value={user.id}>
              {user.name} · {user.email}
            </option>
          ))}
        </Select>
      )}
    </Card>
  );
}
