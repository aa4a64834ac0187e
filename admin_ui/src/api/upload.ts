/** Files go up by XMLHttpRequest: it alone tells how far they are. */
import { Problem, problemOf } from "./problems";
import { accessToken } from "./session";

/**
 * Posts a file's bytes; `path` begins with /api/. Gives what the API answers. Raises a `Problem`, and what `signal` was
 * aborted with.
 */
export async function upload<T>(
  path: string,
  file: File,
  told: (share: number) => void,
  signal: AbortSignal,
): Promise<T> {
  const token = await accessToken();
  signal.throwIfAborted();
  const request = new XMLHttpRequest();
  const offline = !navigator.onLine;
  const stop = () => request.abort();
  signal.addEventListener("abort", stop);
  try {
    await new Promise<void>((resolve, reject) => {
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) told(event.loaded / event.total);
      };
      request.onload = () => resolve();
      request.onerror = () => reject(Problem.unreachable(new TypeError("the file was not taken"), offline));
      request.onabort = () => reject(signal.reason);
      request.open("POST", path);
      request.setRequestHeader("Authorization", `Bearer ${token}`);
      request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
      request.send(file);
    });
  } finally {
    signal.removeEventListener("abort", stop);
  }
  if (request.status >= 300)
    throw await problemOf(
      new Response(request.responseText, { status: request.status, statusText: request.statusText }),
    );
  return JSON.parse(request.responseText) as T;
}
