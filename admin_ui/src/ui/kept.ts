/**
 * What a person types into a form, kept in this browser until it is saved: neither a reload, a session that ends nor
 * somebody else's change loses a word. Only fields that were touched are his; all others stay as the server has them.
 * Passwords and other secrets are never kept.
 */
import { useRef, useState } from "react";
import { useSession } from "../api/session";
import { shelf } from "../shelf";
import { isSame, type Mine, meanwhile, read, touched, unsent, untouched, valuesOf, written } from "./typed";

export type Kept<T extends Record<string, unknown>> = {
  /** What the fields show. */
  values: T;
  set: (some: Partial<T>) => void;
  /** Something is not saved. */
  dirty: boolean;
  /** It was typed before this form was opened. */
  found: boolean;
  /** Touched fields that changed on the server too, as they are there now. */
  meanwhile: Partial<T>;
  /** Go on with what was typed, all the same. */
  insist: () => void;
  /** Forget what was typed in these fields; left out: in all. */
  forget: (names?: (keyof T)[]) => void;
  /** What is typed now is on its way to the server. */
  sent: () => void;
  /** What was on its way is saved; what was typed meanwhile is not, and stays. */
  saved: () => void;
};

const nameOf = (user: string, form: string) => `chatloom.form.${user}.${form}`;

/**
 * `form`: its name, one for each thing that is changed; `server`: how that thing is now, or how something new begins;
 * `secret`: fields that are not kept.
 */
export function useKept<T extends Record<string, unknown>>(
  form: string,
  server: T,
  secret: (keyof T)[] = [],
): Kept<T> {
  const session = useSession();
  const [user] = useState("user" in session ? session.user.id : ""); // who began to type, also once he has signed in
  const name = nameOf(user, form);
  const [mine, setMine] = useState<Mine<T>>(() => read(shelf.get(name)));
  const [found, setFound] = useState(() => !isSame(valuesOf(server, mine), server));
  const onItsWay = useRef<Mine<T>>(undefined);
  const latest = useRef(mine); // what was typed while an act was under way is not lost by what it sets
  const put = (next: Mine<T>) => {
    latest.current = next;
    setMine(next);
    const text = written(next, secret as string[]);
    if (text === undefined) shelf.drop(name);
    else shelf.put(name, text);
  };
  const values = valuesOf(server, mine);
  return {
    values,
    set: (some) => put(touched(latest.current, server, some)),
    dirty: !isSame(values, server),
    found,
    meanwhile: meanwhile(mine, server),
    insist: () => put(touched({}, server, values)),
    forget: (names) => {
      setFound(false);
      put(names ? untouched(latest.current, names) : {});
    },
    sent: () => {
      onItsWay.current = latest.current;
    },
    saved: () => {
      setFound(false);
      put(unsent(latest.current, onItsWay.current ?? latest.current));
    },
  };
}
