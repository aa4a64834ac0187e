import { useTranslation } from "react-i18next";

const KINDS = ["phone", "web", "username", "lid", "bsuid"]; // schemas/messages.py: Identity

/** In which way a channel names somebody. */
export function Identity({ kind }: { kind: string }) {
  const { t } = useTranslation("frame");
  return KINDS.includes(kind) ? t(`identity.${kind as "phone"}`) : kind;
}
