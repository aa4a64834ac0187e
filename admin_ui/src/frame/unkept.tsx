import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { isLacking, watchShelves } from "../shelf";

/** That this browser cannot keep what it should. */
export function Unkept() {
  const { t } = useTranslation("frame");
  if (!useSyncExternalStore(watchShelves, isLacking)) return null;
  return (
    <p role="status" className="border-b bg-warning/8 px-3 py-1 text-warning text-xs sm:px-4 print:hidden">
      {t("unkept")}
    </p>
  );
}
