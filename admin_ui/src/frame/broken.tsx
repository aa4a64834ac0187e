import { useQueryClient } from "@tanstack/react-query";
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Problem } from "../api/problems";
import { Button } from "../ui/button";
import { Empty } from "../ui/empty";
import { ProblemNotice } from "../ui/notice";
import { isLostPart } from "./parts";
import { useTitle } from "./title";

/** What stands around the pages could not be shown. */
export function Broken(props: ErrorComponentProps) {
  return (
    <main>
      <BrokenPage {...props} />
    </main>
  );
}

/** A page that could not be shown. */
export function BrokenPage({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation("frame");
  const router = useRouter();
  const queries = useQueryClient();
  const lost = isLostPart(error);
  useTitle(t("problem.page"));
  return (
    <div className="mx-auto max-w-xl px-4 py-5 sm:px-6">
      <ProblemNotice
        error={lost ? Problem.unreachable(error, false) : error}
        retry={() => {
          if (lost) return location.reload();
          queries.removeQueries({ type: "inactive" }); // it may be what was read that broke it
          reset();
          void router.invalidate();
        }}
      />
    </div>
  );
}

/** An address that no page has, or a thing that is not there. */
export function NotFound() {
  const { t } = useTranslation("frame");
  useTitle(t("not_found.title"));
  return (
    <main className="mx-auto max-w-xl px-4 py-5 sm:px-6">
      <Nothing />
    </main>
  );
}

/** The same for who is signed in: inside the frame, with all ways on. */
export function Nowhere() {
  const { t } = useTranslation("frame");
  useTitle(t("not_found.title"));
  return (
    <div className="mx-auto max-w-xl px-4 py-5 sm:px-6">
      <Nothing />
    </div>
  );
}

function Nothing() {
  const { t } = useTranslation("frame");
  return (
    <Empty
      icon={SearchX}
      title={t("not_found.title")}
      actions={
        <Button asChild>
          <Link to="/">{t("not_found.home")}</Link>
        </Button>
      }
    >
      {t("not_found.detail")}
    </Empty>
  );
}
