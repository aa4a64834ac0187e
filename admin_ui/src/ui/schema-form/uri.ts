/** In place of fast-uri, which rjsf brings for schemas that name others: ours name only what is within them. */
export default {
  resolve: (base: string, path: string): string =>
    path.startsWith("#") ? base.replace(/#.*$/, "") + path : path,
  equal: (one: string, other: string): boolean => one.replace(/#$/, "") === other.replace(/#$/, ""),
};
