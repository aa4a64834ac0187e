/** What the checker says, as a sentence begins; a name or a path at its beginning stays as it is written. */
export function sentence(said: string): string {
  return /^\p{Ll}+([ ,'’]|$)/u.test(said) ? said.charAt(0).toLocaleUpperCase() + said.slice(1) : said;
}
