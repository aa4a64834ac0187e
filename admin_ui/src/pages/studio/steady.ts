import { useCallback, useLayoutEffect, useRef } from "react";

/**
 * A handler that stays the same and does what the one that was given last does. xyflow asks every card and way anew when
 * one of its handlers has changed, which costs as much as drawing them.
 */
export function useSteady<Given extends unknown[]>(
  handler: (...given: Given) => void,
): (...given: Given) => void {
  const last = useRef(handler);
  useLayoutEffect(() => {
    last.current = handler;
  });
  return useCallback((...given) => last.current(...given), []);
}
