import { useTranslation } from "react-i18next";
import { Page } from "../../ui/page";

export function BotsPage() {
  const { t } = useTranslation("bots");
  return <Page title={t("title")}>{null}</Page>;
}
