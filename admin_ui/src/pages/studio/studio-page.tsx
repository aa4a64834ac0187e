import { useTranslation } from "react-i18next";
import { Page } from "../../ui/page";

export function StudioPage() {
  const { t } = useTranslation("studio");
  return <Page title={t("title")}>{null}</Page>;
}
