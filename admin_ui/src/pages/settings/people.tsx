import { Ellipsis, UserPlus, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { ONCE } from "../../api/once";
import { type Role, useMe } from "../../api/session";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { Empty } from "../../ui/empty";
import { Field } from "../../ui/field";
import { Input } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { Menu, MenuContent, MenuItem, MenuLine, MenuTrigger } from "../../ui/menu";
import { Body, Cell, Column, Head, Row, Table } from "../../ui/table";
import { Moment, Time } from "../../ui/time";
import { Editing } from "./editing";
import { Listed, Once, RoleSelect, Section, useDo } from "./section";

type User = Schemas["UserOut"];
type Link = Schemas["InvitationMade"];
const KEY = ["users"];
const INVITED = ["invitations"];

export function People() {
  const { t } = useTranslation(["settings", "frame"]);
  const [inviting, setInviting] = useState(false);
  const [link, setLink] = useState<Link>();
  return (
    <Section
      place="people"
      needs="admin"
      actions={
        <Button variant="primary" onClick={() => setInviting(true)}>
          <UserPlus />
          {t("people.invite")}
        </Button>
      }
    >
      <Listed
        of={KEY}
        read={(query, signal) => given(api.GET("/api/v1/users", { params: { query }, signal }))}
        empty={<Empty icon={Users} title={t("people.none")} />}
      >
        {(users) => (
          <Table label={t("place.people")}>
            <Head>
              <tr className="max-sm:hidden">
                <Column>{t("people.name")}</Column>
                <Column>{t("people.role")}</Column>
                <Column>{t("people.last")}</Column>
                <Column>
                  <span className="sr-only">{t("act")}</span>
                </Column>
              </tr>
            </Head>
            <Body>
              {users.map((user) => (
                <Person key={user.id} user={user} onLink={setLink} />
              ))}
            </Body>
          </Table>
        )}
      </Listed>
      <Invited />
      {inviting && <Invite onClose={() => setInviting(false)} onLink={setLink} />}
      {link && (
        <Once
          title={t(link.new_password ? "people.reset_link" : "people.invite_link", { email: link.email })}
          text={`${location.origin}/invitation#${link.token}`}
          onClose={() => setLink(undefined)}
        >
          <p className="text-muted-foreground text-[13px] first-letter:uppercase">
            {t("people.link_until")} <Moment at={link.expires_at} />.
          </p>
        </Once>
      )}
    </Section>
  );
}

function Person({ user, onLink }: { user: User; onLink: (link: Link) => void }) {
  const { t } = useTranslation("settings");
  const me = useMe();
  const own = user.id === me.id;
  const [removes, setRemoves] = useState(false);
  const path = { user: user.id };
  const change = useDo(
    (role: Role) => given(api.PATCH("/api/v1/users/{user}", { params: { path }, body: { role } })),
    { anew: KEY, done: t("saved") },
  );
  const remove = useDo(() => given(api.DELETE("/api/v1/users/{user}", { params: { path } })), {
    anew: KEY,
    shown: true,
    onDone: () => setRemoves(false),
  });
  const reset = useDo(
    () =>
      given(
        api.POST("/api/v1/users/{user}/reset", {
          params: { path, header: ONCE },
        }),
      ),
    { anew: INVITED, onDone: onLink },
  );
  const end = useDo(() => given(api.DELETE("/api/v1/users/{user}/sign-ins", { params: { path } })), {
    anew: KEY,
    done: t("people.signed_out", { name: user.name }),
  });
  const factor = useDo(() => given(api.DELETE("/api/v1/users/{user}/second-factor", { params: { path } })), {
    anew: KEY,
    done: t("factor.removed"),
  });
  return (
    <Row className="max-sm:grid max-sm:grid-cols-[minmax(0,1fr)_auto]">
      <Cell className="sm:max-w-64">
        <p className="truncate font-medium">
          {user.name} {own && <span className="text-muted-foreground">({t("people.you")})</span>}
        </p>
        <p className="truncate text-muted-foreground text-xs">{user.email}</p>
        {user.second_factor && <Badge tone="good">{t("factor.title")}</Badge>}
      </Cell>
      <Cell className="max-sm:order-last max-sm:col-span-2 max-sm:pt-0 sm:w-48 sm:min-w-48">
        <RoleSelect
          aria-label={t("people.role_of", { name: user.name })}
          value={user.role}
          disabled={own || change.isPending}
          onChange={(role) => change.mutate(role)}
        />
      </Cell>
      <Cell className="text-muted-foreground max-sm:hidden">
        {user.signed_in_at ? <Time at={user.signed_in_at} /> : t("people.never")}
      </Cell>
      <Cell className="sm:w-10">
        {!own && (
          <Menu>
            <MenuTrigger asChild>
              <Button variant="ghost" size="icon-sm" aria-label={t("people.more", { name: user.name })}>
                <Ellipsis />
              </Button>
            </MenuTrigger>
            <MenuContent>
              <MenuItem onSelect={() => reset.mutate(undefined)}>{t("people.reset")}</MenuItem>
              <MenuItem onSelect={() => end.mutate(undefined)}>{t("people.sign_out")}</MenuItem>
              {user.second_factor && (
                <MenuItem onSelect={() => factor.mutate(undefined)}>{t("people.no_factor")}</MenuItem>
              )}
              <MenuLine />
              <MenuItem danger onSelect={() => setRemoves(true)}>
                {t("people.remove")}
              </MenuItem>
            </MenuContent>
          </Menu>
        )}
        <Confirm
          open={removes}
          onOpenChange={setRemoves}
          title={t("people.remove_title", { name: user.name })}
          act={t("people.remove")}
          danger
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate(undefined)}
        >
          <p>{t("people.remove_detail")}</p>
        </Confirm>
      </Cell>
    </Row>
  );
}

