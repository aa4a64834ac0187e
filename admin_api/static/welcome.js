// The first admin's page. The link's token is taken out of the address at once, and kept in this page only.
const at = (id) => document.getElementById(id);
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

const post = (path, body, method = "POST") =>
  fetch(`/api/v1${path}`, {
    method,
    headers: { "Content-Type": "application/json", "X-Chatloom": "1" },
    body: body && JSON.stringify(body),
  });

const shown = (id) => {
  for (const each of ["wait", "form", "in", "dead"]) at(each).hidden = each !== id;
  at(id).querySelector("input, button")?.focus();
};

const dead = (why) => {
  at("why").textContent = why;
  shown("dead");
};

const signedIn = (user) => {
  at("me").textContent = user.name;
  at("address").textContent = `(${user.email})`;
  at("role").textContent = user.role;
  at("login").textContent = `chatloom login --server ${location.origin}`;
  shown("in");
};

const said = async (answer) => {
  const problem = await answer.json().catch(() => ({}));
  const first = problem.errors?.[0];
  return { code: problem.code, text: first ? `${first.at.split(".").pop()}: ${first.why}` : problem.detail };
};

const begin = async () => {
  if (token) {
    const looked = await post("/first-admin/look", { token });
    if (looked.ok) return shown("form");
    return dead((await said(looked)).text ?? "The server does not answer as it should.");
  }
  const refreshed = await post("/sign-in/refresh"); // the page was loaded again
  if (!refreshed.ok) return dead("A link lets the first admin in once, within a day.");
  return signedIn((await refreshed.json()).user);
};

at("show").addEventListener("change", () => {
  at("password").type = at("show").checked ? "text" : "password";
});

at("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  at("go").disabled = true;
  at("fault").hidden = true;
  try {
    const [email, name, password] = ["email", "name", "password"].map((id) => at(id).value);
    const answer = await post("/first-admin", { token, email, name, password });
    if (answer.ok) return signedIn((await answer.json()).user);
    const { code, text } = await said(answer);
    if (code?.startsWith("first_admin.")) return dead(text);
    at("fault").textContent = text ?? "That did not work. Try again.";
    at("fault").hidden = false;
  } catch {
    at("fault").textContent = "The server cannot be reached. Is it still running?";
    at("fault").hidden = false;
  } finally {
    at("go").disabled = false;
  }
});

at("out").addEventListener("click", async () => {
  await post("/sign-in", undefined, "DELETE");
  dead("You are signed out.");
});

begin().catch(() => dead("The server cannot be reached. Load this page again once it runs."));
