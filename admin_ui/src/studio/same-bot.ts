type Files = Readonly<Record<string, string>>;

/** Whether a talk with either goes the same: only where cards stand, or what tests say and answer, may differ. */
export function sameBot(one: Files, other: Files): boolean {
  if (one === other) return true;
  const paths = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...paths].every(
    (path) =>
      one[path] === other[path] ||
      path === "layout.json" ||
      path === "stubs.yaml" ||
      path.startsWith("tests/"),
  );
}
