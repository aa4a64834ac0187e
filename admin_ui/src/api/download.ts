import { authorized } from "./client";
import { problemOf } from "./problems";

/** Hand a file of the API to the browser, to be kept. Raises a `Problem`. */
export async function download(path: string, name: string): Promise<void> {
  const answer = await authorized(path);
  if (!answer.ok) throw await problemOf(answer);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
