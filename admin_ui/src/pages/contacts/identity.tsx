import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";

const KINDS = ["phone", "web", "username", "lid", "bsuid"]; // schemas/messages.py: Identity

/** How channels name somebody, as entries of a list of facts. */
export function Identities({ of }: { of: Schemas["ContactOut"]["identities"] }) {
  const { t } = useTranslation("frame");
  return of.map(({ kind, value }) => (
    <div key={`${kind}:${value}`} className="contents">
      <dt className="text-muted-foreground">
        {KINDS.includes(kind) ? t(`identity.${kind as "phone"}`) : kind}
      </dt>
      <dd className="break-all">{kind === "phone" ? `+${value}` : value}</dd>
    </div>
  ));
}
