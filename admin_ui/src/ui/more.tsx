import { useTranslation } from "react-i18next";
import { Button } from "./button";

type Pages = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };

/** The end of a list that comes in pages. */
export function More({ of }: { of: Pages }) {
  const { t } = useTranslation("frame");
  if (!of.hasNextPage) return null;
  return (
    <div className="flex justify-center">
      <Button busy={of.isFetchingNextPage} onClick={() => of.fetchNextPage()}>
        {t("action.more")}
      </Button>
    </div>
  );
}
