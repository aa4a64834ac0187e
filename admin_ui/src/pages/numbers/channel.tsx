import { Cloud, FlaskConical, type LucideIcon, QrCode, Radio } from "lucide-react";
import { useTranslation } from "react-i18next";

const ICONS: Record<string, LucideIcon> = {
  linked_device: QrCode,
  cloud_api: Cloud,
  simulator: FlaskConical,
};
const NAMED = ["linked_device", "cloud_api", "simulator"] as const;

export function ChannelIcon({ channel, className }: { channel: string; className?: string }) {
  const Icon = ICONS[channel] ?? Radio;
  return <Icon aria-hidden className={className ?? "size-4"} />;
}

export function useChannelName(): (channel: string) => string {
  const { t } = useTranslation("numbers");
  return (channel) => {
    const name = NAMED.find((each) => each === channel);
    return name === undefined ? channel : t(`channel.${name}.name`);
  };
}
