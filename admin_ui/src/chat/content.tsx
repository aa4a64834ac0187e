/** What one message shows: the same for a transcript and for a simulator. */
import { Contact, ExternalLink, FileText, MapPin, ShoppingCart } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "../ui/cn";

/** A message's content as the API has it (schemas/messages.py): told apart by `kind`. */
export type Content = { kind?: string } & Record<string, unknown>;

type Titled = { id: string; title: string; description?: string };

export const words = (value: unknown): string => (typeof value === "string" ? value : "");
const many = <T,>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);

/** `file`: how a file of this message is got, where it is one. */
export function MessageContent({
  content,
  file,
  onChoose,
}: {
  content: Content;
  file?: ReactNode;
  /** What a tap on a choice does; left out: choices are shown, and cannot be tapped. */
  onChoose?: (choice: Titled) => void;
}) {
  const { t } = useTranslation("chat");
  switch (content.kind) {
    case "text":
      return <Words text={words(content.text)} />;
    case "image":
    case "video":
    case "audio":
    case "document":
    case "sticker":
      return (
        <div className="space-y-1.5">
          {file ?? (
            <FileLine
              name={words(content.filename) || t(`kind.${content.kind}`)}
              href={words(content.link)}
            />
          )}
          {words(content.caption) !== "" && <Words text={words(content.caption)} />}
        </div>
      );
    case "location":
      return (
        <a
          className="flex items-center gap-2 underline underline-offset-2"
          href={`https://www.openstreetmap.org/?mlat=${content.latitude}&mlon=${content.longitude}&zoom=16`}
          target="_blank"
          rel="noreferrer noopener"
        >
          <MapPin aria-hidden className="size-4 shrink-0" />
          <span>
            {words(content.name) || t("kind.location")}
            {words(content.address) !== "" && <span className="block text-xs">{words(content.address)}</span>}
          </span>
        </a>
      );
    case "contacts":
      return (
        <ul className="space-y-1">
          {many<{ name: string; phones?: string[]; emails?: string[] }>(content.contacts).map((card) => (
            <li key={card.name} className="flex items-start gap-2">
              <Contact aria-hidden className="mt-0.5 size-4 shrink-0" />
              <span>
                {card.name}
                <span className="block text-xs">
                  {[...(card.phones ?? []), ...(card.emails ?? [])].join(", ")}
                </span>
              </span>
            </li>
          ))}
        </ul>
      );
    case "reaction":
      return <p className="text-lg">{words(content.emoji) || t("unreacted")}</p>;
    case "choice":
      return <Words text={words(content.title)} />;
    case "form":
      return (
        <dl className="grid grid-cols-[fit-content(45%)_minmax(0,1fr)] gap-x-3 gap-y-0.5">
          {Object.entries((content.values ?? {}) as Record<string, unknown>)
            .filter(([name]) => name !== "flow_token")
            .map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="opacity-70">{name}</dt>
                <dd className="break-words">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
              </div>
            ))}
        </dl>
      );
    case "order":
      return (
        <div className="flex items-start gap-2">
          <ShoppingCart aria-hidden className="mt-0.5 size-4 shrink-0" />
          <ul>
            {many<{ product_id: string; quantity: number; price: number; currency: string }>(
              content.items,
            ).map((item) => (
              <li key={item.product_id}>
                {item.quantity} × {item.product_id} · {item.price} {item.currency}
              </li>
            ))}
          </ul>
        </div>
      );
    case "buttons":
      return (
        <Framed content={content}>
          <Choices choices={many<Titled>(content.buttons)} onChoose={onChoose} />
        </Framed>
      );
    case "list":
      return (
        <Framed content={content}>
          {words(content.open_label) !== "" && (
            <p className="pt-1 text-xs opacity-70">{words(content.open_label)}</p>
          )}
          {many<{ title?: string; rows: Titled[] }>(content.sections).map((section) => (
            <div key={section.title ?? section.rows[0]?.id}>
              {section.title && <p className="pt-1 font-medium text-xs">{section.title}</p>}
              <Choices choices={section.rows} onChoose={onChoose} />
            </div>
          ))}
        </Framed>
      );
    case "link":
      return (
        <Framed content={content}>
          <a
            className="flex items-center gap-1.5 pt-1 underline underline-offset-2"
            href={words(content.url)}
            target="_blank"
            rel="noreferrer noopener"
          >
            <ExternalLink aria-hidden className="size-3.5" />
            {words(content.label)}
          </a>
        </Framed>
      );
    case "open_form":
      return (
        <Framed content={content}>
          <p className="pt-1 font-medium">{words(content.label)}</p>
        </Framed>
      );
    case "template":
      return <p>{t("template", { name: words(content.name), language: words(content.language) })}</p>;
    case "deleted":
      return <p className="italic opacity-70">{t("deleted")}</p>;
    case "edited":
      return <Words text={words(content.text)} />;
    case "system":
      return <p className="italic">{words(content.text) || words(content.what)}</p>;
    default:
      return (
        <p className="italic">{t("unreadable", { what: words(content.what) || content.kind || "?" })}</p>
      );
  }
}

function Words({ text }: { text: string }) {
  return <p className="whitespace-pre-wrap break-words">{text}</p>;
}

function Framed({ content, children }: { content: Content; children: ReactNode }) {
  return (
    <div className="space-y-1">
      {words(content.header) !== "" && <p className="font-medium">{words(content.header)}</p>}
      <Words text={words(content.text)} />
      {words(content.footer) !== "" && <p className="text-xs opacity-70">{words(content.footer)}</p>}
      {children}
    </div>
  );
}

function Choices({
  choices,
  onChoose,
}: {
  choices: Titled[];
  onChoose: ((choice: Titled) => void) | undefined;
}) {
  const look = "block w-full rounded-md border border-current/20 px-2 py-1 text-left text-[13px]";
  return (
    <ul className="space-y-1 py-1">
      {choices.map((choice) => (
        <li key={choice.id}>
          {onChoose ? (
            <button
              type="button"
              className={cn(look, "hover:bg-current/10")}
              onClick={() => onChoose(choice)}
            >
              <Choice {...choice} />
            </button>
          ) : (
            <span className={look}>
              <Choice {...choice} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function Choice({ title, description }: Titled) {
  return (
    <>
      {title}
      {description && <span className="block text-xs opacity-70">{description}</span>}
    </>
  );
}

export function FileLine({ name, href }: { name: string; href?: string }) {
  const line = (
    <span className="inline-flex items-center gap-1.5">
      <FileText aria-hidden className="size-4 shrink-0" />
      <span className="break-all">{name}</span>
    </span>
  );
  if (!href) return line;
  return (
    <a href={href} target="_blank" rel="noreferrer noopener" className="underline underline-offset-2">
      {line}
    </a>
  );
}
