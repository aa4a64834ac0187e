/** In place of rjsf's default for `allOf`: `whole-form` brings the real one, and a plain schema has no `allOf`. */
export default function notMerged(): never {
  throw new Error("a form that is not whole met allOf");
}
