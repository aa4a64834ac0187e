/** What went wrong, as the API says it (RFC 9457), and how a person is told. */
import i18next from "i18next";
import type { components } from "./schema";

type Document = components["schemas"]["ProblemDocument"] & Record<string, unknown>;

/** One fault of a request's body: `at` is the path in it, such as `name` or `settings.quiet_hours`. */
export type Fault = { at: string; why: string };

export class Problem extends Error {
  override readonly name = "Problem";
  constructor(
    readonly document: Document,
    readonly retryAfter?: number,
  ) {
    super(document.detail);
  }

  get code(): string {
    return this.document.code;
  }

  get status(): number {
    return this.document.status;
  }

  /** Whether trying again later may help. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** Nobody answered at all. */
  static unreachable(cause: unknown): Problem {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    return new Problem({
      type: "about:blank",
      title: "",
      status: 0,
      detail: String(cause),
      code: "unreachable",
    });
  }

  /** What of it belongs to a field of the body. */
  get faults(): Fault[] {
    const errors = this.document.errors;
    if (!Array.isArray(errors)) return [];
    return errors.map((each: { at?: unknown; why?: unknown }) => ({
      at: String(each.at ?? "").replace(/^(body|query|path)\.?/, ""),
      why: String(each.why ?? ""),
    }));
  }

  /** What is said of one field; undefined: nothing. */
  fault(at: string): string | undefined {
    return this.faults.find((each) => each.at === at || each.at.startsWith(`${at}.`))?.why;
  }
}

/** The problem in an answer that is not a success. */
export async function problemOf(answer: Response): Promise<Problem> {
  const after = Number(answer.headers.get("Retry-After")) || undefined;
  try {
    const document: unknown = await answer.clone().json();
    if (typeof document === "object" && document !== null && "code" in document)
      return new Problem(document as Document, after);
  } catch {
    // A proxy's page, not ours: the status says what can be said.
  }
  const title = answer.statusText || `HTTP ${answer.status}`;
  return new Problem(
    { type: "about:blank", title, status: answer.status, detail: title, code: `http.${answer.status}` },
    after,
  );
}

/** In the person's language where the catalogue has the code, else the API's own sentence. */
export function words(error: unknown): { title: string; detail: string } {
  if (!(error instanceof Problem))
    return {
      title: i18next.t("frame:problem.ours"),
      detail: error instanceof Error ? error.message : String(error),
    };
  const key = `problems:${error.code}`;
  if (!i18next.exists(`${key}.detail`)) return { title: error.document.title, detail: error.document.detail };
  // The catalogue of problems is asked by codes that only the server knows.
  const said = i18next.t as (key: string, facts: Record<string, unknown>) => string;
  const facts = { ...error.document, retry_in: error.document.retry_in ?? error.retryAfter };
  return { title: said(`${key}.title`, facts), detail: said(`${key}.detail`, facts) };
}
