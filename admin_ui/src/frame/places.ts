/** The places of the rail. */
import { Bot, Contact, House, type LucideIcon, MessagesSquare, Settings, Smartphone } from "lucide-react";

export type Place = {
  to: string;
  name: "home" | "conversations" | "bots" | "numbers" | "contacts" | "settings";
  icon: LucideIcon;
};

export const PLACES: Place[] = [
  { to: "/", name: "home", icon: House },
  { to: "/conversations", name: "conversations", icon: MessagesSquare },
  { to: "/bots", name: "bots", icon: Bot },
  { to: "/numbers", name: "numbers", icon: Smartphone },
  { to: "/contacts", name: "contacts", icon: Contact },
  { to: "/settings", name: "settings", icon: Settings },
];

/** The place that an address belongs to. */
export function placeOf(path: string): Place | undefined {
  return PLACES.find((each) =>
    each.to === "/" ? path === "/" : path === each.to || path.startsWith(`${each.to}/`),
  );
}
