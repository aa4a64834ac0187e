import { useEffect, useState } from "react";

const CALM_MS = 250;

/** A text as it was at the last pause of who types it. Not `waits`, or another `of`: as it is. */
export function useCalm(text: string, of: string | undefined, waits: boolean): string {
  const [calm, setCalm] = useState({ text, of });
  useEffect(() => {
    const timer = setTimeout(() => setCalm({ text, of }), waits ? CALM_MS : 0);
    return () => clearTimeout(timer);
  }, [text, of, waits]);
  return waits && calm.of === of ? calm.text : text;
}
