/** A file that is to be sent: it goes up at once, and is named in the reply. */
import { FileText, Music, Video, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { upload } from "../../api/upload";
import { Button } from "../../ui/button";
import type { Place } from "./queries";
import type { Attached } from "./reply-draft";

type Uploading = { name: string; share: number };

/** One file at a time. `kept`: it is on the server. */
export function useUpload(place: Place, kept: (file: Attached) => void) {
  const [going, setGoing] = useState<Uploading>();
  const [error, setError] = useState<unknown>();
  const [picture, setPicture] = useState<{ ref: string; address: string }>();
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  useEffect(() => (picture ? () => URL.revokeObjectURL(picture.address) : undefined), [picture]);
  const begin = async (file: File) => {
    stop.current?.abort();
    const mine = new AbortController();
    stop.current = mine;
    setError(undefined);
    setGoing({ name: file.name, share: 0 });
    try {
      const path = `/api/v1/numbers/${place.number}/conversations/${place.conversation}/files`;
      const taken = await upload<Schemas["AttachmentOut"]>(
        `${path}?${new URLSearchParams({ filename: file.name.slice(-240) })}`,
        file,
        (share) => setGoing({ name: file.name, share }),
        mine.signal,
      );
      if (taken.kind === "image") setPicture({ ref: taken.ref, address: URL.createObjectURL(file) });
      kept({ ref: taken.ref, kind: taken.kind, filename: taken.filename });
    } catch (problem) {
      if (!mine.signal.aborted) setError(problem);
    } finally {
      if (stop.current === mine) setGoing(undefined);
    }
  };
  const cancel = () => {
    stop.current?.abort();
    setGoing(undefined);
    setError(undefined);
  };
  return { going, error, picture, begin, cancel };
}

const ICONS = { video: Video, audio: Music } as const;

/** What is attached, or on its way up, with a way to take it off again. */
export function AttachedLine({
  file,
  going,
  picture,
  onRemove,
}: {
  file: Attached | null;
  going: Uploading | undefined;
  picture: { ref: string; address: string } | undefined;
  onRemove: () => void;
}) {
  const { t } = useTranslation(["conversations", "chat"]);
  if (!going && !file) return null;
  const name = going?.name || file?.filename || t(`chat:kind.${(file?.kind ?? "document") as "image"}`);
  const Icon = ICONS[file?.kind as keyof typeof ICONS] ?? FileText;
  const shown = !going && file && picture?.ref === file.ref ? picture.address : undefined;
  return (
    <div className="flex max-w-sm items-center gap-2.5 rounded-md border bg-muted/40 p-1.5 text-sm">
      {shown ? (
        <img src={shown} alt="" className="size-12 shrink-0 rounded object-cover" />
      ) : (
        <span className="grid size-8 shrink-0 place-items-center rounded bg-muted text-muted-foreground">
          <Icon aria-hidden className="size-4" />
        </span>
      )}
      <div className="min-w-0 flex-1">
        <p className="truncate">{name}</p>
        {going && (
          <progress
            aria-label={t("file.uploading", { name })}
            value={going.share}
            max={1}
            className="block h-1.5 w-full accent-primary"
          />
        )}
      </div>
      <Button variant="ghost" size="icon-sm" aria-label={t("file.remove", { name })} onClick={onRemove}>
        <X />
      </Button>
    </div>
  );
}
