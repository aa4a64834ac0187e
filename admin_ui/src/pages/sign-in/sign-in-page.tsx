import { useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { signIn } from "./routes";
import { Sheet } from "./sheet";
import { SignInForm } from "./sign-in-form";

export function SignInPage() {
  const { t } = useTranslation("sign-in");
  const router = useRouter();
  const { to } = signIn.useSearch();
  return (
    <Sheet title={t("title")} lead={to ? t("lead_back") : undefined}>
      <SignInForm onDone={() => router.history.replace(to ?? "/")} />
      <p className="text-muted-foreground text-xs">{t("help")}</p>
    </Sheet>
  );
}
