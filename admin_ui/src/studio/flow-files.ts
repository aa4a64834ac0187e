const ENDS = ["yaml", "yml", "json"];

/** The file of a flow, by its name; undefined: there is none. */
export function fileOfFlow(files: Readonly<Record<string, string>>, name: string): string | undefined {
  return ENDS.map((end) => `flows/${name}.${end}`).find((path) => path in files);
}
