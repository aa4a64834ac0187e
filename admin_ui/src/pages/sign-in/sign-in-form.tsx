import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Problem, words } from "../../api/problems";
import { signIn } from "../../api/session";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { Input } from "../../ui/input";
import { ProblemNotice } from "../../ui/notice";
import { Password } from "./password";

/** Address and password; then a code, where the account takes one. `email`: whose it must be. */
export function SignInForm({ email: fixed, onDone }: { email?: string; onDone: () => void }) {
  const { t } = useTranslation("sign-in");
  const [email, setEmail] = useState(fixed ?? "");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [asksCode, setAsksCode] = useState(false);
  const codeField = useRef<HTMLInputElement>(null);
  const enter = useMutation({
    mutationFn: () => signIn(email.trim(), password, code.trim()),
    meta: { shown: true },
    onSuccess: onDone,
    onError(error) {
      if (error instanceof Problem && error.code === "sign_in.code_needed") setAsksCode(true);
    },
  });
  useEffect(() => {
    if (asksCode) codeField.current?.focus();
  }, [asksCode]);
  const problem = enter.error instanceof Problem ? enter.error : undefined;
  const wrongPassword = problem?.code === "sign_in.refused" ? words(problem).detail : undefined;
  const wrongCode = problem?.code === "second_factor.code_refused" ? words(problem).detail : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      {asksCode ? (
        <Field label={t("code.label")} hint={t("code.hint")} error={wrongCode}>
          <Input
            ref={codeField}
            value={code}
            onChange={(event) => setCode(event.target.value)}
            autoComplete="one-time-code"
            autoCapitalize="off"
            spellCheck={false}
            required
            maxLength={40}
            className="font-mono tracking-widest"
          />
        </Field>
      ) : (
        <>
          <Field label={t("email")}>
            <Input
              type="email"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
              readOnly={fixed !== undefined}
              autoComplete="username"
              required
              maxLength={254}
              autoFocus={fixed === undefined}
            />
          </Field>
          <Password
            label={t("password")}
            value={password}
            onChange={setPassword}
            autoComplete="current-password"
            error={wrongPassword}
            autoFocus={fixed !== undefined}
          />
        </>
      )}
      {!wrongPassword && !wrongCode && problem?.code !== "sign_in.code_needed" && (
        <ProblemNotice error={enter.error} />
      )}
      <Button type="submit" variant="primary" size="lg" className="w-full" busy={enter.isPending}>
        {asksCode ? t("code.go") : t("go")}
      </Button>
      {asksCode && (
        <Button
          variant="link"
          onClick={() => {
            setAsksCode(false);
            setCode("");
            enter.reset();
          }}
        >
          {t("code.back")}
        </Button>
      )}
    </form>
  );
}
