import { Outlet } from "@tanstack/react-router";
import { Tooltip } from "radix-ui";
import { useTranslation } from "react-i18next";
import { useLiveStream } from "../api/live";
import { useSession } from "../api/session";
import { SignedOutDialog } from "../pages/sign-in/signed-out-dialog";
import { BottomBar, Rail } from "./rail";
import { Top } from "./top";
import { Unkept } from "./unkept";

/** What stands around every page of who is signed in. */
export function Frame() {
  const { t } = useTranslation("frame");
  const session = useSession();
  useLiveStream(session.state === "in");
  if (session.state !== "in" && session.state !== "over") return null;
  return (
    <Tooltip.Provider delayDuration={400}>
      <a
        href="#page"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-100 focus:rounded-md focus:bg-primary focus:px-3 focus:py-2 focus:text-primary-foreground"
      >
        {t("skip")}
      </a>
      <div className="flex h-dvh overflow-clip">
        <Rail />
        <div className="flex min-w-0 flex-1 flex-col">
          <Top />
          <Unkept />
          <main id="page" className="min-h-0 flex-1" tabIndex={-1}>
            <Outlet />
          </main>
          <BottomBar />
        </div>
      </div>
      {session.state === "over" && <SignedOutDialog user={session.user} />}
    </Tooltip.Provider>
  );
}
