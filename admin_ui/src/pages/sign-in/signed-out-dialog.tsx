import { Dialog } from "radix-ui";
import { useTranslation } from "react-i18next";
import { queries } from "../../api/queries";
import type { User } from "../../api/session";
import { Button } from "../../ui/button";
import { SignInForm } from "./sign-in-form";

/** The session has ended: the page stays as it is, with what was typed, until the same person is back. */
export function SignedOutDialog({ user }: { user: User }) {
  const { t } = useTranslation("sign-in");
  const stay = (event: Event) => event.preventDefault();
  return (
    <Dialog.Root open>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-70 bg-black/50" />
        <Dialog.Content
          onEscapeKeyDown={stay}
          onPointerDownOutside={stay}
          onInteractOutside={stay}
          className="fixed top-1/2 left-1/2 z-70 w-[calc(100%-2rem)] max-w-sm -translate-x-1/2 -translate-y-1/2 space-y-4 rounded-xl border bg-popover p-5 text-popover-foreground shadow-xl"
        >
          <div className="space-y-1">
            <Dialog.Title className="font-semibold text-base">{t("over.title")}</Dialog.Title>
            <Dialog.Description className="text-muted-foreground">{t("over.detail")}</Dialog.Description>
          </div>
          <SignInForm email={user.email} onDone={() => void queries.invalidateQueries()} />
          <Button
            variant="link"
            onClick={() => {
              const here = location.pathname + location.search;
              location.assign(`/sign-in?to=${encodeURIComponent(here)}`);
            }}
          >
            {t("over.other")}
          </Button>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
