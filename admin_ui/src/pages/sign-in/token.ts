/**
 * The one-time token of a link stands after `#`, which no server sees; it leaves the address bar at once, and lasts in
 * this tab, through a reload, until it is spent.
 */
import { useState } from "react";
import { tabShelf } from "../../shelf";

const kept = () => `chatloom.link.${location.pathname}`;

export function useToken(): string {
  const [token] = useState(() => {
    const given = location.hash.slice(1);
    if (given !== "") tabShelf.put(kept(), given);
    return given || (tabShelf.get(kept()) ?? "");
  });
  if (location.hash !== "") history.replaceState(history.state, "", location.pathname);
  return token;
}

export function spendToken(): void {
  tabShelf.drop(kept());
}