function Invited() {
  const { t } = useTranslation(["settings", "frame"]);
  const drop = useDo(
    (invitation: string) =>
      given(api.DELETE("/api/v1/invitations/{invitation}", { params: { path: { invitation } } })),
    { anew: INVITED },
  );
  return (
    <Listed
      of={INVITED}
      read={(query, signal) => given(api.GET("/api/v1/invitations", { params: { query }, signal }))}
      empty={null}
    >
      {(rows) => (
        <div className="space-y-2">
          <h3 className="font-medium">{t("people.invited")}</h3>
          <ul className="divide-y rounded-lg border text-[13px]">
            {rows.map((row) => (
              <li key={row.id} className="flex items-center gap-3 px-3 py-2">
                <div className="min-w-0 flex-1">
                  <p className="truncate">{row.email}</p>
                  <p className="text-muted-foreground text-xs">
                    {row.new_password ? t("people.reset") : t(`frame:role.${row.role}`)} ·{" "}
                    {t("people.link_until")} <Moment at={row.expires_at} />
                  </p>
                </div>
                <Button size="sm" onClick={() => drop.mutate(row.id)}>
                  {t("people.withdraw")}
                </Button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Listed>
  );
}

function Invite({ onClose, onLink }: { onClose: () => void; onLink: (link: Link) => void }) {
  const { t } = useTranslation(["settings", "frame"]);
  const typed = useKept("invitation", { email: "", role: "agent" as Role });
  const { email, role } = typed.values;
  const invite = useDo(
    () =>
      given(
        api.POST("/api/v1/invitations", {
          params: { header: ONCE },
          body: { email: email.trim(), role },
        }),
      ),
    {
      anew: INVITED,
      shown: true,
      onDone: (made) => {
        typed.saved();
        onClose();
        onLink(made);
      },
    },
  );
  return (
    <Editing
      title={t("people.invite")}
      description={t("people.invite_lead")}
      act={t("people.make_link")}
      of={typed}
      save={invite}
      fields={["email"]}
      places={{ taken: "email" }}
      onSend={() => invite.mutate(undefined)}
      onClose={onClose}
    >
      {(fault) => (
        <>
          <Field label={t("people.email")} error={fault("email")}>
            <Input
              type="email"
              required
              autoFocus
              value={email}
              onChange={(event) => typed.set({ email: event.target.value })}
            />
          </Field>
          <Field label={t("people.role")} hint={t(`role_means.${role}`)}>
            <RoleSelect value={role} onChange={(next) => typed.set({ role: next })} />
          </Field>
        </>
      )}
    </Editing>
  );
}
