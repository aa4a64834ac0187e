import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Bot, Smartphone } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import { Problem, words } from "../../api/problems";
import { becomeFirstAdmin, settled, useSession } from "../../api/session";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { Input } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Password } from "./password";
import { Sheet } from "./sheet";
import { spendToken, useToken } from "./token";

/** The first run: whoever set this installation up gives himself an account. */
export function WelcomePage() {
  const { t } = useTranslation("sign-in");
  const token = useToken();
  const session = useSession();
  const look = useQuery({
    queryKey: ["first-admin", token],
    queryFn: async () => {
      await settled();
      await given(api.POST("/api/v1/first-admin/look", { body: { token } }));
      return true;
    },
    enabled: token !== "" && session.state !== "in",
    retry: false,
  });
  if (session.state === "in") return <Start />;
  if (token === "" || look.error)
    return (
      <Sheet title={t("welcome.dead")}>
        {look.error instanceof Problem && look.error.code === "first_admin.spent" ? (
          <p>{t("welcome.spent")}</p>
        ) : look.error ? (
          <ProblemNotice error={look.error} retry={() => look.refetch()} />
        ) : (
          <p>{t("welcome.no_token")}</p>
        )}
        <Notice>
          <p>{t("welcome.new_link")}</p>
          <code className="text-xs">chatloom up</code>
        </Notice>
        <Button asChild>
          <Link to="/sign-in">{t("welcome.sign_in")}</Link>
        </Button>
      </Sheet>
    );
  return (
    <Sheet title={t("welcome.title")} lead={t("welcome.lead")}>
      {look.isSuccess ? <Account token={token} /> : <Loading lines={3} />}
    </Sheet>
  );
}

function Account({ token }: { token: string }) {
  const { t } = useTranslation("sign-in");
  const typed = useKept("welcome", { name: "", email: "" });
  const { name, email } = typed.values;
  const [password, setPassword] = useState("");
  const enter = useMutation({
    mutationFn: () => becomeFirstAdmin({ token, email: email.trim(), name: name.trim(), password }),
    meta: { shown: true },
    onSuccess() {
      typed.saved();
      spendToken();
    },
  });
  const problem = enter.error instanceof Problem ? enter.error : undefined;
  const weak = problem?.code === "passwords.weak" ? words(problem).detail : problem?.fault("password");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <Field label={t("name")} hint={t("name_hint")} error={problem?.fault("name")}>
        <Input
          value={name}
          onChange={(event) => typed.set({ name: event.target.value })}
          autoComplete="name"
          required
          maxLength={100}
          autoFocus
        />
      </Field>
      <Field label={t("email")} hint={t("email_hint")} error={problem?.fault("email")}>
        <Input
          type="email"
          value={email}
          onChange={(event) => typed.set({ email: event.target.value })}
          autoComplete="username"
          required
          maxLength={254}
        />
      </Field>
      <Password
        label={t("password")}
        hint={t("password_hint")}
        value={password}
        onChange={setPassword}
        autoComplete="new-password"
        error={weak}
      />
      {!weak && <ProblemNotice error={enter.error} fields={["email", "name", "password"]} />}
      <Button type="submit" variant="primary" size="lg" className="w-full" busy={enter.isPending}>
        {t("welcome.go")}
      </Button>
    </form>
  );
}

/** Where to begin. */
function Start() {
  const { t } = useTranslation("sign-in");
  const navigate = useNavigate();
  const bots = useQuery({
    queryKey: ["drafts", "first"],
    queryFn: ({ signal }) => given(api.GET("/api/v1/bots", { params: { query: { limit: 200 } }, signal })),
  });
  const names = bots.data?.items.map((each) => each.name) ?? [];
  const sample = names.find((each) => each === "table-booking") ?? names[0];
  return (
    <Sheet title={t("start.title")} lead={t("start.lead")}>
      <div className="grid gap-2">
        {sample !== undefined && (
          <Choice
            icon={Bot}
            title={t("start.try")}
            onClick={() =>
              navigate({ to: "/bots/$bot", params: { bot: sample }, search: { pane: "simulator" } })
            }
          >
            {t("start.try_detail")}
          </Choice>
        )}
        <Choice
          icon={Smartphone}
          title={t("start.number")}
          onClick={() => navigate({ href: "/numbers/new" })}
        >
          {t("start.number_detail")}
        </Choice>
      </div>
      <Button asChild variant="link">
        <Link to="/">{t("start.home")}</Link>
      </Button>
    </Sheet>
  );
}

function Choice({
  icon: Icon,
  title,
  onClick,
  children,
}: {
  icon: typeof Bot;
  title: string;
  onClick: () => void;
  children: string;
}) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="flex items-start gap-3 rounded-lg border p-3 text-left transition-colors hover:border-primary/50 hover:bg-accent"
    >
      <Icon aria-hidden className="mt-0.5 size-5 shrink-0 text-primary" />
      <span>
        <span className="block font-medium">{title}</span>
        <span className="block text-muted-foreground text-xs">{children}</span>
      </span>
    </button>
  );
}
