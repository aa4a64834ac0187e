import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import { shelf } from "../../shelf";
import type { Limits } from "../../studio/fit";
import { Select } from "../../ui/input";

const CHANNELS = ["cloud_api", "linked_device", "simulator"] as const;
const SHELF = "chatloom.studio.channel";
type Channel = (typeof CHANNELS)[number];

/** The channel that previews are drawn for, a person's last choice; `limits`: undefined until they are there. */
export function useChannel(): {
  name: Channel;
  limits: Limits | undefined;
  choose: (name: Channel) => void;
} {
  const channels = useQuery({
    queryKey: ["channels"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => given(api.GET("/api/v1/channels", { signal })),
  });
  const [name, setName] = useState(() => CHANNELS.find((each) => each === shelf.get(SHELF)) ?? CHANNELS[0]);
  return {
    name,
    limits: channels.data?.find((each) => each.name === name)?.capabilities,
    choose: (chosen) => {
      setName(chosen);
      shelf.put(SHELF, chosen);
    },
  };
}

export function ChannelSelect({ name, onChoose }: { name: Channel; onChoose: (name: Channel) => void }) {
  const { t } = useTranslation("studio");
  return (
    <Select
      aria-label={t("simulator.channel")}
      small
      value={name}
      onChange={(event) => onChoose(event.target.value as Channel)}
    >
      {CHANNELS.map((each) => (
        <option key={each} value={each}>
          {t(`simulator.channels.${each}`)}
        </option>
      ))}
    </Select>
  );
}
