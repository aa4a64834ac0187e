/** What a person has folded, kept in this browser. */
import { useState } from "react";
import { useSession } from "../../api/session";
import { shelf } from "../../shelf";

/** `of`: what has parts that fold. Gives those that are folded, and puts others in their place. */
export function useFolded(of: string): [ReadonlySet<string>, (parts: Iterable<string>) => void] {
  const session = useSession();
  const name = `chatloom.folded.${"user" in session ? session.user.id : ""}.${of}`;
  const [kept, setKept] = useState(() => ({ name, parts: read(name) }));
  if (kept.name !== name) setKept({ name, parts: read(name) });
  const put = (parts: Iterable<string>) => {
    const next = new Set(parts);
    setKept({ name, parts: next });
    if (next.size === 0) shelf.drop(name);
    else shelf.put(name, JSON.stringify([...next]));
  };
  return [kept.name === name ? kept.parts : read(name), put];
}

function read(name: string): ReadonlySet<string> {
  try {
    const parts: unknown = JSON.parse(shelf.get(name) ?? "[]");
    return new Set(Array.isArray(parts) ? parts.filter((each) => typeof each === "string") : []);
  } catch {
    return new Set(); // what cannot be read is none
  }
}
