/** The one-time token of a link stands after `#`, which no server sees; it leaves the address bar at once. */
import { useState } from "react";

export function useToken(): string {
  const [token] = useState(() => location.hash.slice(1));
  if (location.hash !== "") history.replaceState(history.state, "", location.pathname);
  return token;
}
