/** What went wrong, as the API says it (RFC 9457), and how a person is told. */
import i18next from "i18next";
import type { components } from "./schema";

type Document = components["schemas"]["ProblemDocument"] & Record<string, unknown>;

/** One fault of a request's body: `at` is the path in it, such as `name` or `settings.quiet_hours`. */
export type Fault = { at: string; why: string };

/** Words of what a value breaks, by the API's kind of fault; the same as forms that a schema draws have. */
const RULES: Record<string, string> = {
  missing: "required",
  string_too_short: "minLength",
  string_too_long: "maxLength",
  too_short: "minItems",
  too_long: "maxItems",
  string_pattern_mismatch: "pattern",
  greater_than: "exclusiveMinimum",
  greater_than_equal: "minimum",
  less_than: "exclusiveMaximum",
  less_than_equal: "maximum",
  literal_error: "enum",
  enum: "enum",
  web_address: "web_address",
  email_address: "email_address",
  json_invalid: "json",
};
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/; // says nothing to a person
const OF_ANOTHER_KIND = /_(type|parsing|from_float)$/;

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

  /** Nobody answered at all. `offline`: there was no net from the first, so nothing was done. */
  static unreachable(cause: unknown, offline: boolean): Problem {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    return new Problem({
      type: "about:blank",
      title: "",
      status: 0,
      detail: String(cause),
      code: offline ? "offline" : "unreachable",
    });
  }

  /** What of it belongs to a field of the body. */
  get faults(): Fault[] {
    const errors = this.document.errors;
    if (!Array.isArray(errors)) return [];
    return errors.map((each: { at?: unknown; why?: unknown; kind?: unknown; limit?: unknown }) => ({
      at: String(each.at ?? "").replace(/^(body|query|path)\.?/, ""),
      why: rule(String(each.kind ?? ""), each.limit) ?? String(each.why ?? ""),
    }));
  }

  /** What is said of one field; undefined: nothing. */
  fault(at: string): string | undefined {
    return this.faults.find((each) => each.at === at || each.at.startsWith(`${at}.`))?.why;
  }
}

/** What is wrong with a value, in the person's language; undefined: only the API can say it. */
function rule(kind: string, limit: unknown): string | undefined {
  const name = RULES[kind] ?? (OF_ANOTHER_KIND.test(kind) ? "type" : undefined);
  if (name === undefined) return undefined;
  const empty = name.startsWith("min") && limit === 1 && name !== "minimum";
  const say = i18next.t as (key: string, facts: Record<string, unknown>) => string;
  return say(`frame:schema.${empty ? "required" : name}`, { limit });
}

/**
 * Where a form says what went wrong: `fault` is what stands at a field, `rest` what is left for the form as a whole.
 * `places`: the field to which a problem belongs, by its code.
 */
export function placed(
  error: unknown,
  fields: readonly string[],
  places: Record<string, string> = {},
): { fault: (at: string) => string | undefined; rest: unknown } {
  if (!(error instanceof Problem)) return { fault: () => undefined, rest: error };
  const place = places[error.code];
  if (place !== undefined)
    return { fault: (at) => (at === place ? words(error).detail : undefined), rest: undefined };
  const { faults } = error;
  const here = ({ at }: Fault) => fields.some((name) => at === name || at.startsWith(`${name}.`));
  const all = faults.length > 0 && faults.every(here);
  return { fault: (at) => error.fault(at), rest: all ? undefined : error };
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
  if (error.code === "not_found" && ID.test(String(error.document.name)))
    return { title: i18next.t("frame:problem.gone"), detail: i18next.t("frame:problem.gone_detail") };
  const key = `problems:${error.code}`;
  if (!i18next.exists(`${key}.detail`)) return { title: error.document.title, detail: error.document.detail };
  // The catalogue of problems is asked by codes that only the server knows.
  const said = i18next.t as (key: string, facts: Record<string, unknown>) => string;
  const [first] = error.faults;
  const facts = {
    ...error.document,
    ...(first ? { first: first.at === "" ? first.why : `${first.at}: ${first.why}` } : {}),
    retry_in: error.document.retry_in ?? error.retryAfter,
  };
  const detail = { ...facts, context: error.document.kind }; // `detail_date`, where a catalogue says it apart
  return { title: said(`${key}.title`, facts), detail: said(`${key}.detail`, detail) };
}
