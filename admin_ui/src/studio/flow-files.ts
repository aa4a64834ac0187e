const ENDS = ["yaml", "yml", "json"];

/** The file of a flow, by its name; undefined: there is none. */
export function fileOfFlow(files: Readonly<Record<string, string>>, name: string): string | undefined {
  return ENDS.map((end) => `flows/${name}.${end}`).find((path) => path in files);
}

const PLACES = ["bot.yaml", "flows/", "texts/", "tests/"];

/** bot.yaml first, then flows, texts and tests, each by name. */
export function byPlace(one: string, other: string): number {
  const place = (path: string) => {
    const at = PLACES.findIndex((each) => path.startsWith(each));
    return at < 0 ? PLACES.length : at;
  };
  return place(one) - place(other) || one.localeCompare(other);
}

/** The file that is shown where none is chosen. */
export function firstOf(paths: string[]): string | undefined {
  return paths.find((path) => path.startsWith("flows/")) ?? paths[0];
}
