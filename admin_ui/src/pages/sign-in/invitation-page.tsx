import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { Problem, words } from "../../api/problems";
import { signIn } from "../../api/session";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { Input } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Password } from "./password";
import { Sheet } from "./sheet";
import { spendToken, useToken } from "./token";

/** Somebody was invited, or gets a new password: he chooses it himself. */
export function InvitationPage() {
  const { t } = useTranslation("sign-in");
  const token = useToken();
  const look = useQuery({
    queryKey: ["invitation", token],
    queryFn: () => given(api.POST("/api/v1/invitations/look", { body: { token } })),
    enabled: token !== "",
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (token === "" || look.error)
    return (
      <Sheet title={t("invitation.dead")}>
        {look.error instanceof Problem && look.error.code === "invitations.spent" ? (
          <p>{words(look.error).detail}</p>
        ) : look.error ? (
          <ProblemNotice error={look.error} retry={() => look.refetch()} />
        ) : (
          <p>{t("invitation.no_token")}</p>
        )}
        <Button asChild>
          <Link to="/sign-in">{t("welcome.sign_in")}</Link>
        </Button>
      </Sheet>
    );
  if (!look.data)
    return (
      <Sheet title={t("invitation.title")}>
        <Loading lines={3} />
      </Sheet>
    );
  return look.data.new_password ? (
    <Sheet title={t("invitation.new_password")} lead={look.data.email}>
      <Accept token={token} invitation={look.data} />
    </Sheet>
  ) : (
    <Sheet title={t("invitation.title")} lead={t("invitation.lead", { by: look.data.invited_by })}>
      <Accept token={token} invitation={look.data} />
    </Sheet>
  );
}

function Accept({ token, invitation }: { token: string; invitation: Schemas["InvitationOut"] }) {
  const { t } = useTranslation(["sign-in", "frame"]);
  const navigate = useNavigate();
  const typed = useKept(`invitation.${invitation.email}`, { name: "" });
  const { name } = typed.values;
  const [password, setPassword] = useState("");
  const accept = useMutation({
    meta: { shown: true },
    async mutationFn() {
      const body = { token, password, ...(invitation.new_password ? {} : { name: name.trim() }) };
      await given(api.POST("/api/v1/invitations/accept", { body }));
      try {
        await signIn(invitation.email, password, "");
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== "sign_in.code_needed") throw error;
      }
    },
    onSuccess() {
      typed.saved();
      spendToken();
      return navigate({ to: "/" }); // to sign-in, where the account also takes a code
    },
  });
  const problem = accept.error instanceof Problem ? accept.error : undefined;
  const weak = problem?.code === "passwords.weak" ? words(problem).detail : problem?.fault("password");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    accept.mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      {/* For the browser's password manager. */}
      <input type="email" autoComplete="username" value={invitation.email} readOnly hidden />
      {!invitation.new_password && (
        <>
          <p className="text-sm">
            {t("invitation.as", { email: invitation.email, role: t(`frame:role.${invitation.role}`) })}
          </p>
          <Field label={t("name")} hint={t("name_hint")} error={problem?.fault("name")}>
            <Input
              value={name}
              onChange={(event) => typed.set({ name: event.target.value })}
              autoComplete="name"
              required
              maxLength={100}
            />
          </Field>
        </>
      )}
      <Password
        label={t("password")}
        hint={t("password_hint")}
        value={password}
        onChange={setPassword}
        autoComplete="new-password"
        error={weak}
      />
      {!weak && <ProblemNotice error={accept.error} fields={["name", "password"]} />}
      <Button type="submit" variant="primary" size="lg" className="w-full" busy={accept.isPending}>
        {invitation.new_password ? t("invitation.keep") : t("invitation.go")}
      </Button>
    </form>
  );
}
