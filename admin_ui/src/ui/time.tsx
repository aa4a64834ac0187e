import { useTranslation } from "react-i18next";
import { useNow } from "./now";
import { exact, locale, relative } from "./when";

/** When, seen from now ("3 minutes ago"), in the person's zone and language; the exact moment on hover. */
export function Time({ at, className }: { at: string | Date; className?: string }) {
  const { i18n } = useTranslation();
  const now = useNow();
  const moment = typeof at === "string" ? new Date(at) : at;
  return (
    <time dateTime={moment.toISOString()} title={exact(moment, i18n.language)} className={className}>
      {relative(moment, now, i18n.language)}
    </time>
  );
}

/** The moment itself, short: the hour today, else the day too. */
export function Moment({ at, className }: { at: string | Date; className?: string }) {
  const { i18n } = useTranslation();
  const moment = typeof at === "string" ? new Date(at) : at;
  const today = moment.toDateString() === new Date().toDateString();
  const short = new Intl.DateTimeFormat(locale(i18n.language), {
    hour: "2-digit",
    minute: "2-digit",
    ...(today ? {} : { day: "numeric", month: "short" }),
  });
  return (
    <time dateTime={moment.toISOString()} title={exact(moment, i18n.language)} className={className}>
      {short.format(moment)}
    </time>
  );
}
