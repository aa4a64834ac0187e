import { useTranslation } from "react-i18next";
import { Page } from "../../ui/page";

export function NumbersPage() {
  const { t } = useTranslation("numbers");
  return <Page title={t("title")}>{null}</Page>;
}
